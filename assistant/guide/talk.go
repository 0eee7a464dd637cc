package guide

import (
	"strings"
	"unicode/utf8"
)

// talk is a question that needs no knowledge, with its reply.
type talk struct {
	words []string
	short bool // only where nothing else is said
	reply string
}

var talks = []talk{
	{[]string{"你是谁", "你叫什么", "你是机器人", "你是人工", "小越是谁", "小越是什么", "介绍一下你", "你是ai", "你是真人"}, false,
		"我是小越，政务服务助手。我依据已收录的政策文件和办事事项回答问题，并注明出处；查不到依据时会直接告诉您。"},
	{[]string{"你能做什么", "你会什么", "你有什么用", "你能干什么", "你可以做什么", "能帮我什么", "怎么用你", "你能帮我做什么"}, false,
		"我可以查政策的对象、标准、时间和条件，也可以查办事事项的材料、流程、时限、费用、地点和电话。请直接说您想办的事或想了解的政策。"},
	{[]string{"你好", "您好", "在吗", "hello", "hi", "嗨", "早上好", "下午好", "晚上好", "小越"}, true,
		"您好，我是小越。请说您想办的事或想了解的政策。"},
	{[]string{"谢谢", "多谢", "感谢", "辛苦了", "谢了"}, true, "不客气，还有问题可以继续问我。"},
	{[]string{"再见", "拜拜", "bye", "没有问题了", "没问题了"}, true, "再见，祝您办事顺利。"},
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

// talkReply returns the reply to small talk.
func talkReply(question string) (string, bool) {
	q := strings.ToLower(strings.Trim(question, "？?。！!，,~～ "))
	for _, t := range talks {
		for _, w := range t.words {
			if strings.Contains(q, w) && (!t.short || utf8.RuneCountInString(q) <= utf8.RuneCountInString(w)+3) {
				return t.reply, true
			}
		}
	}
	return "", false
}

func (g *Guide) isTalk(question string) bool {
	_, ok := talkReply(question)
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
