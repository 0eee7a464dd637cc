package ingest

import (
	"strings"
	"unicode/utf8"
)

// NoteBeside keeps what a text that readers leave out (a running head, a watermark) says of secrecy:
// it becomes the property 密级, so that a secret file is known by its page header alone.
func NoteBeside(props map[string]string, text string) {
	const longest = 60 // of a mark with what stands beside it; prose about secrets is longer
	text = strings.Join(strings.Fields(text), "")
	if utf8.RuneCountInString(text) > longest {
		return
	}
	for _, level := range []string{"绝密", "机密", "秘密"} {
		if at := strings.Index(text, level); at >= 0 && props["密级"] == "" {
			props["密级"] = text[at:]
		}
	}
}
