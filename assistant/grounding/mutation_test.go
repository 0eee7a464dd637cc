package grounding

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// mutation makes lies of an honest sentence. Each result says something else than the evidence.
type mutation struct {
	kind string
	make func(sentence string, e Evidence) []string
	// silent takes the question away, which would otherwise state the condition that is dropped.
	silent bool
	// added lies stand beside the sentence and are much alike.
	added bool
}

var mutations = []mutation{
	{"digit", otherDigits, false, false},
	{"figure of the same passage", otherFigures, false, false},
	{"case of the same passage", otherCases, false, false},
	{"period", swaps("每月|每个月>一次性", "每月|每个月>每年", "一次性>每月", "每年>每月", "每季度|按季度>每月"), false, false},
	{"working days", swaps("个工作日>日", "(\\d)日内>${1}个工作日内", "(\\d)天>${1}个工作日"), false, false},
	{"ten thousand", swaps("([1-9]\\d*)元>${1}万元", "(\\d)万元>${1}元"), false, false},
	{"denial dropped", swaps("不能|不得>可以", "不再|不予>", "不用|无需|无须|不需要>需要", "不(受|设|计入|算|收|含|适用|补发|享受|追溯)>$1", "没有(办理|在)>$1"), false, false},
	{"denial added", swaps("(^|[^不])可以>${1}不可以", "(^|[^不无])(需要|应当|须|应)>${1}无须", "^([^不没无未停]*?)享受>${1}不享受"), false, false},
	{"bound turned", swaps("以上>以下", "以下>以上", "不超过>不少于", "最高>最低", "最长>最短", "未满>年满", "不低于>不高于", "至少>至多", "最多>最少", "年满>未满"), false, false},
	{"bound dropped", swaps("(最高|最长|最多|不超过|未满|不低于)((?:可?(?:累计)?(?:领取?|贷款|发放|享受)?)?\\d)>$2", "(\\d(?:岁|周岁|年|个月|万元|元))(以上|以下)>$1"), false, false},
	{"condition dropped", swaps("^[^，]*的，>", "^[^，]*(?:时|后)，>"), true, false},
	{"restriction dropped", swaps("首次>", "连续>", "全日制>", "合法稳定>", "本市户籍且?>", "签约的?>", "首套>"), true, false},
	{"clause invented", swaps("^>根据第二十八条，", "^>按照越政发〔2019〕77号，", "^>依据《越州市促进条例》，"), false, true},
	{"more invented", swaps("[。：]$>，并另行奖励500元。", "[。：]$>，逾期视为自动放弃。", "[。：]$>，须由社区盖章确认。", "[。：]$>，同时优先安排落户。"), false, true},
	{"promise", swaps("[。：]$>，保证审批通过。", "^>作为AI助手，我认为"), false, true},
	{"other place", swaps("市级>省级", "区级>市级", "^>杭州市规定，", "鉴湖区>稽阳区", "曹江区>鉴湖区"), false, true},
}

// swaps replaces one match at a time; a rule is written pattern>replacement.
func swaps(rules ...string) func(string, Evidence) []string {
	return func(sentence string, _ Evidence) []string {
		var lies []string
		for _, rule := range rules {
			pattern, to, _ := strings.Cut(rule, ">")
			re := regexp.MustCompile(pattern)
			for _, m := range re.FindAllStringSubmatchIndex(sentence, 2) {
				lies = append(lies, sentence[:m[0]]+string(re.ExpandString(nil, to, sentence, m))+sentence[m[1]:])
			}
		}
		return lies
	}
}

// otherDigits changes the first digit of each figure to one that makes a figure the evidence lacks.
func otherDigits(sentence string, e Evidence) []string {
	var lies []string
	there := figures.Find(said(e))
	for _, f := range figures.Find(sentence) {
		if d := sentence[f.Start]; d >= '1' && d <= '9' {
			for _, to := range "7469" {
				lie := sentence[:f.Start] + string(to) + sentence[f.Start+1:]
				if byte(to) != d && !slices.ContainsFunc(there, func(g figures.Figure) bool { return g.Value == figureAt(lie, f.Start).Value }) {
					lies = append(lies, lie)
					break
				}
			}
		}
	}
	return lies
}

func figureAt(text string, at int) figures.Figure {
	for _, f := range figures.Find(text) {
		if f.Start == at {
			return f
		}
	}
	return figures.Figure{}
}

func said(e Evidence) string {
	var b strings.Builder
	for _, u := range e.Units {
		b.WriteString(u.Said + "\n")
	}
	return b.String()
}

