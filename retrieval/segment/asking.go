package segment

import "strings"

// asking are words that make a sentence a question or a request and name nothing to look for, each
// replaced by a space so that no pair of characters forms across it. Longer ones come first.
var asking = strings.NewReplacer(
	"请问一下", " ", "请问", " ", "你好", " ", "您好", " ", "我想知道", " ", "我想问", " ", "想咨询", " ", "咨询一下", " ",
	"是什么时候", " ", "什么时候", " ", "是什么", " ", "为什么", " ", "有什么", " ", "什么样的", " ", "什么样", " ", "什么", " ",
	"有哪些", " ", "哪几个", " ", "哪几", " ", "哪些", " ", "哪个", " ", "哪一", " ", "哪里", " ", "在哪儿", " ", "在哪", " ",
	"怎么样", " ", "怎么办", " ", "怎么", " ", "怎样", " ", "如何", " ", "为何", " ", "有何", " ", "何时", " ", "何地", " ",
	"是否", " ", "能不能", " ", "可不可以", " ", "可以吗", " ", "有没有", " ", "是不是", " ", "要不要", " ", "多少", " ", "多久", " ",
	"吗", " ", "呢", " ", "？", " ", "?", " ",
)

// Words that open and close the subject of a message to the government.
var (
	opening = []string{"关于", "反映", "咨询", "建议", "请求", "希望"}
	closing = []string{"的问题", "问题", "的建议", "的咨询", "的请求", "的情况", "事宜"}
)

// stripAsking removes what only asks from a normalised question.
func stripAsking(s string) string {
	s = strings.TrimSpace(asking.Replace(s))
	for _, w := range opening {
		s = strings.TrimPrefix(s, w)
	}
	for _, w := range closing {
		s = strings.TrimSuffix(s, w)
	}
	return s
}
