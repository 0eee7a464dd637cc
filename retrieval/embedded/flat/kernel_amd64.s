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