// otherFigures puts other figures of the same kind and unit in the place of each.
func otherFigures(sentence string, e Evidence) []string {
	var lies []string
	there := figures.Find(said(e))
	for _, f := range figures.Find(sentence) {
		seen := []string{f.Value}
		for _, g := range there {
			if g.Kind == f.Kind && g.Unit == f.Unit && f.Kind != figures.Ordinal && len(seen) < 4 && !slices.Contains(seen, g.Value) {
				seen = append(seen, g.Value)
				lies = append(lies, sentence[:f.Start]+g.Text()+sentence[f.End:])
			}
		}
	}
	return lies
}

// cases are words that tell cases apart; each is exchanged for another that the evidence names.
var cases = [][]string{
	{"博士", "硕士", "本科"}, {"职工医保", "居民医保"}, {"在职", "退休"}, {"基层医疗机构", "二级医院", "三级医院"}, {"二孩", "三孩", "一孩"}, {"单人", "夫妻双方"},
	{"正高级", "副高级"}, {"高级技师", "技师"}, {"失能老年人", "其他老年人"}, {"生活补贴", "租房补贴", "购房补贴", "安家补贴"}, {"个人创业担保贷款", "小微企业创业担保贷款"},
	{"敬老卡", "学生卡", "普通卡"}, {"受理机构", "用人单位"}, {"审核", "公示"}, {"初审", "审核"}, {"户口登记", "社会保障卡申领"}, {"个人缴费", "财政补助"}, {"成年居民", "在校学生"}, {"次月", "当月"}, {"公安", "民政"}, {"配偶", "父母"}, {"就业困难人员", "高校毕业生"},
}

func otherCases(sentence string, e Evidence) []string {
	var lies []string
	for _, class := range cases {
		for _, from := range class {
			i := strings.Index(sentence, from)
			if i < 0 || from == "技师" && strings.Contains(sentence, "高级技师") {
				continue
			}
			for _, to := range class {
				if to != from && strings.Contains(said(e), to) && !strings.Contains(sentence, to) {
					lies = append(lies, sentence[:i]+to+sentence[i+len(from):])
				}
			}
		}
	}
	return lies
}

// leastMutations holds the number of lies up, so that a change cannot pass by making fewer.
const leastMutations = 1800

// accepted are mutations that are shown, each with the reason.
var accepted = map[string]string{
	"会在市人社局门户网站公示五个工作日。":                "符合条件的 is the condition of every rule",
	"公安机关自受理之日起10个工作日内制作并发放居住证。":        "符合条件的 is the condition of every rule",
	"每本收取工本费10元。":                       "the evidence has the same fee for two cases; the sentence names neither",
	"每次扣20分。":                           "of a row without its head, which no other row resembles",
	"需先在市自然资源和规划局网站刊发遗失声明，15个工作日后予以补发。": "补发 names the topic that is left out",
	"认定结果审核5个工作日，无异议的会核发“越州人才码”。":       "the entry with the same five days is headed 单位审核",
	"已领取的租房补贴会从购房补贴中扣除。":                "what is left names both benefits, which is the condition",
	"从出生之日起享受待遇。":                       "the evidence says so without a condition, and of whom in the clause before",
	"每张收取15元工本费。":                       "the evidence has the same fee for two cases; the sentence names neither",
}

func TestMutatedSentencesAreStopped(t *testing.T) {
	c := load(t)
	made, shown := map[string]int{}, map[string]int{}
	total := 0
	judge := func(kind, lie string, g *Grounds, cited []int) {
		made[kind]++
		total++
		if g.Check(lie, cited).Sound() && accepted[lie] == "" {
			shown[kind]++
			t.Errorf("%s: %s is shown", kind, lie)
		}
	}
	for _, s := range samples(t, "testdata/honest.txt") {
		if s.half == "developed" && s.line%2 == 0 {
			continue // the rules were made with these in sight; half of them will do
		}
		e := c.evidence[s.cited[0]]
		g, cited := c.grounds(s)
		quiet := s
		quiet.question = "具体是怎么规定的"
		for _, m := range mutations {
			g := g
			if m.added && s.line%8 != 0 {
				continue // one in eight will do
			}
			lies := m.make(s.sentence, e)
			if m.silent && len(lies) > 0 {
				g, _ = c.grounds(quiet)
			}
			for _, lie := range lies {
				if lie != s.sentence {
					judge(m.kind, lie, g, cited)
				}
			}
		}
		if g.Check(s.sentence, nil).Sound() {
			continue // needs no evidence
		}
		judge("other handle", s.sentence, g, []int{len(cited)})
		if e.Status == kb.StatusInForce && len(cited) == 1 && s.line%3 == 0 {
			e.Status = kb.StatusRepealed
			judge("expired", s.sentence, c.checker.Prepare(s.question, today, today, []Evidence{e}), cited)
		}
	}
	if total < leastMutations {
		t.Errorf("%d mutations, want %d", total, leastMutations)
	}
	t.Logf("%d lies; made %v, shown %v", total, made, shown)
}
