#include "textflag.h"

// Register tiles of the matrix product. One step of k multiplies a column of a by a row of the
// packed panel b; the products stay in registers until k is used up and are then added to c.

// ROW6 multiplies one element of a with the panel row in Y0, Y1.
#define ROW6(address, scalar, left, right) \
	VBROADCASTSS address, scalar; \
	VFMADD231PS  Y0, scalar, left; \
	VFMADD231PS  Y1, scalar, right

// STORE6 adds a finished row to c at DX and moves on to the next.
#define STORE6(left, right) \
	VADDPS  (DX), left, left; \
	VADDPS  32(DX), right, right; \
	VMOVUPS left, (DX); \
	VMOVUPS right, 32(DX); \
	ADDQ    R9, DX

// func tile6x16AVX2(k int, a *float32, lda int, b, c *float32, ldc int)
TEXT ·tile6x16AVX2(SB), NOSPLIT, $0-48
	MOVQ k+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ lda+16(FP), R8
	MOVQ b+24(FP), DI
	MOVQ c+32(FP), DX
	MOVQ ldc+40(FP), R9
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R8)(R8*2), R10
	ADDQ SI, R10                    // row 3 of a

	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	VXORPS Y8, Y8, Y8
	VXORPS Y9, Y9, Y9
	VXORPS Y10, Y10, Y10
	VXORPS Y11, Y11, Y11
	VXORPS Y12, Y12, Y12
	VXORPS Y13, Y13, Y13
	VXORPS Y14, Y14, Y14
	VXORPS Y15, Y15, Y15

step:
	VMOVUPS (DI), Y0
	VMOVUPS 32(DI), Y1
	ROW6((SI), Y2, Y4, Y5)
	ROW6((SI)(R8*1), Y3, Y6, Y7)
	ROW6((SI)(R8*2), Y2, Y8, Y9)
	ROW6((R10), Y3, Y10, Y11)
	ROW6((R10)(R8*1), Y2, Y12, Y13)
	ROW6((R10)(R8*2), Y3, Y14, Y15)
	ADDQ    $4, SI
	ADDQ    $4, R10
	ADDQ    $64, DI
	DECQ    CX
	JNZ     step

	STORE6(Y4, Y5)
	STORE6(Y6, Y7)
	STORE6(Y8, Y9)
	STORE6(Y10, Y11)
	STORE6(Y12, Y13)
	STORE6(Y14, Y15)
	VZEROUPPER
	RET

// func tile1x16AVX2(k int, a, b, c *float32)
TEXT ·tile1x16AVX2(SB), NOSPLIT, $0-32
	MOVQ   k+0(FP), CX
	MOVQ   a+8(FP), SI
	MOVQ   b+16(FP), DI
	MOVQ   c+24(FP), DX
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	SUBQ   $2, CX
	JLT    last

pair:
	VBROADCASTSS (SI), Y0
	VBROADCASTSS 4(SI), Y1
	VFMADD231PS  (DI), Y0, Y4
	VFMADD231PS  32(DI), Y0, Y5
	VFMADD231PS  64(DI), Y1, Y6
	VFMADD231PS  96(DI), Y1, Y7
	ADDQ         $8, SI
	ADDQ         $128, DI
	SUBQ         $2, CX
	JGE          pair

last:
	ADDQ $2, CX
	JZ   done
	VBROADCASTSS (SI), Y0
	VFMADD231PS  (DI), Y0, Y4
	VFMADD231PS  32(DI), Y0, Y5

done:
	VADDPS  Y6, Y4, Y4
	VADDPS  Y7, Y5, Y5
	VADDPS  (DX), Y4, Y4
	VADDPS  32(DX), Y5, Y5
	VMOVUPS Y4, (DX)
	VMOVUPS Y5, 32(DX)
	VZEROUPPER
	RET

// ROW12 and STORE12 are ROW6 and STORE6 for 512-bit registers.
#define ROW12(address, scalar, left, right) \
	VBROADCASTSS address, scalar; \
	VFMADD231PS  Z0, scalar, left; \
	VFMADD231PS  Z1, scalar, right

#define STORE12(left, right) \
	VADDPS  (DX), left, left; \
	VADDPS  64(DX), right, right; \
	VMOVUPS left, (DX); \
	VMOVUPS right, 64(DX); \
	ADDQ    R9, DX

