package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// ask is a kind of fact that a question wants.
type ask string

// The kinds of facts, after the fields of a service item and the figures of a policy.
const (
	askAmount     ask = "amount"
	askFigure     ask = "figure" // 多少 of anything
	askRatio      ask = "ratio"
	askDuration   ask = "duration"
	askDate       ask = "date"
	askAge        ask = "age"
	askCount      ask = "count"
	askPhone      ask = "phone"
	askComplaint  ask = "complaint"
	askPlace      ask = "place"
	askHours      ask = "hours"
	askOffice     ask = "office"
	askMaterials  ask = "materials"
	askConditions ask = "conditions"
	askSteps      ask = "steps"
	askFee        ask = "fee"
	askOnline     ask = "online"
	askVisits     ask = "visits"
	askHandling   ask = "handling"
	askReach      ask = "reach"
	askBasis      ask = "basis"
	askResult     ask = "result"
	askYesNo      ask = "yesno"
	askValidity   ask = "validity"
	askChange     ask = "change"
	askOutcome    ask = "outcome"  // what happens if
	askTogether   ask = "together" // whether benefits add up
	askPayout     ask = "payout"   // in how many parts and where to
	askBenefit    ask = "benefit"  // what there is to get
	askWho        ask = "who"
)

// askWords are the words by which a question shows what it wants. A word counts for the longest
// entry that covers it, so that 监督电话 is a complaint and not a telephone.
var askWords = map[ask][]string{
	askAmount: {"多少钱", "多少元", "多少块", "多少万", "几万", "几千", "几百", "补多少", "给多少", "拿多少", "怎么算", "如何计算", "怎么计算", "领多少", "发多少", "奖多少", "奖励多少",
		"贷多少", "交多少", "缴多少", "报多少", "报销多少", "多少补贴", "金额", "补贴标准", "发放标准", "缴费标准", "奖励标准", "标准是", "标准为", "什么标准", "标准多少", "额度", "限额", "拿几", "几块钱", "几块"},
	askRatio:    {"增长率", "比率", "占比", "比例", "首付多少", "首付几", "百分之几", "百分之多少", "百分比", "几成", "利率", "打几折", "几折", "费率", "报销比例"},
	askDuration: {"多久", "多长时间", "多长", "几天", "多少天", "几个月", "多少个月", "多少月", "几年", "多少年", "时限", "期限", "几个工作日", "多少个工作日", "多少工作日", "多少日", "几日", "最长", "多快", "等几", "公示期"},
	askDate:     {"什么时候", "什么时间", "何时", "啥时候", "几号", "几月", "哪天", "哪一天", "截止", "日期", "哪年", "哪一年", "哪个月", "起止时间", "报名时间", "申报时间", "缴费时间", "申请时间", "开始时间", "几月份"},
	askAge:      {"几岁", "多大年龄", "年龄", "多少岁", "多少周岁", "岁数", "多大年纪", "多大"},
	askCount:    {"多少人", "几个人", "多少名", "多少套", "几次", "多少次", "几份", "几张", "多少家", "多少户", "几套", "多少个", "多少分", "几分", "几枚", "几本", "几台", "几间", "几条", "几辆", "几类", "几种", "几档", "多少平", "多大面积", "名额", "几倍", "几个"},
	askPhone:    {"电话", "联系方式", "热线", "联系电话", "咨询方式", "怎么联系", "咨询电话", "打哪里"},
	askComplaint: {"投诉", "监督电话", "投诉电话", "举报", "监督投诉", "投诉监督", "监督投诉电话", "投诉监督电话", "投诉渠道", "监督渠道",
		"投诉方式"},
	askPlace: {"在哪", "哪里", "哪儿", "去哪", "到哪", "地址", "地点", "什么地方", "哪个窗口", "几号窗口", "几楼", "窗口在", "哪个大厅", "办理地点", "哪个区域"},
	askHours: {"上班时间", "办公时间", "工作时间", "办理时间", "服务时间", "受理时间", "开放时间", "几点", "周末", "周六", "周日", "星期六", "星期天", "双休日", "营业时间", "开门", "午休", "中午"},
	askOffice: {"哪个部门", "什么部门", "哪个单位", "什么单位", "找谁", "谁负责", "归谁管", "谁管", "哪个局", "由谁", "哪个机构", "什么机构", "哪一级", "行使层级", "主管部门", "哪家单位", "谁审核", "谁出", "谁给", "谁承担",
		"谁审批", "哪些部门"},
	askMaterials: {"材料", "带什么", "带哪些", "带啥", "带点什么", "准备什么", "准备哪些", "准备啥", "提交什么", "提交哪些", "交什么", "交哪些", "资料", "证件", "什么证", "哪些证", "需要什么", "要什么", "带身份证"},
	askConditions: {"条件", "资格", "哪些人", "什么人", "谁能", "谁可以", "什么样的人", "对象", "满足什么", "符合什么", "适用范围", "适用于", "哪类人", "哪些企业", "什么企业", "哪些要求",
		"什么要求", "门槛"},
	askSteps:    {"怎么办", "怎么申请", "如何办", "如何申请", "流程", "步骤", "怎样办", "怎样申请", "怎么领", "怎么申领", "什么程序", "办理程序", "申请程序", "怎么弄", "什么手续", "哪些手续", "办手续", "怎么办理", "如何办理", "怎么报名", "怎么交", "如何申领", "怎么缴", "哪几步", "怎么走", "怎么操作", "怎么提取"},
	askFee:      {"收费", "收钱", "费用", "要钱", "花钱", "工本费多少", "手续费", "免费", "要交钱", "收多少钱", "要不要钱", "要交多少钱", "花多少钱", "登记费", "工本费", "证照费", "收费标准", "办证多少钱", "收不收费", "收不收钱"},
	askOnline:   {"网上", "线上", "网办", "在线", "手机上", "手机能", "手机办", "网址", "全程网", "办理形式", "哪个网站", "什么平台", "哪个平台", "掌上", "线上入口", "app", "APP"},
	askVisits:   {"跑几次", "跑几趟", "跑一趟", "几趟", "去几次", "跑现场", "到现场", "跑腿", "跑多少"},
	askHandling: {"即办", "承诺件", "办件类型", "当场", "立等可取", "当天", "马上能", "现场能拿"},
	askReach:    {"通办", "跨省", "跨区", "跨市", "异地能", "异地办", "异地可以", "全省通", "外地能办", "外地办"},
	askBasis:    {"依据", "根据什么", "哪条法", "什么规定", "哪个文件", "什么文件", "哪份文件", "文号"},
	askResult:   {"办理结果", "结果名称", "拿到什么", "发什么证", "领到什么", "什么结果", "出什么证", "结果送达", "结果文书", "给什么证"},
	askYesNo: {"能不能", "可不可以", "可否", "是否", "能否", "有没有", "会不会", "要不要", "用不用", "行不行", "需不需要", "算不算", "是不是", "吗", "么", "可以不",
		"需要", "行吗", "可以"},
	askValidity: {"有效期", "还有效", "失效", "过期", "还有没有效", "废止", "到期", "还在执行", "还执行", "作废", "还能用", "还管用", "还收", "还能申请", "还可以申请", "还受理", "还能办", "停了", "取消了", "还有吗", "还有没有", "还在办", "暂停", "恢复"},
	askTogether: {"一起领", "一起拿", "一起享受", "一起申请", "同时领", "同时享受", "同时拿", "同时申请", "都能领", "都能拿", "都可以领", "叠加", "重复领", "重复享受", "重复申领", "两份", "区里还给", "市里还给", "还能领", "还能再领", "还给吗", "就高", "一并享受", "冲突"},
	askBenefit:  {"哪些补贴", "什么补贴", "哪些待遇", "什么待遇", "哪些优惠", "什么优惠", "有没有优惠", "优惠政策", "能拿到哪些", "能拿哪些", "能领哪些", "能享受哪些", "可以享受哪些", "哪些支持", "什么支持", "什么奖励", "哪些奖励", "哪些福利", "什么好处", "什么福利"},
	askPayout:   {"多久发一次", "几个月发一次", "多长时间发一次", "多久一次", "按月还是", "每月发还是", "分几年", "分几次", "分几期", "分期", "怎么发", "如何发放", "怎么打", "发到哪", "一次性发", "按月发", "一次性给"},
	askOutcome:  {"会怎么样", "会怎样", "怎么处理", "什么后果", "有何后果", "怎么处罚", "怎么罚", "会不会停", "会被"},
	askChange:   {"有什么变化", "提高了多少", "变化", "有什么不同", "比以前", "和以前", "跟以前", "调整了", "新旧", "提高了", "比原来", "跟原来", "降了"},
}

