package privacy

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Numbers in these tests are computed, not those of persons: the identity numbers use birth dates
// and serials chosen here.
func TestMask(t *testing.T) {
	tests := []struct {
		name, text, want string
		kinds            []Kind
	}{
		{"identity", "身份证号11010119900307002X，请核对", "身份证号1101＊＊＊＊＊＊＊＊＊＊002X，请核对", []Kind{Identity}},
		{"identity with wrong check digit beside its label", "身份证号码：110101199003070021", "身份证号码：1101＊＊＊＊＊＊＊＊＊＊0021", []Kind{Identity}},
		{"the same without label", "流水110101199003070021", "流水110101199003070021", nil},
		{"full width", "１１０１０１１９９００３０７００２Ｘ", "1101＊＊＊＊＊＊＊＊＊＊002X", []Kind{Identity}},
		{"old identity", "证件330602800101123办理", "证件3306＊＊＊＊＊＊＊1123办理", []Kind{Identity}},
		{"mobile", "请打13800001234或+86 138-0000-1234", "请打138＊＊＊＊1234或+86138＊＊＊＊1234", []Kind{Mobile}},
		{"bank card", "卡号6222 0200 0000 0000 000", "卡号6222＊＊＊＊＊＊＊＊＊＊＊0000", []Kind{BankCard}},
		{"name", "姓名：张小明，联系人：欧阳春 电话0570-88001203", "姓名：张＊＊，联系人：欧阳＊ 电话0570-88001203", []Kind{Name}},
		{"row of a table", "| 姓名 | 李雷 | 住址 | 越州市某路3号501室 |", "| 姓名 | 李＊ | 住址 | ＊＊＊ |", []Kind{Name, Address}},
		{"home", "家住百合小区3幢2单元501室。", "家住百合小区＊＊＊。", []Kind{Address}},
		{"two numbers in a row", "13380800 13800001234 13900001234", "13380800 138＊＊＊＊1234 139＊＊＊＊1234", []Kind{Mobile}},
		{"office telephones", "咨询电话：0570-88003301、12345、400-100-1000", "咨询电话：0570-88003301、12345、400-100-1000", nil},
		{"office address", "地址：越州市解放大道2号政务服务中心1号楼205室", "地址：越州市解放大道2号政务服务中心1号楼205室", nil},
		{"codes", "越人社发〔2025〕3号，事项编码11339900MB0X01234R2339014013000，统一社会信用代码113306000025000000", "越人社发〔2025〕3号，事项编码11339900MB0X01234R2339014013000，统一社会信用代码113306000025000000", nil},
		{"amounts and dates", "投资13800000000元，自2025年3月1日起，20250301", "投资13800000000元，自2025年3月1日起，20250301", nil},
		{"label without a name", "联系人：市人社局，申请人：应当提交", "联系人：市人社局，申请人：应当提交", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, kinds := Mask(tt.text)
			if got != tt.want {
				t.Errorf("Mask(%q):\n got %q\nwant %q", tt.text, got, tt.want)
			}
			if diff := cmp.Diff(tt.kinds, kinds); diff != "" {
				t.Errorf("kinds (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextRedactsItself(t *testing.T) {
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("asked", "question", Text("我的手机13800001234"))
	if strings.Contains(b.String(), "13800001234") {
		t.Errorf("log line shows the number: %s", b.String())
	}
}

func FuzzMask(f *testing.F) {
	f.Add("姓名：张小明 11010119900307002X 13800001234")
	f.Add("小区3幢5室| 住址 |1号")
	f.Fuzz(func(t *testing.T, text string) {
		masked, found := Mask(text)
		again, more := Mask(masked)
		if again != masked || len(more) > 0 {
			t.Fatalf("masking %q again changed %q to %q (%v)", text, masked, again, more)
		}
		if len(found) == 0 && masked != text {
			t.Fatalf("%q changed without a finding", text)
		}
	})
}

func BenchmarkMask(b *testing.B) {
	text := strings.Repeat("申请人应当自2025年3月1日起向越州市人力资源和社会保障局提出申请，联系人：王小明，手机13800001234。", 2000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Mask(text)
	}
}
