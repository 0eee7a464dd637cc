package figures

type unit struct {
	kind        Kind
	canonical   string
	needsPrefix bool // a figure of this kind only behind 第
}

// units are looked up longest first. 年, 月 and 号 of dates are read before, see date.
var units = map[string]unit{
	"元": {Money, "元", false}, "块": {Money, "元", false}, "块钱": {Money, "元", false}, "圆": {Money, "元", false}, "元人民币": {Money, "元", false},

	"个工作日": {Duration, "个工作日", false}, "工作日": {Duration, "个工作日", false},
	"个自然日": {Duration, "个自然日", false}, "自然日": {Duration, "个自然日", false},
	"年": {Duration, "年", false}, "周年": {Duration, "年", false}, "个月": {Duration, "个月", false},
	"周": {Duration, "周", false}, "日": {Duration, "日", false}, "天": {Duration, "日", false},
	"小时": {Duration, "小时", false}, "个小时": {Duration, "小时", false}, "分钟": {Duration, "分钟", false}, "学年": {Duration, "学年", false},

	"岁": {Age, "岁", false}, "周岁": {Age, "岁", false},

	"人": {Count, "人", false}, "名": {Count, "人", false}, "位": {Count, "人", false}, "次": {Count, "次", false},
	"份": {Count, "份", false}, "套": {Count, "套", false}, "户": {Count, "户", false}, "家": {Count, "家", false},
	"件": {Count, "件", false}, "张": {Count, "张", false}, "个": {Count, "个", false}, "倍": {Count, "倍", false},
	"平方米": {Count, "平方米", false}, "㎡": {Count, "平方米", false}, "平米": {Count, "平方米", false},
	"公里": {Count, "公里", false}, "吨": {Count, "吨", false}, "枚": {Count, "枚", false}, "本": {Count, "本", false}, "台": {Count, "台", false}, "辆": {Count, "辆", false}, "学时": {Count, "学时", false}, "课时": {Count, "课时", false},
	"类": {Count, "类", false}, "种": {Count, "种", false}, "档": {Count, "档", false}, "孩": {Ordinal, "孩", false},

	"条": {Ordinal, "条", true}, "款": {Ordinal, "款", true}, "项": {Ordinal, "项", true}, "章": {Ordinal, "章", true},
	"节": {Ordinal, "节", true}, "届": {Ordinal, "届", true}, "批": {Ordinal, "批", true}, "号": {Ordinal, "号", false},
	"楼": {Ordinal, "楼", false}, "层": {Ordinal, "层", false}, "级": {Ordinal, "级", false}, "等": {Ordinal, "等", true},
}

// maxUnitRunes is the length of the longest unit.
const maxUnitRunes = 4

// unit returns the longest unit at rune i and its length in runes, 0 where there is none.
func (s *scanner) unit(i int) (unit, int) {
	for n := min(maxUnitRunes, len(s.runes)-i); n > 0; n-- {
		if u, ok := units[string(s.runes[i:i+n])]; ok {
			return u, n
		}
	}
	return unit{}, 0
}