#define ZERO(z) VPXORD z, z, z

// func tile12x32AVX512(k int, a *float32, lda int, b, c *float32, ldc int)
TEXT ·tile12x32AVX512(SB), NOSPLIT, $0-48
	MOVQ k+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ lda+16(FP), R8
	MOVQ b+24(FP), DI
	MOVQ c+32(FP), DX
	MOVQ ldc+40(FP), R9
	SHLQ $2, R8
	SHLQ $2, R9
	LEAQ (R8)(R8*2), AX
	LEAQ (SI)(AX*1), R10            // row 3 of a
	LEAQ (SI)(AX*2), R11            // row 6
	LEAQ (R10)(AX*2), R12           // row 9

	ZERO(Z8)
	ZERO(Z9)
	ZERO(Z10)
	ZERO(Z11)
	ZERO(Z12)
	ZERO(Z13)
	ZERO(Z14)
	ZERO(Z15)
	ZERO(Z16)
	ZERO(Z17)
	ZERO(Z18)
	ZERO(Z19)
	ZERO(Z20)
	ZERO(Z21)
	ZERO(Z22)
	ZERO(Z23)
	ZERO(Z24)
	ZERO(Z25)
	ZERO(Z26)
	ZERO(Z27)
	ZERO(Z28)
	ZERO(Z29)
	ZERO(Z30)
	ZERO(Z31)

step:
	VMOVUPS (DI), Z0
	VMOVUPS 64(DI), Z1
	ROW12((SI), Z2, Z8, Z9)
	ROW12((SI)(R8*1), Z3, Z10, Z11)
	ROW12((SI)(R8*2), Z4, Z12, Z13)
	ROW12((R10), Z5, Z14, Z15)
	ROW12((R10)(R8*1), Z6, Z16, Z17)
	ROW12((R10)(R8*2), Z7, Z18, Z19)
	ROW12((R11), Z2, Z20, Z21)
	ROW12((R11)(R8*1), Z3, Z22, Z23)
	ROW12((R11)(R8*2), Z4, Z24, Z25)
	ROW12((R12), Z5, Z26, Z27)
	ROW12((R12)(R8*1), Z6, Z28, Z29)
	ROW12((R12)(R8*2), Z7, Z30, Z31)
	ADDQ    $4, SI
	ADDQ    $4, R10
	ADDQ    $4, R11
	ADDQ    $4, R12
	ADDQ    $128, DI
	DECQ    CX
	JNZ     step

	STORE12(Z8, Z9)
	STORE12(Z10, Z11)
	STORE12(Z12, Z13)
	STORE12(Z14, Z15)
	STORE12(Z16, Z17)
	STORE12(Z18, Z19)
	STORE12(Z20, Z21)
	STORE12(Z22, Z23)
	STORE12(Z24, Z25)
	STORE12(Z26, Z27)
	STORE12(Z28, Z29)
	STORE12(Z30, Z31)
	VZEROUPPER
	RET

// func tile1x32AVX512(k int, a, b, c *float32)
TEXT ·tile1x32AVX512(SB), NOSPLIT, $0-32
	MOVQ k+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DI
	MOVQ c+24(FP), DX
	ZERO(Z4)
	ZERO(Z5)
	ZERO(Z6)
	ZERO(Z7)
	SUBQ $2, CX
	JLT  last

pair:
	VBROADCASTSS (SI), Z0
	VBROADCASTSS 4(SI), Z1
	VFMADD231PS  (DI), Z0, Z4
	VFMADD231PS  64(DI), Z0, Z5
	VFMADD231PS  128(DI), Z1, Z6
	VFMADD231PS  192(DI), Z1, Z7
	ADDQ         $8, SI
	ADDQ         $256, DI
	SUBQ         $2, CX
	JGE          pair

last:
	ADDQ $2, CX
	JZ   done
	VBROADCASTSS (SI), Z0
	VFMADD231PS  (DI), Z0, Z4
	VFMADD231PS  64(DI), Z0, Z5

done:
	VADDPS  Z6, Z4, Z4
	VADDPS  Z7, Z5, Z5
	VADDPS  (DX), Z4, Z4
	VADDPS  64(DX), Z5, Z5
	VMOVUPS Z4, (DX)
	VMOVUPS Z5, 64(DX)
	VZEROUPPER
	RET