// genericAsks are words that mean the kind only where no other word says more: 比例是多少 asks a ratio.
var genericAsks = map[ask][]string{
	askFigure: {"多少", "有多少", "是多少"},
}

// rateWords make a 多少 one of a share or a difference, whatever it is of.
var rateWords = []string{"上浮", "下浮", "提高多少", "降低多少", "涨多少", "降多少", "减免多少"}

// moneyWords make a bare 多少 a question of money.
var moneyWords = []string{"补贴", "补助", "津贴", "奖励", "资助", "奖金", "保险金", "失业金", "养老金", "救助金", "资金", "贷", "公积金", "工资", "费", "钱", "缴", "交"}

// askEntries are the words of askWords, longest first, made once by lexicon.
type askEntry struct {
	word string
	kind ask
}

func askEntries(words map[ask][]string) []askEntry {
	var all []askEntry
	for kind, list := range words {
		for _, w := range list {
			all = append(all, askEntry{w, kind})
		}
	}
	slices.SortFunc(all, func(a, b askEntry) int {
		if n := len(b.word) - len(a.word); n != 0 {
			return n
		}
		return strings.Compare(a.word+string(a.kind), b.word+string(b.kind))
	})
	return all
}

// specific are the kinds that take the question away from a bare 多少.
var specific = []ask{askAmount, askRatio, askDuration, askDate, askAge, askCount, askPhone, askComplaint, askFee, askPlace, askHours}

