package guide

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// persons are questions about who did, played or won something: its name must be one of people.
var persons = regexp.MustCompile(`主演|导演|演员|演|执导|冠军|亚军|季军|金牌|银牌|铜牌|夺|作者|创始|创立|创办|发明|选手|球员|运动员|队伍|得主|获奖|当选|总统|首相|主席|市长|省长|教练|嘉宾|配音|编剧|队长`)

const surnames = `赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛范彭郎鲁韦马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅齐康伍余元顾孟黄穆萧肖尹姚邵汪祁毛狄贝明戴谈宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻贾路娄江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍虞万管卢莫房裘解应宗丁邓郁洪包石崔吉龚程邢裴陆荣翁荀惠甄储靳段巫焦巴牧谷车侯全班秋仲宫宁仇甘厉武符刘景詹束龙叶司黎薄白池乔胥苍闻莘翟谭劳姬申冉桑桂牛边尚温庄晏柴瞿阎连习艾鱼容向古易廖耿满匡国文寇广东欧沃利蔚越隆师巩聂晁敖融冷辛阚简饶曾沙丰关游竺权查红佟伊`

// The names of people: of others in characters with a dot, of Chinese by their surname between marks
// that can stand beside a name, and in Latin letters.
var (
	foreignName = regexp.MustCompile(`\p{Han}{1,6}(?:[·•・.]\p{Han}{1,8})+|[A-Z][a-z]+(?: [A-Z][a-z]+)+`)
	nameBefore  = regexp.MustCompile(`(?:^|[^\p{Han}]|由|是|为|和|与|及|员|手|星|演|将|者|军|牌|的|人|记|生|年|家|播|国|郎|女|子|席|长|事|授|士|任|导|得|胜|负)$`)
	nameAfter   = regexp.MustCompile(`^(?:$|[^\p{Han}]|和|与|及|等|在|以|为|是|夺|获|饰|扮|领|主|执|担|拿|凭|击|战|摘|赢|出|导|参|合|自|联|创|表|也|则|将|三|二|一|的|当|就|成|曾|编|先|胜|卫)`)
	nameBody    = regexp.MustCompile(`^[` + surnames + `]\p{Han}{1,2}`)
	winner      = regexp.MustCompile(`(\p{Han}{2,8}?)(?:队)?(?:以\d[^，。]{0,10}|\d+[-:：]\d+|点球|成功)?(?:战胜|击败|夺得|夺冠|夺下|问鼎|获得|赢得|力克|捧起|加冕|卫冕|摘得|折桂)`)
	office      = regexp.MustCompile(`\p{Han}{1,12}(?:局|委员会|部门|部|中心|政府|公司|大学|学院|协会|银行|机构|单位|办公室|法院|企业|集团|委|办)`)
	eventPlace  = regexp.MustCompile(`(?:在|于|位于|落户|移师|地点[为是：:]?)([\p{Han}A-Za-z·]{2,16}?)(?:隆重|正式|成功|顺利|如期)?(?:举行|举办|召开|开幕|进行|揭幕|落幕|闭幕|拉开|上演|打响|开赛)`)
	event       = regexp.MustCompile(`举行|举办|召开|开幕|进行|揭幕`)
)

// played are the words by which a text says the role that a question asks about.
var played = []struct {
	asked string
	said  []string
}{
	{"主演", []string{"主演", "饰演", "出演", "领衔"}}, {"导演", []string{"导演", "执导"}}, {"演员", []string{"演员", "主演", "饰演"}}, {"演", []string{"饰演", "扮演", "出演", "主演"}},
	{"金牌", []string{"金牌", "冠军", "夺冠", "夺金"}}, {"冠军", []string{"冠军", "夺冠", "折桂", "登顶", "夺得", "问鼎", "战胜", "击败"}},
}

// roles returns the words by which a text says what somebody is asked to be or to have done.
func roles(question string) []string {
	var words []string
	for _, w := range persons.FindAllString(question, -1) {
		said := []string{w}
		for _, p := range played {
			if strings.HasPrefix(question[strings.Index(question, w):], p.asked) {
				said = p.said
				break
			}
		}
		words = append(words, said...)
	}
	return words
}

// peopleIn returns the names of people in a text.
func peopleIn(text string) []thing {
	var found []thing
	for _, m := range foreignName.FindAllStringIndex(text, -1) {
		found = append(found, thing{text[m[0]:m[1]], m[0], m[1]})
	}
	for at := 0; at < len(text); at += runeLen(text, at) {
		name := nameBody.FindString(text[at:])
		if name == "" || !nameBefore.MatchString(lastRunes(text[max(0, at-12):at], 1)) {
			continue
		}
		runes := []rune(name)
		if runes[0] == runes[1] {
			continue
		}
		for n := len(name); n >= len("某某"); n -= len("某") {
			if nameAfter.MatchString(text[at+n:]) && !notNames()[text[at:at+n]] {
				found = append(found, thing{text[at : at+n], at, at + n})
				at += n - len("某")
				break
			}
		}
	}
	return found
}

//go:embed notnames.txt
var notNamesText string

// notNames begin with a surname and are words.
var notNames = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(notNamesText) {
		if !strings.HasPrefix(line, "#") {
			for _, w := range strings.Fields(line) {
				words[w] = true
			}
		}
	}
	return words
})

// namesWanted returns the parts of a text that can answer a question for somebody or for a place of an
// event, less what the question says itself; false where the kind of question wants none.
func namesWanted(want ask, text, question string) ([]thing, bool) {
	var found []thing
	switch {
	case want == askWho && persons.MatchString(question):
		found = append(peopleIn(text), groupsOf(winner, text)...)
	case want == askWho:
		found = append(peopleIn(text), groupsOf(office, text)...)
	case want == askPlace && event.MatchString(question):
		found = groupsOf(eventPlace, text)
	default:
		return nil, false
	}
	return slices.DeleteFunc(found, func(t thing) bool { return strings.Contains(question, t.text) }), true
}

// groupsOf returns what the first group of a pattern finds, or the whole of it where it has none.
func groupsOf(p *regexp.Regexp, text string) []thing {
	var found []thing
	for _, m := range p.FindAllStringSubmatchIndex(text, -1) {
		from, to := m[0], m[1]
		if len(m) > 2 {
			from, to = m[2], m[3]
		}
		found = append(found, thing{text[from:to], from, to})
	}
	return found
}
