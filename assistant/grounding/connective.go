package grounding

import (
	"regexp"
	"strings"
)

var listMark = regexp.MustCompile(`^\s*(?:[-*•·]\s*|\d{1,2}[.、．)）]\s*|[（(](?:\d{1,2}|[一二三四五六七八九十]{1,3})[）)]\s*|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十][，,]|[①-⑳]\s*)`)

// unmark takes the mark of a list from before a sentence.
func unmark(sentence string) string {
	return strings.TrimSpace(listMark.ReplaceAllString(sentence, ""))
}

// leadWords are the nouns of a sentence that only leads to what follows.
var leadWords = map[string]bool{"材料": true, "标准": true, "期限": true, "电话": true, "地址": true, "申请": true, "办理": true, "提交": true, "领取": true, "提供": true, "要求": true, "符合": true, "包括": true, "规定": true}

// connects reports whether a sentence states nothing: 具体如下：, 需要的材料如下：.
func connects(r reading) bool {
	leads := strings.HasSuffix(r.text, ":") || strings.Contains(r.text, "如下") || strings.Contains(r.text, "以下")
	for _, p := range r.pieces {
		if len(p.figures) > 0 || len(p.denials) > 0 {
			return false
		}
		for _, t := range p.tokens {
			switch {
			case t.kind == empty, t.kind == mark:
			case leads && (t.kind == must || leadWords[t.name]):
			default:
				return false
			}
		}
	}
	return true
}