// asksOf returns the kinds of facts a text asks for, in the order of their words.
func (l *lexicon) asksOf(text string) []ask {
	var found []ask
	text = meets.ReplaceAllString(vague.Replace(text), " ")
	for at := 0; at < len(text); {
		e, ok := entryAt(l.asks, text, at)
		if !ok || beforeMeasure(e.word, text[at+len(e.word):]) {
			at += runeLen(text, at)
			continue
		}
		if !slices.Contains(found, e.kind) {
			found = append(found, e.kind)
		}
		at += len(e.word)
	}
	if !slices.ContainsFunc(found, func(a ask) bool { return slices.Contains(specific, a) }) {
		for kind, words := range genericAsks {
			switch {
			case !containsAny(text, words...):
			case containsAny(text, moneyWords...) && !containsAny(text, rateWords...):
				found = append(found, askAmount)
			default:
				found = append(found, kind)
			}
		}
	}
	if slices.ContainsFunc(quantityNouns, func(w string) bool { return strings.HasSuffix(text, w) }) {
		found = append(found, askCount)
	}
	if strings.HasSuffix(text, "标准") && !slices.Contains(found, askAmount) {
		found = append(found, askAmount)
	}
	if len(found) == 0 || len(found) == 1 && found[0] == askYesNo {
		if kind, ok := nominal(text); ok {
			return []ask{kind}
		}
	}
	return refine(text, found)
}

// nouns are what a question without a word that asks can end with, and what it then wants.
var nouns = []struct {
	pattern *regexp.Regexp
	kind    ask
}{
	{regexp.MustCompile(`(?:率|占比|比重|增速|涨幅|跌幅)$`), askRatio},
	{regexp.MustCompile(`(?:时间|日期)$`), askDate},
	{regexp.MustCompile(`(?:地点|地址|举办地)$`), askPlace},
	{regexp.MustCompile(`谁|哪位|哪支|哪些[^，。]{0,10}(?:选手|球员|队|演员|明星|嘉宾)|(?:主演|导演|编剧|演员|作者|创始人|冠军|亚军|得主|获得者|选手|队伍|球队)(?:有|是|都|有哪些|是哪些)?$`), askWho},
}

