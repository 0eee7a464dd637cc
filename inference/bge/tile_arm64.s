#include "textflag.h"

// ROW multiplies the next element of a, at address, with the panel row in V4-V7.
#define ROW(address, c0, c1, c2, c3) \
	VLD1R.P 4(address), [V0.S4]; \
	VFMLA   V4.S4, V0.S4, c0.S4; \
	VFMLA   V5.S4, V0.S4, c1.S4; \
	VFMLA   V6.S4, V0.S4, c2.S4; \
	VFMLA   V7.S4, V0.S4, c3.S4

// STORE adds a finished row to c. The ones in V1 make a sum of a product: the assembler knows no
// plain sum of float vectors.
#define STORE(address, c0, c1, c2, c3) \
	VLD1  (address), [V4.S4, V5.S4, V6.S4, V7.S4]; \
	VFMLA V1.S4, c0.S4, V4.S4; \
	VFMLA V1.S4, c1.S4, V5.S4; \
	VFMLA V1.S4, c2.S4, V6.S4; \
	VFMLA V1.S4, c3.S4, V7.S4; \
	VST1  [V4.S4, V5.S4, V6.S4, V7.S4], (address)

#define ZERO(c0, c1, c2, c3) \
	VEOR c0.B16, c0.B16, c0.B16; \
	VEOR c1.B16, c1.B16, c1.B16; \
	VEOR c2.B16, c2.B16, c2.B16; \
	VEOR c3.B16, c3.B16, c3.B16

// func tile4x16NEON(k int, a *float32, lda int, b, c *float32, ldc int)
TEXT ·tile4x16NEON(SB), NOSPLIT, $0-48
	MOVD k+0(FP), R0
	MOVD a+8(FP), R1
	MOVD lda+16(FP), R5
	MOVD b+24(FP), R6
	MOVD c+32(FP), R7
	MOVD ldc+40(FP), R8
	LSL  $2, R5
	LSL  $2, R8
	ADD  R5, R1, R2
	ADD  R5, R2, R3
	ADD  R5, R3, R4
	ZERO(V16, V17, V18, V19)
	ZERO(V20, V21, V22, V23)
	ZERO(V24, V25, V26, V27)
	ZERO(V28, V29, V30, V31)

step:
	VLD1.P 64(R6), [V4.S4, V5.S4, V6.S4, V7.S4]
	ROW(R1, V16, V17, V18, V19)
	ROW(R2, V20, V21, V22, V23)
	ROW(R3, V24, V25, V26, V27)
	ROW(R4, V28, V29, V30, V31)
	SUB    $1, R0
	CBNZ   R0, step

	FMOVS $1.0, F1
	VDUP  V1.S[0], V1.S4
	STORE(R7, V16, V17, V18, V19)
	ADD   R8, R7
	STORE(R7, V20, V21, V22, V23)
	ADD   R8, R7
	STORE(R7, V24, V25, V26, V27)
	ADD   R8, R7
	STORE(R7, V28, V29, V30, V31)
	RET

// func tile1x16NEON(k int, a, b, c *float32)
TEXT ·tile1x16NEON(SB), NOSPLIT, $0-32
	MOVD k+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R6
	MOVD c+24(FP), R7
	ZERO(V16, V17, V18, V19)

step:
	VLD1.P 64(R6), [V4.S4, V5.S4, V6.S4, V7.S4]
	ROW(R1, V16, V17, V18, V19)
	SUB    $1, R0
	CBNZ   R0, step

	FMOVS $1.0, F1
	VDUP  V1.S[0], V1.S4
	STORE(R7, V16, V17, V18, V19)
	RET
