#include "textflag.h"

// func dotsAVX2(codes *byte, levels *int8, rows *uint32, dots *int32, lanes, count, limit int) (done int)
//
// A lane is 32 bytes of codes, 64 dimensions. Products of unsigned codes (at most 15) and signed
// levels (at most 127) add up to at most 4·15·127 = 7620 in 16 bits before they are widened. While a
// row is worked on, the one eight further in the list is fetched.
TEXT ·dotsAVX2(SB), NOSPLIT, $0-64
	MOVQ codes+0(FP), SI
	MOVQ levels+8(FP), DI
	MOVQ rows+16(FP), R10
	MOVQ dots+24(FP), DX
	MOVQ lanes+32(FP), CX
	MOVQ limit+48(FP), R13
	MOVQ CX, R12
	SHLQ $5, R12            // bytes of a row
	XORL BX, BX             // rows done

	VPCMPEQW Y14, Y14, Y14
	VPSRLW   $15, Y14, Y14  // ones in 16 bits
	VPCMPEQB Y15, Y15, Y15
	VPSRLW   $12, Y15, Y15
	VPSLLW   $8, Y15, Y13
	VPOR     Y13, Y15, Y15  // 15 in every byte

row:
	CMPQ  BX, count+40(FP)
	JGE   done
	MOVL  (R10)(BX*4), AX
	CMPQ  AX, R13
	JAE   done
	IMULQ R12, AX
	ADDQ  SI, AX
	MOVL  32(R10)(BX*4), R11
	IMULQ R12, R11
	ADDQ  SI, R11
	VPXOR Y8, Y8, Y8
	MOVQ  DI, R8
	MOVQ  CX, R9

step:
	VMOVDQU    (AX), Y0
	PREFETCHT0 (R11)
	VPSRLW     $4, Y0, Y1
	VPAND      Y15, Y0, Y0
	VPAND      Y15, Y1, Y1
	VPMADDUBSW (R8), Y0, Y0
	VPMADDUBSW 32(R8), Y1, Y1
	VPADDW     Y1, Y0, Y0
	VPMADDWD   Y14, Y0, Y0
	VPADDD     Y0, Y8, Y8
	ADDQ       $32, AX
	ADDQ       $32, R11
	ADDQ       $64, R8
	DECQ       R9
	JNZ        step

	VEXTRACTI128 $1, Y8, X9
	VPADDD       X9, X8, X8
	VPSHUFD      $0x4E, X8, X9
	VPADDD       X9, X8, X8
	VPSHUFD      $0xB1, X8, X9
	VPADDD       X9, X8, X8
	VMOVD        X8, (DX)(BX*4)
	INCQ         BX
	JMP          row

done:
	MOVQ BX, done+56(FP)
	VZEROUPPER
	RET

// func sieveAVX512(signs *uint64, factors *float32, planes *uint64, list, out *hit, words, count, limit int, step, base, least float32) (passed int)
//
// Each quadword of a register belongs to one of the eight rows of a group. While a group is worked
// on, the one sixteen further in the list is fetched.
TEXT ·sieveAVX512(SB), NOSPLIT, $0-88
	MOVQ         signs+0(FP), SI
	MOVQ         factors+8(FP), DX
	MOVQ         list+24(FP), R8
	MOVQ         out+32(FP), R9
	MOVQ         words+40(FP), R11
	SHLQ         $6, R11                // bytes of a group
	VBROADCASTSS step+64(FP), Y20
	VBROADCASTSS base+68(FP), Y21
	VBROADCASTSS least+72(FP), Y22
	XORL         DI, DI                 // groups passed

group:
	MOVL   (R8), AX
	MOVL   AX, BX
	SHRL   $8, BX
	CMPQ   BX, limit+56(FP)
	JAE    wrong
	MOVQ   BX, R12
	IMULQ  R11, R12
	ADDQ   SI, R12
	MOVL   64(R8), R13
	SHRL   $8, R13
	IMULQ  R11, R13
	ADDQ   SI, R13
	MOVQ   planes+16(FP), R10
	MOVQ   words+40(FP), CX
	VPXORQ Z0, Z0, Z0
	VPXORQ Z1, Z1, Z1
	VPXORQ Z2, Z2, Z2
	VPXORQ Z3, Z3, Z3

word:
	VMOVDQU64   (R12), Z4
	PREFETCHT0  (R13)
	VPANDQ.BCST (R10), Z4, Z5
	VPANDQ.BCST 8(R10), Z4, Z6
	VPANDQ.BCST 16(R10), Z4, Z7
	VPANDQ.BCST 24(R10), Z4, Z8
	VPOPCNTQ    Z5, Z5
	VPOPCNTQ    Z6, Z6
	VPOPCNTQ    Z7, Z7
	VPOPCNTQ    Z8, Z8
	VPADDQ      Z5, Z0, Z0
	VPADDQ      Z6, Z1, Z1
	VPADDQ      Z7, Z2, Z2
	VPADDQ      Z8, Z3, Z3
	ADDQ        $64, R12
	ADDQ        $64, R13
	ADDQ        $32, R10
	DECQ        CX
	JNZ         word

	VPSLLQ    $1, Z1, Z1
	VPSLLQ    $2, Z2, Z2
	VPSLLQ    $3, Z3, Z3
	VPADDQ    Z1, Z0, Z0
	VPSUBQ    Z3, Z2, Z2
	VPADDQ    Z2, Z0, Z0
	VPMOVQD   Z0, Y0
	VCVTDQ2PS Y0, Y0
	VMULPS    Y20, Y0, Y0
	VADDPS    Y21, Y0, Y0
	SHLQ      $5, BX
	VMULPS    (DX)(BX*1), Y0, Y0
	VCMPPS    $13, Y22, Y0, K1          // not less, and no NaN
	KMOVB     K1, R10
	MOVL      AX, BX
	ANDL      BX, R10                   // wanted and passed
	ANDL      $0xffffff00, AX
	ORL       R10, AX
	MOVL      AX, (R9)(DI*4)
	ANDL      $0xff, R10
	CMPL      R10, $1
	SBBQ      $-1, DI                   // one more unless none of the rows passed
	ADDQ      $4, R8
	DECQ      count+48(FP)
	JNZ       group

	MOVQ DI, passed+80(FP)
	VZEROUPPER
	RET

wrong:
	MOVQ $-1, passed+80(FP)
	VZEROUPPER
	RET
