#include "textflag.h"

// EIGHT loads into the bytes of R15 eight numbers of occurrences that begin at bit OFFSET.
#define EIGHT(OFFSET) \
	MOVQ  OFFSET, R15          \
	SHRQ  $3, R15              \
	MOVQ  (R11)(R15*1), R15    \
	ANDQ  $7, OFFSET           \
	SHRXQ OFFSET, R15, R15     \
	PDEPQ BX, R15, R15

// func addBitsAVX512(a *addition)
TEXT ·addBitsAVX512(SB), NOSPLIT, $16-8
	MOVQ         a+0(FP), AX
	MOVQ         0(AX), SI      // words of the block
	MOVQ         8(AX), CX
	MOVQ         CX, words-8(SP)
	MOVQ         16(AX), DI     // words of the set within, or nil
	MOVQ         24(AX), R8     // words of touched
	MOVQ         32(AX), R9     // sums
	MOVQ         40(AX), R10    // lengths
	MOVQ         48(AX), R11    // numbers of occurrences less one
	MOVQ         56(AX), R13    // their bits
	MOVQ         64(AX), BX     // as many low bits of every byte
	VBROADCASTSS 72(AX), Z16    // gain
	VBROADCASTSS 76(AX), Z17    // base
	VBROADCASTSS 80(AX), Z18    // slope
	MOVL         $1, DX
	VPBROADCASTD DX, Z19
	VCVTDQ2PS    Z19, Z20
	XORQ         R12, R12       // bits of numbers passed
	XORQ         R14, R14       // postings up to the end of the word

word:
	DECQ    words-8(SP)
	JLT     done
	MOVQ    (SI), AX
	POPCNTQ AX, DX
	ADDQ    DX, R14
	CMPQ    R14, $128
	JGT     done                // damaged
	MOVQ    AX, DX
	TESTQ   DI, DI
	JZ      all
	ANDQ    (DI), DX
	ADDQ    $8, DI

all:
	ORQ  DX, (R8)
	ADDQ $8, R8
	ADDQ $8, SI
	MOVQ $4, groups-16(SP)

group:
	TESTW     DX, DX
	JZ        next
	KMOVW     AX, K1
	KMOVW     DX, K2
	VMOVAPS   Z20, Z0
	TESTQ     R13, R13
	JZ        once
	MOVQ      R12, CX
	EIGHT(CX)
	VMOVQ     R15, X1
	LEAQ      (R12)(R13*8), CX
	EIGHT(CX)
	VPINSRQ   $1, R15, X1, X1
	VPMOVZXBD X1, Z1
	VPADDD    Z19, Z1, Z1
	VPEXPANDD.Z Z1, K1, Z1
	VCVTDQ2PS Z1, Z0

once:
	VMOVDQU32.Z (R10), K2, Z2
	VCVTUDQ2PS  Z2, Z2
	VMULPS      Z18, Z2, Z2
	VADDPS      Z17, Z2, Z2
	VADDPS      Z2, Z0, Z2
	VMULPS      Z16, Z0, Z0
	VDIVPS      Z2, Z0, Z0
	VMOVUPS.Z   (R9), K2, Z3
	VADDPS      Z0, Z3, Z3
	VMOVUPS     Z3, K2, (R9)

next:
	MOVWLZX AX, CX
	POPCNTQ CX, CX
	IMULQ   R13, CX
	ADDQ    CX, R12
	ADDQ    $64, R9
	ADDQ    $64, R10
	SHRQ    $16, AX
	SHRQ    $16, DX
	DECQ    groups-16(SP)
	JNZ     group
	JMP     word

done:
	VZEROUPPER
	RET

