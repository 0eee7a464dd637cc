package guide

import (
	"slices"
	"strings"
)

// openings are greetings and words of transition before the question itself.
var openings = []string{"你好", "您好", "小越", "hello", "hi", "嗨", "早上好", "上午好", "下午好", "晚上好", "在吗", "请问一下", "请问", "麻烦问一下", "想问一下", "我想问一下", "我再问一下", "再问一下", "我还想问一下", "我还想问", "顺便问一下", "顺便问下", "再问下", "问一下",
	"谢谢", "谢谢你", "谢谢您", "多谢", "感谢", "那么", "原来如此", "明白了", "知道了", "了解了", "清楚了", "好的", "好吧", "收到", "另外", "对了", "还有", "嗯", "嗯嗯", "哦", "噢", "好", "行", "ok", "那"}

// tight are openings that are part of other words and count only before a stop.
var tight = []string{"好", "行", "还有", "对了", "另外", "嗯", "哦", "小越", "在吗", "hi", "ok", "谢谢", "多谢", "感谢", "清楚了", "了解了", "知道了"}

// withoutOpening strips greetings and words of transition from a question; one that is nothing else
// stays as it is.
func withoutOpening(question string) string {
	rest := question
	for {
		tail, ok := cutOpening(rest)
		if !ok {
			break
		}
		rest = tail
	}
	if strings.Trim(rest, "，,。！!？?~～ ") == "" {
		return question
	}
	return rest
}

func cutOpening(s string) (string, bool) {
	lower := strings.ToLower(s)
	best := ""
	for _, w := range openings {
		if len(w) > len(best) && strings.HasPrefix(lower, w) {
			best = w
		}
	}
	tail := s[len(best):]
	stopped := strings.TrimLeft(tail, "，,。！!~～、 啊呀了")
	switch {
	case best == "", slices.Contains(tight, best) && stopped == tail:
		return s, false
	case best == "那" && startsWithAny(tail, []string{"个", "些", "边", "里", "儿", "种", "项", "笔", "张", "份", "时", "年", "天", "几", "么", "位"}):
		return s, false
	}
	return stopped, true
}
