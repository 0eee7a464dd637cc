package prompt

import (
	"strings"
	"unicode"

	"xiaoyue/kb"
)

// frame is an Ask as templates see it: nothing in it can be taken for a mark or a handle.
type frame struct {
	Nonce, Question, Place, AsOf string
	Evidence                     []framed
	Objection                    string
}

type framed struct {
	N                                            int
	Title, Number, Clause, Place, Standing, Text string
}

// nonceLength is how many characters of a hash the marks carry; nobody guesses them in one try.
const nonceLength = 12

// nonceOf makes the code in the marks from the trace ID, which is drawn when the question comes in:
// no document can know it, and a replay finds it again.
func nonceOf(trace string) string { return hash("evidence of " + trace)[:nonceLength] }

func frameOf(a Ask) frame {
	f := frame{Nonce: nonceOf(a.Trace), Question: Defused(a.Question), Place: Defused(a.Place), AsOf: a.AsOf.Chinese(), Objection: Defused(a.Objection)}
	for i, p := range a.Evidence {
		f.Evidence = append(f.Evidence, framed{i + 1, oneLine(p.Title), oneLine(p.Number), oneLine(p.Clause), oneLine(p.Place), Standing(p.Validity, a.AsOf), Defused(p.Text)})
	}
	return f
}

// oneLine is for what stands beside a label: a title with a line break could pass for another label.
func oneLine(s string) string { return strings.Join(strings.Fields(Defused(s)), " ") }

// defused are the characters of marks, handles and control tokens with what is written for them.
var defused = strings.NewReplacer("<", "〈", ">", "〉", "＜", "〈", "＞", "〉", "﹤", "〈", "﹥", "〉",
	"[", "〔", "]", "〕", "［", "〔", "］", "〕", "【", "〔", "】", "〕", "{{", "｛｛", "}}", "｝｝")

// Defused returns a text in which nothing reads as a mark, a handle or a token of a chat template, and
// nothing is hidden from a reader's eye.
func Defused(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, defused.Replace(strings.ToValidUTF8(s, "")))
}

// standings are the words for how a text stands.
var standings = map[kb.Status]string{
	kb.StatusInForce: "现行有效", kb.StatusNotYet: "尚未施行", kb.StatusExpired: "有效期已满", kb.StatusRepealed: "已废止",
	kb.StatusSuperseded: "已被新文件代替", kb.StatusSuspended: "暂停执行", kb.StatusAmended: "已被修改",
}

// Standing says how a text stands on a day: 现行有效，自2025年1月1日起施行，至2026年12月31日止.
func Standing(v kb.Validity, day kb.Date) string {
	words := standings[v.On(day)]
	if !v.From.IsZero() {
		words += "，自" + v.From.Chinese() + "起施行"
	}
	if !v.Until.IsZero() {
		words += "，至" + v.Until.Chinese() + "止"
	}
	return words
}
