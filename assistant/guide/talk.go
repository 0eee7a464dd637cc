package guide

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// talk is a turn that needs no knowledge, with its reply.
type talk struct {
	words []string
	reply string
}

// talks are recognised where nothing with a subject of its own stands beside their words, the first
// that fits counting.
var talks = []talk{
	{[]string{"谁开发", "谁做的", "谁研发", "谁制作", "哪家公司", "哪个公司做", "谁创造", "谁设计", "你的开发者", "是哪个部门的", "谁造的", "谁训练"},
		"我是小越，政务服务助手，由部署我的单位负责运行和维护。对答复有疑问，可以向政务服务中心或12345热线核实。"},
	{[]string{"什么模型", "哪个模型", "大模型", "chatgpt", "gpt", "deepseek", "文心", "通义", "豆包", "kimi"},
		"我是小越，政务服务助手。我的答复以已收录的政策文件和办事事项为依据；有模型参与写成的文字会在答复下面注明。"},
	{[]string{"靠谱吗", "可信吗", "可靠吗", "准不准", "准吗", "准确吗", "能信", "可以相信", "相信你", "信得过", "会不会答错", "会不会说错", "会答错", "会出错", "会骗", "骗我", "保证正确", "有法律效力"},
		"我只说已收录的文件和事项里有的内容，并注明文件、条款和日期，您可以点开核对。我也可能没找全，答复不是行政决定，请以原文和受理窗口的答复为准。"},
	{[]string{"个人信息", "我的信息", "我的数据", "隐私", "聊天记录", "记录我", "泄露", "保存我", "对话会被", "会保存", "存多久"},
		"您的问题里的身份证号、手机号、银行卡号等会先被遮盖，再用于查询和保存。对话按部署单位规定的期限保存，用来改进和核查答复，您可以要求删除。请不要在对话里填写证件号码和密码。"},
	{[]string{"你不能做什么", "不能做什么", "你不会什么", "你有什么不能", "哪些不能", "有什么限制", "你的局限"},
		"我看不到您个人的办理进度和账户，不能替您提交申请，不作行政决定，也不提供法律、医疗和投资意见。没有依据的内容我会直接说查不到。"},
	{[]string{"你是谁", "你叫什么", "你的名字", "你是什么", "机器人", "你是人工", "是人工智能", "是ai", "小越是谁", "小越是什么", "介绍一下你", "介绍一下自己", "自我介绍", "你是真人", "是真人吗", "是人吗", "你几岁", "你多大", "真人还是"},
		"我是小越，政务服务助手，是计算机程序，不是真人。我依据已收录的政策文件和办事事项回答问题，并注明出处；查不到依据时会直接告诉您。要找工作人员，请说“转人工”。"},
	{[]string{"你能做什么", "你会什么", "你有什么用", "你能干什么", "你能干嘛", "你能干啥", "能干嘛", "会干嘛", "能做啥", "干什么用", "你可以做什么", "能帮我什么", "能帮我做什么", "能帮我干什么", "怎么用你", "你会做什么", "有什么功能", "你能回答", "能问你什么", "可以问你什么", "可以问什么", "能问什么", "都能查什么", "你懂什么", "使用说明"},
		"我可以查政策的对象、标准、时间和条件，也可以查办事事项的材料、流程、时限、费用、地点和电话。请直接说您想办的事或想了解的政策。"},
	{[]string{"说英语", "讲英语", "英文", "english", "方言", "粤语", "普通话", "说绍兴话", "哪些语言", "什么语言", "会说", "外语", "能听懂"},
		"我用普通话的书面语回答，简体和繁体的提问都能看懂。其他语言的服务，请拨打12345或到政务服务中心窗口咨询。"},
	{[]string{"太笨", "真笨", "好笨", "笨蛋", "没用", "答非所问", "胡说", "瞎说", "乱说", "答错", "说错", "回答错", "回答得不对", "不是我要的", "不是我问的", "没回答我", "听不懂", "看不懂", "垃圾", "差劲", "太差", "什么玩意", "智障", "不满意", "不好用", "你不对", "说得不对", "说的不对", "有错误"},
		"很抱歉没有帮上您。请换个说法，说明办的事情、在哪个地方、什么身份，我再查一次；也可以说“转人工”，我告诉您到哪里找工作人员。"},
	{[]string{"谢谢", "多谢", "感谢", "辛苦了", "谢了", "thank", "麻烦你了", "麻烦您了", "你真好", "真棒", "太好了", "很有帮助", "帮大忙"}, "不客气，还有问题可以继续问我。"},
	{[]string{"再见", "拜拜", "bye", "没有问题了", "没问题了", "没事了", "没有了", "下次再问"}, "再见，祝您办事顺利。"},
	{[]string{"你好", "您好", "在吗", "在不在", "hello", "hi", "嗨", "早上好", "上午好", "下午好", "晚上好", "小越", "有人吗"}, "您好，我是小越。请说您想办的事或想了解的政策。"},
	{[]string{"好的", "好吧", "知道了", "明白了", "了解了", "收到", "原来如此", "嗯", "哦", "ok", "清楚了", "懂了"}, "好的，还有问题可以继续问我。"},
}

