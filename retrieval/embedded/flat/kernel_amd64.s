#include "textflag.h"

// func dotsAVX2(codes *byte, levels *int8, dots *int32, lanes, rows int)
//
// A lane is 32 bytes of codes, 64 dimensions. Products of unsigned codes (at most 15) and signed
// levels (at most 127) add up to at most 4·15·127 = 7620 in 16 bits before they are widened.
TEXT ·dotsAVX2(SB), NOSPLIT, $0-40
	MOVQ codes+0(FP), SI
	MOVQ levels+8(FP), DI
	MOVQ dots+16(FP), DX
	MOVQ lanes+24(FP), CX
	MOVQ rows+32(FP), BX

	VPCMPEQW Y14, Y14, Y14
	VPSRLW   $15, Y14, Y14  // ones in 16 bits
	VPCMPEQB Y15, Y15, Y15
	VPSRLW   $12, Y15, Y15
	VPSLLW   $8, Y15, Y13
	VPOR     Y13, Y15, Y15  // 15 in every byte

row:
	VPXOR Y8, Y8, Y8
	MOVQ  DI, R8
	MOVQ  CX, R9

step:
	VMOVDQU     (SI), Y0
	PREFETCHT0  4096(SI)
	VPSRLW      $4, Y0, Y1
	VPAND       Y15, Y0, Y0
	VPAND       Y15, Y1, Y1
	VPMADDUBSW  (R8), Y0, Y0
	VPMADDUBSW  32(R8), Y1, Y1
	VPADDW      Y1, Y0, Y0
	VPMADDWD    Y14, Y0, Y0
	VPADDD      Y0, Y8, Y8
	ADDQ        $32, SI
	ADDQ        $64, R8
	DECQ        R9
	JNZ         step

	VEXTRACTI128 $1, Y8, X9
	VPADDD       X9, X8, X8
	VPSHUFD      $0x4E, X8, X9
	VPADDD       X9, X8, X8
	VPSHUFD      $0xB1, X8, X9
	VPADDD       X9, X8, X8
	VMOVD        X8, (DX)
	ADDQ         $4, DX
	DECQ         BX
	JNZ          row

	VZEROUPPER
	RET
