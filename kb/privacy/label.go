package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// label introduces personal data. Each is followed by a colon or, in a table, a cell border.
type label struct {
	word string
	kind Kind
}

var labels = []label{
	{"姓名", Name}, {"联系人", Name}, {"申请人", Name}, {"经办人", Name}, {"收款人", Name}, {"户主", Name}, {"当事人", Name},
	{"持卡人", Name}, {"监护人", Name}, {"患者", Name}, {"来信人", Name}, {"反映人", Name}, {"举报人", Name},
	{"家庭住址", Address}, {"家庭地址", Address}, {"居住地址", Address}, {"户籍地址", Address}, {"现住址", Address}, {"住址", Address}, {"住所地", Address},
}

// labelledAt reads a label at byte at with the personal data after it.
func labelledAt(text string, at int) (finding, bool) {
	for _, l := range labels {
		rest, ok := strings.CutPrefix(text[at:], l.word)
		if !ok {
			continue
		}
		value := strings.TrimLeft(rest, " \u3000")
		value = strings.TrimLeft(value, "：:|")
		if len(value) == len(rest) || !hasMark(rest[:len(rest)-len(value)]) {
			continue
		}
		start := len(text) - len(value)
		start += len(value) - len(strings.TrimLeft(value, " \u3000"))
		if l.kind == Name {
			return nameAt(text, start)
		}
		return addressAt(text, start)
	}
	return finding{}, false
}

func hasMark(s string) bool { return strings.ContainsAny(s, "：:|") }

// surnames are the commonest, some 95 % of all persons, and the compound ones.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"

var compoundSurnames = []string{"欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯", "端木"}

// notNames are words that begin with a surname and stand where names do.
var notNames = []string{"单位", "应当", "向其", "任何", "明确", "成功", "符合", "解释", "关于", "万元", "全部", "全体", "连续", "管理", "时间", "方式", "常住", "包括", "成员", "文件", "安全", "项目", "计划", "华侨", "经办", "农业", "农民"}

// nameAt reads a personal name at byte at: a surname with one or two characters, which end there.
func nameAt(text string, at int) (finding, bool) {
	end, runes := at, 0
	for i, r := range text[at:] {
		if !unicode.Is(unicode.Han, r) && r != '·' {
			break
		}
		runes++
		end = at + i + utf8.RuneLen(r)
		if runes > 4 {
			return finding{}, false
		}
	}
	name := text[at:end]
	for _, w := range notNames {
		if strings.HasPrefix(name, w) {
			return finding{}, false
		}
	}
	family := familyLength(name)
	given := runes - utf8.RuneCountInString(name[:family])
	if family == 0 || given < 1 || given > 2 || isOffice(name) {
		return finding{}, false
	}
	return finding{start: at, end: end, kind: Name, with: name[:family] + strings.Repeat(string(Mark), given)}, true
}

func familyLength(name string) int {
	for _, c := range compoundSurnames {
		if strings.HasPrefix(name, c) && len(name) > len(c) {
			return len(c)
		}
	}
	r, n := utf8.DecodeRuneInString(name)
	if n > 0 && strings.ContainsRune(surnames, r) {
		return n
	}
	return 0
}

// isOffice reports whether the word is an office or a role rather than a person.
func isOffice(name string) bool {
	for _, e := range []string{"局", "处", "科", "办", "部", "室", "厅", "委", "会", "所", "中心", "大厅", "窗口", "公司", "银行", "单位", "人", "者", "员"} {
		if strings.HasSuffix(name, e) {
			return true
		}
	}
	return false
}

// addressAt reads the address after a label up to the end of its clause. One without a number of a
// house or door is not that of a home.
func addressAt(text string, at int) (finding, bool) {
	const longest = 240
	end := min(len(text), at+longest+1)
	if i := strings.IndexAny(text[at:end], "。；，,;\n|（("); i >= 0 {
		end = at + i
	}
	value := strings.TrimRightFunc(text[at:end], unicode.IsSpace)
	if len(value) > longest || !hasDoor(value) {
		return finding{}, false
	}
	return finding{start: at, end: at + len(value), kind: Address, with: strings.Repeat(string(Mark), 3)}, true
}

// doors are the units that follow the number of a house, stair or flat.
var doors = []string{"号", "室", "幢", "栋", "单元", "弄", "户", "楼", "座", "组"}

func hasDoor(s string) bool {
	for i := range s {
		if _, n := doorAt(s[i:]); n > 0 {
			return true
		}
	}
	return false
}

// doorAt reads 501室 or 3幢 at the head of s.
func doorAt(s string) (unit string, length int) {
	at := 0
	for at < len(s) {
		_, n := digit(s[at:])
		if n == 0 {
			break
		}
		at += n
	}
	if at == 0 {
		return "", 0
	}
	for _, d := range doors {
		if strings.HasPrefix(s[at:], d) {
			return d, at + len(d)
		}
	}
	return "", 0
}

// homes end the names of housing estates.
var homes = []string{"小区", "花园", "家园", "新村", "公寓", "嘉园", "花苑", "名苑", "雅苑", "佳苑", "新苑"}

// homeAt reads 某某小区3幢2单元501室 in running text: an estate followed by house and flat. The house
// and the flat are masked, the estate stays.
func homeAt(text string, at int) (finding, bool) {
	for _, h := range homes {
		rest, ok := strings.CutPrefix(text[at:], h)
		if !ok {
			continue
		}
		start, length, flat := at+len(h), 0, false
		for {
			unit, n := doorAt(rest[length:])
			if n == 0 {
				break
			}
			flat = unit == "室" || unit == "户"
			length += n
		}
		if flat {
			return finding{start: start, end: start + length, kind: Address, with: strings.Repeat(string(Mark), 3)}, true
		}
	}
	return finding{}, false
}
