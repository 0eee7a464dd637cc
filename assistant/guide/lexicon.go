package guide

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// lexicon holds the word lists in the order in which they are looked up. It is made once per Guide.
type lexicon struct {
	asks  map[rune][]askEntry // by the first character, longest first
	stops map[rune][]string   // words without a subject of their own, the same way
}

func newLexicon() *lexicon {
	l := &lexicon{asks: map[rune][]askEntry{}, stops: map[rune][]string{}}
	var stops []string
	for _, e := range askEntries(askWords) {
		first, _ := utf8.DecodeRuneInString(e.word)
		l.asks[first] = append(l.asks[first], e)
		stops = append(stops, e.word)
	}
	for _, list := range genericAsks {
		stops = append(stops, list...)
	}
	stops = append(append(stops, stopWords...), timeWords...)
	slices.SortFunc(stops, func(a, b string) int {
		if n := len(b) - len(a); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	for _, w := range slices.Compact(stops) {
		first, _ := utf8.DecodeRuneInString(w)
		l.stops[first] = append(l.stops[first], w)
	}
	return l
}

// stopWords carry no subject: pronouns, particles, politeness, verbs of asking and of wanting. Single
// characters are only those that are hardly ever part of a word.
var stopWords = []string{
	"请问一下", "请问", "你好", "您好", "麻烦问一下", "麻烦", "想问一下", "想问", "问一下", "问下", "咨询一下", "想咨询", "想了解一下", "想了解", "了解一下", "想知道", "告诉我", "帮我看下", "帮我看看", "帮我查一下", "帮我查", "帮我", "谢谢", "谢了", "劳驾",
	"我想", "我要", "我们", "咱们", "我的", "我是", "我", "你们", "您", "你", "他们", "他", "她", "它", "自己", "本人",
	"这个", "那个", "这些", "那些", "这种", "那种", "这样", "那样", "上面", "上述", "刚才", "前面说的", "说的",
	"什么样", "什么", "哪些", "哪个", "哪一个", "哪", "怎么", "怎样", "如何", "为什么", "啥", "多少", "谁",
	"的话", "如果", "要是", "假如", "那么", "那", "呢", "啊", "呀", "吧", "吗", "么", "嘛", "哦", "啦",
	"的", "了", "或者", "以及", "并且", "而且", "还有", "另外", "同时", "此外", "还是",
	"能够", "可以", "需要", "应该", "应当", "必须", "得到", "打算", "准备", "希望", "一般", "大概", "大约", "到底", "究竟", "具体", "分别", "一共", "总共", "最多", "最少", "至少", "最高", "最低", "每人", "每个人", "每月", "每年", "每个月",
	"办理", "办好", "办完", "办下来", "申请", "申领", "领取", "领到", "享受", "享有", "拿到", "事情", "业务", "情况", "方面", "问题", "政策", "规定", "有关", "相关", "关于", "今天", "一下", "下来", "没有", "一个", "时候", "属于", "是指", "两个", "这两个", "两项", "两种", "两边", "那几个月", "那几年", "那几天", "这几个月", "这几年", "好几个", "前几个月", "已经", "听说", "好像", "可能", "不知道", "不太", "一直", "刚刚", "马上", "按照", "根据", "知道", "提供", "确认一下", "帮我确认", "确认", "帮我区分", "区分一下", "顺便", "整体", "这块", "这个事项", "支持", "听学长说", "听同学说", "听同事说", "听朋友说", "听邻居说", "听别人说", "听人说", "网上有人讲", "网上有人说", "有人讲", "有人说", "这回事", "那回事", "才想起来", "想起来", "有没有地方", "真的假的", "够得上", "够不够得上", "还来得及", "来不来得及", "白纸黑字", "我需要", "想一次", "看一下", "说一下", "讲一下", "列一下",
}

// edgeRunes are characters that join words and need not be found; a chunk of nothing else is none.
const edgeRunes = "和与及或跟还也都就才再又是有在到去来给对从由按把被为向于以等能会要得想不没个各几让请每坐且则但所之其"

// joinRunes are the edge runes that hardly ever stand inside a word; chunks are cut at them.
const joinRunes = "和与及或跟还也就都再又且则"

// verbRunes are everyday verbs that rules word otherwise: 交满 is 缴纳满, 看病 is 就医.
const verbRunes = "交缴读看报扣付换转找查问打算住走收满拿领办提先再用送内"

// compounds are words in which a verb of verbRunes is no verb of its own.
var compounds = []string{"住院", "住宿", "住房", "住所", "住宅", "报名", "报到", "报考", "提升", "提前", "提取", "交通", "交易", "公办", "民办", "举办", "主办", "承办", "代办", "查询", "收入", "收费", "收养", "收回", "换领", "转移", "转让", "转学", "转院", "转正", "打印", "打工", "看护", "看病", "领取", "领证", "办事", "办法", "办公", "满意", "先进", "付款", "支付", "扣除", "扣缴", "问题", "走访", "换证", "补办", "查档", "缴存", "缴费", "缴纳", "先锋", "预算", "决算", "计算", "结算", "清算", "期满", "届满", "再生", "再婚", "读书", "入住", "居住", "满月", "抽查", "检查", "审查", "调查", "体检", "首付", "垫付", "给付", "拿证"}

// lightWords say what goes without saying; a rule need not hold them.
var lightWords = []string{"工作", "上班", "参加", "参保", "要求", "人员", "人士", "限制", "标准", "连续", "累计", "至少", "毕业", "毕业生", "学历", "打算", "目前", "一个月", "一年", "个人", "市民", "群众", "老百姓", "朋友", "家里", "市里", "区里", "国家", "政府", "当地", "本市", "我市", "全市", "能领", "可领", "能拿", "可以领", "怎么样", "审好", "全部", "窗口", "下班", "开门", "关门", "办事", "新的", "上午", "下午", "早上", "晚上", "家长", "大人", "外婆", "外公", "爷爷", "奶奶", "姥姥", "姥爷", "父亲", "母亲", "爸爸", "妈妈", "爸妈", "父母", "老公", "老婆", "儿子", "女儿", "孩子", "小孩", "家人", "亲戚", "老人家", "哥哥", "弟弟", "姐姐", "妹妹", "老人", "两个人", "一个人", "一家", "那份", "那种", "自己", "普通", "打算", "想要", "一起", "一共"}

// timeWords say when, not what.
var timeWords = []string{"现在", "目前", "当前", "现行", "如今", "眼下", "最新", "去年", "前年", "今年", "明年", "当时", "那时", "以前", "之前", "原来", "过去", "以后", "之后", "之内", "以内", "上半年", "下半年", "年初", "年底", "年末", "月底", "月初"}

// chunks returns the parts of a text that remain when the words without a subject, the figures of
// time and the punctuation are taken out.
func (l *lexicon) chunks(text string) []string {
	var found []string
	var b strings.Builder
	flush := func() {
		found = append(found, splitEdges(b.String())...)
		b.Reset()
	}
	for at := 0; at < len(text); {
		if n := l.stopAt(text, at); n > 0 {
			flush()
			at += n
			continue
		}
		r, n := utf8.DecodeRuneInString(text[at:])
		if isWordRune(r) {
			b.WriteRune(r)
		} else {
			flush()
		}
		at += n
	}
	flush()
	return found
}

// splitEdges cuts a chunk at the join runes that have at least two other runes on either side, and
// drops what holds edge runes only.
func splitEdges(s string) []string {
	var parts []string
	start, runes := 0, []rune(s)
	for i := range runes {
		if strings.ContainsRune(joinRunes, runes[i]) && i-start >= 2 && len(runes)-i > 2 && !strings.ContainsRune(edgeRunes, runes[i-1]) {
			parts = append(parts, string(runes[start:i]))
			start = i
		}
	}
	parts = append(parts, string(runes[start:]))
	return slices.DeleteFunc(parts, func(p string) bool { return strings.Trim(p, edgeRunes) == "" })
}

// stopAt returns the length of the longest word without a subject at a place, 0 where there is none.
func (l *lexicon) stopAt(text string, at int) int {
	first, _ := utf8.DecodeRuneInString(text[at:])
	for _, w := range l.stops[first] {
		if strings.HasPrefix(text[at:], w) {
			return len(w)
		}
	}
	return 0
}

func isWordRune(r rune) bool {
	return r >= 0x3400 && r <= 0x9fff || r >= 0x20000 && r <= 0x3ffff || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func runeLen(s string, at int) int {
	_, n := utf8.DecodeRuneInString(s[at:])
	return n
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
