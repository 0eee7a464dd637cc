#include "textflag.h"

// Vector constants: eight equal lanes, used as 256-bit memory operands.
#define LANES(sym, v) \
	DATA sym<>+0(SB)/4, v; \
	DATA sym<>+4(SB)/4, v; \
	DATA sym<>+8(SB)/4, v; \
	DATA sym<>+12(SB)/4, v; \
	DATA sym<>+16(SB)/4, v; \
	DATA sym<>+20(SB)/4, v; \
	DATA sym<>+24(SB)/4, v; \
	DATA sym<>+28(SB)/4, v; \
	GLOBL sym<>(SB), RODATA|NOPTR, $32

LANES(one, $(1.0))
LANES(half, $(0.5))
LANES(signBit, $0x80000000)
LANES(exponentBias, $127)

// exp(x) = 2ⁿ·exp(r) with x = n·ln2 + r, |r| <= ln2/2, and exp(r) = 1 + r·(1 + r·P(r));
// P is that of Cephes' expf.
LANES(expMin, $(-87.0))
LANES(log2e, $(1.44269504088896341))
LANES(ln2High, $(0.693359375))
LANES(ln2Low, $(-2.12194440e-4))
LANES(expP0, $(1.9875691500e-4))
LANES(expP1, $(1.3981999507e-3))
LANES(expP2, $(8.3334519073e-3))
LANES(expP3, $(4.1665795894e-2))
LANES(expP4, $(1.6666665459e-1))
LANES(expP5, $(5.0000001201e-1))

// erfc(z) = t·A(t)·exp(-z²) with t = 1/(1+p·z), z >= 0: Abramowitz and Stegun, 7.1.26;
// absolute error 1.5e-7.
LANES(sqrtHalf, $(0.70710678118654752))
LANES(erfP, $(0.3275911))
LANES(erfA1, $(0.254829592))
LANES(erfA2, $(-0.284496736))
LANES(erfA3, $(1.421413741))
LANES(erfA4, $(-1.453152027))
LANES(erfA5, $(1.061405429))

// EXP replaces x <= 0 by exp(x), spoiling n and p. Below -87 it gives exp(-87), about 1e-38.
#define EXP(x, n, p) \
	VMAXPS       expMin<>(SB), x, x; \
	VMULPS       log2e<>(SB), x, n; \
	VROUNDPS     $0, n, n; \
	VFNMADD231PS ln2High<>(SB), n, x; \
	VFNMADD231PS ln2Low<>(SB), n, x; \
	VCVTPS2DQ    n, n; \
	VPADDD       exponentBias<>(SB), n, n; \
	VPSLLD       $23, n, n; \
	VMOVUPS      expP0<>(SB), p; \
	VFMADD213PS  expP1<>(SB), x, p; \
	VFMADD213PS  expP2<>(SB), x, p; \
	VFMADD213PS  expP3<>(SB), x, p; \
	VFMADD213PS  expP4<>(SB), x, p; \
	VFMADD213PS  expP5<>(SB), x, p; \
	VFMADD213PS  one<>(SB), x, p; \
	VFMADD213PS  one<>(SB), x, p; \
	VMULPS       n, p, x

// SUM leaves the sum of the eight lanes of y in every lane of x, its lower half; spoils t.
#define SUM(y, x, t) \
	VEXTRACTF128 $1, y, t; \
	VADDPS       t, x, x; \
	VPERMILPS    $0x4e, x, t; \
	VADDPS       t, x, x; \
	VPERMILPS    $0xb1, x, t; \
	VADDPS       t, x, x

// func maxAVX2(x *float32, n int) float32
TEXT ·maxAVX2(SB), NOSPLIT, $0-20
	MOVQ    x+0(FP), SI
	MOVQ    n+8(FP), CX
	VMOVUPS (SI), Y0

loop:
	VMAXPS (SI), Y0, Y0
	ADDQ   $32, SI
	SUBQ   $8, CX
	JG     loop

	VEXTRACTF128 $1, Y0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0x4e, X0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0xb1, X0, X1
	VMAXPS       X1, X0, X0
	VMOVSS       X0, ret+16(FP)
	VZEROUPPER
	RET

// func expSumAVX2(x *float32, n int, peak, scale float32) float32
TEXT ·expSumAVX2(SB), NOSPLIT, $0-28
	MOVQ         x+0(FP), SI
	MOVQ         n+8(FP), CX
	VBROADCASTSS peak+16(FP), Y4
	VBROADCASTSS scale+20(FP), Y5
	VXORPS       Y0, Y0, Y0