// func aboveAVX512(sums *float32, least float32) uint64
TEXT ·aboveAVX512(SB), NOSPLIT, $0-24
	MOVQ         sums+0(FP), SI
	VBROADCASTSS least+8(FP), Z0
	VCMPPS       $2, 0(SI), Z0, K1
	VCMPPS       $2, 64(SI), Z0, K2
	VCMPPS       $2, 128(SI), Z0, K3
	VCMPPS       $2, 192(SI), Z0, K4
	KMOVW        K1, AX
	KMOVW        K2, BX
	KMOVW        K3, CX
	KMOVW        K4, DX
	SHLQ         $16, BX
	SHLQ         $32, CX
	SHLQ         $48, DX
	ORQ          BX, AX
	ORQ          DX, CX
	ORQ          CX, AX
	VZEROUPPER
	MOVQ         AX, ret+16(FP)
	RET

// func addSlotsAVX512(a *addition, base, slots uint32)
TEXT ·addSlotsAVX512(SB), NOSPLIT, $0-16
	MOVQ         a+0(FP), AX
	MOVQ         0(AX), SI      // differences of two bytes
	MOVQ         8(AX), R14     // postings left
	MOVQ         16(AX), DI     // words of the set within, or nil
	MOVQ         32(AX), R9     // sums
	MOVQ         40(AX), R10    // lengths
	MOVQ         48(AX), R11    // numbers of occurrences less one
	MOVQ         56(AX), R13    // their bits
	MOVQ         64(AX), BX     // as many low bits of every byte
	VBROADCASTSS 72(AX), Z16    // gain
	VBROADCASTSS 76(AX), Z17    // base of the norm
	VBROADCASTSS 80(AX), Z18    // slope
	MOVL         base+8(FP), DX
	VPBROADCASTD DX, Z21
	MOVL         slots+12(FP), DX
	VPBROADCASTD DX, Z22
	MOVL         $1, DX
	VPBROADCASTD DX, Z19
	VCVTDQ2PS    Z19, Z20
	MOVL         $31, DX
	VPBROADCASTD DX, Z23
	XORQ         R12, R12       // bits of numbers passed

group:
	TESTQ       R14, R14
	JLE         done
	MOVL        $0xffff, DX
	CMPQ        R14, $16
	JGE         full
	MOVQ        R14, CX
	MOVL        $1, DX
	SHLL        CX, DX
	DECL        DX

full:
	KMOVW       DX, K1
	VPMOVZXWD.Z (SI), K1, Z1
	VPADDD      Z21, Z1, Z1
	VPCMPUD     $1, Z22, Z1, K1, K2 // only slots there are
	TESTQ       DI, DI
	JZ          all
	VPSRLD      $5, Z1, Z2
	KMOVW       K2, K3
	VPXORD      Z3, Z3, Z3
	VPGATHERDD  (DI)(Z2*4), K3, Z3
	VPANDD      Z23, Z1, Z2
	VPSRLVD     Z2, Z3, Z3
	VPTESTMD    Z19, Z3, K2, K2

all:
	KORTESTW    K2, K2
	JZ          next
	VMOVAPS     Z20, Z0
	TESTQ       R13, R13
	JZ          once
	MOVQ        R12, CX
	EIGHT(CX)
	VMOVQ       R15, X2
	LEAQ        (R12)(R13*8), CX
	EIGHT(CX)
	VPINSRQ     $1, R15, X2, X2
	VPMOVZXBD   X2, Z2
	VPADDD      Z19, Z2, Z2
	VCVTDQ2PS   Z2, Z0

once:
	VPXORD     Z2, Z2, Z2
	KMOVW      K2, K3
	VPGATHERDD (R10)(Z1*4), K3, Z2
	VCVTUDQ2PS Z2, Z2
	VMULPS     Z18, Z2, Z2
	VADDPS     Z17, Z2, Z2
	VADDPS     Z2, Z0, Z2
	VMULPS     Z16, Z0, Z0
	VDIVPS     Z2, Z0, Z0
	VXORPS     Z3, Z3, Z3
	KMOVW      K2, K3
	VGATHERDPS (R9)(Z1*4), K3, Z3
	VADDPS     Z0, Z3, Z3
	VSCATTERDPS Z3, K2, (R9)(Z1*4)

next:
	MOVQ R13, CX
	SHLQ $4, CX
	ADDQ CX, R12
	ADDQ $32, SI
	SUBQ $16, R14
	JMP  group

done:
	VZEROUPPER
	RET
