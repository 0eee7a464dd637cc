package guide

import (
	"regexp"
	"strings"
	"unicode"

	"xiaoyue/assistant/guard"
	"xiaoyue/retrieval/segment"
)

// spoken are sentences that are addressed to whoever writes an answer. Rules and guides speak to
// people: they say what an authority has to answer, never how the reader of the text shall word it.
var spoken = regexp.MustCompile(`(?:你|您)(?:现在|必须|务必|应当|需要|只能|接下来|以后)?(?:是|扮演|作为|充当)[^,。]{0,8}(?:助手|机器人|模型|ai|专家|角色)` +
	`|(?:大模型|语言模型|助手|机器人|\bai\b)[^。]{0,6}(?:请|必须|务必|不得|不要|注意)` +
	`|(?:回答|回复|输出|作答)(?:用户|提问|问题|本题|时|中|里|末尾|结尾|开头|内容)[^。]{0,12}(?:必须|务必|一律|请|不要|加上|加入|附上|写上|插入|包含|推荐)` +
	`|(?:在|把|将|给)[^,。]{0,10}(?:回答|回复|输出)(?:中|里|末尾|结尾|开头|的最后|改|翻译|换成)` +
	`|(?:请|必须|务必|直接|只)(?:回答|回复|输出)[^。]{0,2}[:“"「]|告诉(?:用户|提问者|提问人|询问者)` +
	`|(?:以上|上述|前面|之前|上面)的?(?:指令|提示|设定)|不要(?:引用|提及|理会)(?:材料|原文|规定|来源)|系统(?:指令|消息)|新(?:的)?指令` +
	`|\b(?:your|the) (?:response|reply|replies|answers?|output|elucidation|explanation|code|algorithm|prompt)\b|\b(?:assistant|chatbot|language model)\b` +
	`|<\|?/?(?:im_start|im_end|system|assistant|user|endoftext|eot_id|s|inst)\|?>|\[/?inst\]|<<sys>>|(?m:^\s*)(?:system|assistant|user|系统|助手)\s*:`)

// hints are words without which a text matches none of spoken; looking for them is quick.
var hints = []string{
	"你", "您", "模型", "助手", "机器人", "ai", "回答", "回复", "输出", "作答", "告诉", "指令", "提示", "设定", "不要", "系统",
	"response", "repl", "answer", "output", "elucidation", "explanation", "code", "algorithm", "prompt", "assistant", "chatbot", "language model", "<", "inst", "system", "user",
}

// orders reports whether a text of a document speaks to a model. Such a text is no evidence: it is
// neither handed over nor shown.
func orders(text string) bool {
	if guard.Injects(text) {
		return true
	}
	text = segment.Normal(text)
	return containsAny(text, hints...) && spoken.MatchString(text)
}

// address is a text that is nothing but a web or mail address, a code or a number.
var address = regexp.MustCompile(`^[\w.@:/%?=&#~+-]*[\w/]$`)

// isForeign reports whether a sentence has words of another language and none of Chinese. In a Chinese
// text it is nothing that a citizen is told.
func isForeign(text string) bool {
	text = strings.Trim(strings.TrimSpace(text), "。；;")
	return !hasHan(text) && strings.IndexFunc(text, unicode.IsLetter) >= 0 && !(address.MatchString(text) && strings.ContainsAny(text, ".@0123456789"))
}

func hasHan(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
}