loop:
	VMOVUPS (SI), Y1
	VSUBPS  Y4, Y1, Y1
	VMULPS  Y5, Y1, Y1
	EXP(Y1, Y2, Y3)
	VMOVUPS Y1, (SI)
	VADDPS  Y1, Y0, Y0
	ADDQ    $32, SI
	SUBQ    $8, CX
	JG      loop

	SUM(Y0, X0, X1)
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

// func geluAVX2(x *float32, n int)
//
// gelu(x) = max(x, 0) - |x|/2·erfc(|x|/√2), which loses nothing to cancellation for x < 0.
TEXT ·geluAVX2(SB), NOSPLIT, $0-16
	MOVQ   x+0(FP), SI
	MOVQ   n+8(FP), CX
	VXORPS Y15, Y15, Y15

loop:
	VMOVUPS (SI), Y0
	VMOVUPS signBit<>(SB), Y1
	VANDNPS Y0, Y1, Y1              // |x|
	VMULPS  sqrtHalf<>(SB), Y1, Y2  // z
	VMOVUPS erfP<>(SB), Y3
	VFMADD213PS one<>(SB), Y2, Y3
	VMOVUPS one<>(SB), Y4
	VDIVPS  Y3, Y4, Y3              // t
	VMOVUPS erfA5<>(SB), Y4
	VFMADD213PS erfA4<>(SB), Y3, Y4
	VFMADD213PS erfA3<>(SB), Y3, Y4
	VFMADD213PS erfA2<>(SB), Y3, Y4
	VFMADD213PS erfA1<>(SB), Y3, Y4
	VMULPS  Y3, Y4, Y4              // t·A(t)
	VMULPS  Y2, Y2, Y2
	VXORPS  signBit<>(SB), Y2, Y2
	EXP(Y2, Y5, Y6)
	VMULPS  Y2, Y4, Y4              // erfc(z)
	VMULPS  half<>(SB), Y1, Y1
	VMAXPS  Y15, Y0, Y0
	VFNMADD231PS Y1, Y4, Y0
	VMOVUPS Y0, (SI)
	ADDQ    $32, SI
	SUBQ    $8, CX
	JG      loop
	VZEROUPPER
	RET

// func addNormAVX2(x, residual, gain, bias *float32, n int, epsilon float32)
TEXT ·addNormAVX2(SB), NOSPLIT, $0-44
	MOVQ   x+0(FP), DI
	MOVQ   residual+8(FP), SI
	MOVQ   n+32(FP), CX
	VXORPS Y0, Y0, Y0
	XORQ   AX, AX

add:
	VMOVUPS (DI)(AX*4), Y1
	VADDPS  (SI)(AX*4), Y1, Y1
	VMOVUPS Y1, (DI)(AX*4)
	VADDPS  Y1, Y0, Y0
	ADDQ    $8, AX
	CMPQ    AX, CX
	JLT     add

	SUM(Y0, X0, X1)
	VXORPS       X4, X4, X4
	VCVTSI2SSQ   CX, X4, X4
	VDIVSS       X4, X0, X0
	VBROADCASTSS X0, Y0             // mean
	VXORPS       Y2, Y2, Y2
	XORQ         AX, AX

spread:
	VMOVUPS     (DI)(AX*4), Y1
	VSUBPS      Y0, Y1, Y1
	VFMADD231PS Y1, Y1, Y2
	ADDQ        $8, AX
	CMPQ        AX, CX
	JLT         spread

	SUM(Y2, X2, X3)
	VDIVSS       X4, X2, X2
	VADDSS       epsilon+40(FP), X2, X2
	VSQRTSS      X2, X2, X2
	VMOVSS       one<>(SB), X3
	VDIVSS       X2, X3, X2
	VBROADCASTSS X2, Y2             // 1/deviation
	MOVQ         gain+16(FP), R8
	MOVQ         bias+24(FP), R9
	XORQ         AX, AX

normalize:
	VMOVUPS     (DI)(AX*4), Y1
	VSUBPS      Y0, Y1, Y1
	VMULPS      Y2, Y1, Y1
	VMOVUPS     (R8)(AX*4), Y3
	VFMADD213PS (R9)(AX*4), Y1, Y3
	VMOVUPS     Y3, (DI)(AX*4)
	ADDQ        $8, AX
	CMPQ        AX, CX
	JLT         normalize
	VZEROUPPER
	RET