// nominal returns what a question wants that asks by a noun: 我国2021年人口出生率.
func nominal(text string) (ask, bool) {
	text = strings.TrimRight(text, "？?。！! 是为的有")
	for _, n := range nouns {
		if n.pattern.MatchString(text) {
			return n.kind, true
		}
	}
	return "", false
}

// quantityNouns ask for a number where a question ends with them.
var quantityNouns = []string{"数量", "人数", "总量", "产量", "销量", "户数", "交付量"}

// beforeMeasure reports whether a word that ends in 多少 is followed by a measure: 贷多少年 asks for years.
func beforeMeasure(word, rest string) bool {
	if !strings.HasSuffix(word, "多少") && !strings.HasSuffix(word, "几") || word == "多少" {
		return false
	}
	for _, m := range []string{"年", "天", "个月", "月", "次", "人", "名", "岁", "日", "工作日", "平", "分", "比例"} {
		if strings.HasPrefix(rest, m) {
			return true
		}
	}
	return false
}

// vague are phrases with a word that asks elsewhere.
var vague = strings.NewReplacer("那几个月", " ", "那几年", " ", "那几天", " ", "这几个月", " ", "这几年", " ", "好几个", " ", "前几个月", " ", "过几天", " ", "到哪些", "哪些", "符合条件", " ", "满足条件", " ")

// meets is a condition that the asker meets, not one asked for.
var meets = regexp.MustCompile(`(?:符合|满足|达到)[^，。？]{0,10}条件`)

func entryAt(entries map[rune][]askEntry, text string, at int) (askEntry, bool) {
	first, _ := utf8.DecodeRuneInString(text[at:])
	for _, e := range entries[first] {
		if strings.HasPrefix(text[at:], e.word) {
			return e, true
		}
	}
	return askEntry{}, false
}

// refine drops the yes-or-no reading where the question asks for a fact as well, except that of a
// fee, a place or a network, for which the fact is the yes or no.
func refine(text string, found []ask) []ask {
	if containsAny(text, "是不是", "要不要", "需不需要", "用不用", "算不算") && !slices.Contains(found, askFee) {
		return []ask{askYesNo}
	}
	if i := slices.Index(found, askAmount); i >= 0 && containsAny(text, rateWords...) {
		found[i] = askFigure
	}
	if strings.Contains(text, "还收不收") {
		return []ask{askValidity}
	}
	if len(found) > 1 && !strings.Contains(text, "是否") {
		found = slices.DeleteFunc(found, func(a ask) bool { return a == askYesNo })
	}
	return found
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// requires are words of a question that evidence must take up, with the words that do.
var requires = map[string][]string{
	"利率": {"利率"}, "费率": {"费率", "缴费比例", "比例"}, "名额": {"名额", "人数"}, "公示": {"公示"}, "年龄": {"岁", "年龄"}, "岁数": {"岁", "年龄"},
	"首付": {"首付"}, "押金": {"押金"}, "利息": {"利息", "贴息", "利率"}, "滞纳金": {"滞纳金"}, "罚款": {"罚", "违"}, "逾期": {"逾期", "超过", "届满"},
	"报销": {"报销", "支付", "补贴", "费用"}, "电话": {"电话", "热线", "咨询"}, "邮箱": {"邮箱", "@"}, "传真": {"传真"}, "网址": {"网"}, "面积": {"面积", "平方米"},
	"税": {"税"}, "贴息": {"贴息"}, "交多少": {"缴", "交", "收费", "费用"}, "能贷": {"贷"}, "有效期": {"有效期", "有效", "期限", "试行", "施行"},
}

// holdsRequired reports whether a unit with what stands above it takes up the required words of a
// question.
func holdsRequired(question string, u unit) bool {
	context := u.context()
	for word, alternatives := range requires {
		if strings.Contains(question, word) && !containsAny(context, alternatives...) {
			return false
		}
	}
	return true
}