// foreign is a subject that no government service covers, with what would make it one after all.
type foreign struct {
	words  []string
	unless []string
}

// chores are things the assistant is told to do that are not its work; no evidence is looked for.
var chores = []foreign{
	{[]string{"写代码", "写个代码", "一段代码", "的代码", "编程", "写程序", "python", "java", "c++", "冒泡排序", "sql语句", "写一个函数"}, []string{"培训", "补贴", "大赛"}},
	{[]string{"写首诗", "写一首", "写诗", "写作文", "讲个笑话", "讲笑话", "讲故事", "唱歌", "唱首", "写小说", "写情书", "算命", "星座", "运势", "成语接龙", "脑筋急转弯"}, nil},
	{[]string{"翻译成英", "翻译一下", "翻译这", "英语怎么说", "解方程", "数学题", "写作业", "做作业", "写论文", "微积分"}, []string{"公证", "认证", "课后"}},
}

// topics are subjects on which nothing is expected to be found; where nothing is, they are out of scope.
var topics = []foreign{
	{[]string{"股票", "炒股", "基金推荐", "买什么基金", "彩票", "比特币", "大盘", "a股", "涨停"}, []string{"税", "登记", "许可", "公积金", "股权", "兑奖"}},
	{[]string{"天气", "下雨吗", "气温", "几度", "会下雪"}, []string{"补贴", "停课", "预警", "高温津贴"}},
	{[]string{"电影推荐", "推荐电影", "电视剧", "追剧", "明星", "八卦", "游戏攻略", "打游戏", "球赛", "比分", "世界杯", "歌词"}, []string{"许可", "备案", "版权"}},
	{[]string{"菜谱", "怎么做菜", "红烧肉", "做饭", "减肥", "食谱"}, []string{"许可", "食品经营", "补贴"}},
	{[]string{"感冒吃什么药", "吃什么药", "怎么治疗", "什么症状", "开什么药"}, []string{"报销", "医保", "目录"}},
	{[]string{"谈恋爱", "女朋友", "男朋友", "追女生", "分手", "失恋"}, []string{"登记", "结婚"}},
}

// maxTalkRunes bounds small talk; longer turns tell of something.
const maxTalkRunes = 40

// ofOurs are words about 小越 itself that may stand in small talk.
var ofOurs = strings.NewReplacer("答复", "", "回答", "", "回复", "", "内容", "", "信息", "", "说的", "", "说话", "", "结果", "", "助手", "", "客服", "", "系统", "", "问题", "", "真的", "", "今天", "", "你们", "", "中国", "", "东西", "", "话", "")

// talkReply returns the reply to small talk.
func (g *Guide) talkReply(question string) (string, bool) {
	q := strings.ToLower(strings.Trim(question, "？?。！!，,~～ "))
	if utf8.RuneCountInString(q) > maxTalkRunes {
		return "", false
	}
	for _, t := range talks {
		for _, w := range t.words {
			if strings.Contains(q, w) && !g.wantsMore(ofOurs.Replace(without(q, t.words))) {
				return t.reply, true
			}
		}
	}
	return "", false
}

// wantsMore reports whether what is left of a turn names or asks something.
func (g *Guide) wantsMore(rest string) bool {
	asks := slices.DeleteFunc(g.lexicon.asksOf(rest), func(a ask) bool { return a == askYesNo })
	return len(asks) > 0 || g.hasSubject(rest)
}

// without replaces words of a text by stops.
func without(text string, words []string) string {
	for _, w := range words {
		text = strings.ReplaceAll(text, w, "，")
	}
	return text
}

func (g *Guide) isTalk(question string) bool {
	_, ok := g.talkReply(question)
	return ok || isAny(chores, question) || isAny(topics, question)
}

// isAny reports whether a question is about one of the subjects.
func isAny(list []foreign, question string) bool {
	q := strings.ToLower(question)
	for _, f := range list {
		if containsAny(q, f.words...) && !containsAny(q, f.unless...) {
			return true
		}
	}
	return false
}
