#include "textflag.h"

// Both kernels work on the eight rows of a group at once, a quadword of a register for each row.
// While a group is worked on, the one sixteen further in the list is fetched.
//
// SI signs, DX factors, R8 list, R9 out, R11 bytes of a group, DI groups passed; for one group: AX its
// entry in the list, BX its number, R12 its signs, R13 the signs of the one to fetch, R10 planes,
// CX words left.
#define BEGIN \
	MOVQ a+0(FP), R14      \
	MOVQ 0(R14), SI        \
	MOVQ 16(R14), DX       \
	MOVQ 24(R14), R8       \
	MOVQ 32(R14), R9       \
	MOVQ 40(R14), R11      \
	SHLQ $6, R11           \
	XORL DI, DI

#define GROUP(wrong) \
	MOVL       (R8), AX       \
	MOVL       AX, BX         \
	SHRL       $8, BX         \
	CMPQ       BX, 56(R14)    \
	JAE        wrong          \
	MOVQ       BX, R12        \
	IMULQ      R11, R12       \
	ADDQ       SI, R12        \
	MOVL       64(R8), R13    \
	SHRL       $8, R13        \
	MOVQ       R13, R10       \
	SHLQ       $5, R10        \
	PREFETCHT0 (DX)(R10*1)    \
	IMULQ      R11, R13       \
	ADDQ       SI, R13        \
	MOVQ       8(R14), R10    \
	MOVQ       40(R14), CX    \
	SHLQ       $5, BX

// PASS takes the rows of the mask in R10 that are wanted; the entry stays unless there are none.
#define PASS(group) \
	MOVL AX, BX            \
	ANDL $0xff, BX         \
	ANDL BX, R10           \
	ANDL $0xffffff00, AX   \
	ORL  R10, AX           \
	MOVL AX, (R9)(DI*4)    \
	CMPL R10, $1           \
	SBBQ $-1, DI           \
	ADDQ $4, R8            \
	DECQ 48(R14)           \
	JNZ  group

// func sieveAVX512(a *sieveArgs) (passed int)
TEXT ·sieveAVX512(SB), NOSPLIT, $0-16
	BEGIN
	VBROADCASTSS 64(R14), Y20
	VBROADCASTSS 68(R14), Y21
	VBROADCASTSS 72(R14), Y22

group:
	GROUP(wrong)
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
	VMULPS    (DX)(BX*1), Y0, Y0
	VCMPPS    $13, Y22, Y0, K1  // not less, and no NaN
	KMOVB     K1, R10
	PASS(group)

	MOVQ DI, passed+8(FP)
	VZEROUPPER
	RET

wrong:
	MOVQ $-1, passed+8(FP)
	VZEROUPPER
	RET

// The number of ones in a half byte (Muła, Kurz and Lemire, Faster population counts using AVX2
// instructions, 2018).
DATA ones<>+0(SB)/8, $0x0302020102010100
DATA ones<>+8(SB)/8, $0x0403030203020201
GLOBL ones<>(SB), RODATA|NOPTR, $16

// COUNT counts the ones of each byte of code that are in a plane as well.
#define COUNT(plane, code, out) \
	VPBROADCASTQ plane(R10), out \
	VPAND        code, out, out  \
	VPSRLW       $4, out, Y10    \
	VPAND        Y15, out, out   \
	VPAND        Y15, Y10, Y10   \
	VPSHUFB      out, Y14, out   \
	VPSHUFB      Y10, Y14, Y10   \
	VPADDB       Y10, out, out

// HALF adds the weighted ones of four rows to positive, and those of the plane of weight -8 to
// negative. A byte holds at most 8·(1+2+4).
#define HALF(code, positive, negative) \
	COUNT(16, code, Y6)               \
	VPADDB  Y6, Y6, Y6                \
	COUNT(8, code, Y7)                \
	VPADDB  Y7, Y6, Y6                \
	VPADDB  Y6, Y6, Y6                \
	COUNT(0, code, Y7)                \
	VPADDB  Y7, Y6, Y6                \
	VPSADBW Y13, Y6, Y6               \
	VPADDQ  Y6, positive, positive    \
	COUNT(24, code, Y7)               \
	VPSADBW Y13, Y7, Y7               \
	VPADDQ  Y7, negative, negative

// func sieveAVX2(a *sieveArgs) (passed int)
TEXT ·sieveAVX2(SB), NOSPLIT, $0-16
	BEGIN
	VBROADCASTSS   64(R14), Y9
	VBROADCASTSS   68(R14), Y11
	VBROADCASTSS   72(R14), Y12
	VPXOR          Y13, Y13, Y13
	VBROADCASTI128 ones<>(SB), Y14
	VPCMPEQB       Y15, Y15, Y15
	VPSRLW         $12, Y15, Y15
	VPACKUSWB      Y15, Y15, Y15  // 15 in every byte

group:
	GROUP(wrong)
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3

word:
	VMOVDQU    (R12), Y4
	VMOVDQU    32(R12), Y5
	PREFETCHT0 (R13)
	HALF(Y4, Y0, Y1)
	HALF(Y5, Y2, Y3)
	ADDQ       $64, R12
	ADDQ       $64, R13
	ADDQ       $32, R10
	DECQ       CX
	JNZ        word

	VPSLLQ    $3, Y1, Y1
	VPSLLQ    $3, Y3, Y3
	VPSUBQ    Y1, Y0, Y0
	VPSUBQ    Y3, Y2, Y2
	VSHUFPS   $0x88, Y2, Y0, Y0
	VPERMQ    $0xD8, Y0, Y0     // the low halves of eight quadwords
	VCVTDQ2PS Y0, Y0
	VMULPS    Y9, Y0, Y0
	VADDPS    Y11, Y0, Y0
	VMULPS    (DX)(BX*1), Y0, Y0
	VCMPPS    $13, Y12, Y0, Y0  // not less, and no NaN
	VMOVMSKPS Y0, R10
	PASS(group)

	MOVQ DI, passed+8(FP)
	VZEROUPPER
	RET

wrong:
	MOVQ $-1, passed+8(FP)
	VZEROUPPER
	RET
