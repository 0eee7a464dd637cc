package grounding

import (
	"regexp"
	"strings"
)

// actor matches the last characters of the name of somebody who acts: 受理机构, 用人单位.
var actor = regexp.MustCompile(`\p{Han}{2}(?:机构|部门|单位|银行|窗口|中心|政府|办事处|公司|企业)|申请人|借款人|出租人|承租人`)

// The words before somebody who acts, and before somebody who is acted upon.
var (
	byActor = regexp.MustCompile(`(由|被)[^,]{0,12}$`)
	toActor = regexp.MustCompile(`(向|给|对|告知|通知|送|交|报|到|至|在)[^,]{0,12}$`)
)

// roles compares who acts: who does something in the sentence is not done to in the evidence.
func (j *judging) roles(c *clause, _ *source, a *attempt) bool {
	if !j.taken(c, a) {
		a.fault, a.detail = Subject, "“"+c.text+"”与依据中的对象相反"
		return false
	}
	said := actors(c.text)
	if len(said) < 2 || a.unit.row {
		return true
	}
	for _, id := range a.own {
		for name, acts := range actors(j.g.index.pieces[id].text) {
			if mine, ok := said[name]; ok && mine != acts {
				a.fault, a.detail = Subject, "“"+name+"”在依据中不是这个角色"
				return false
			}
		}
	}
	return true
}

// actors returns who is named in a text, and whether each acts. Who stands first acts, unless a word
// before says otherwise.
func actors(text string) map[string]bool {
	found := map[string]bool{}
	end := 0
	for n, m := range actor.FindAllStringIndex(text, -1) {
		name, before := text[m[0]:m[1]], text[end:m[0]]
		end = m[1]
		switch {
		case byActor.MatchString(before):
			found[name] = true
		case toActor.MatchString(before):
			found[name] = false
		default:
			found[name] = n == 0
		}
	}
	return found
}

// sources are words whose object may not be exchanged: 从购房补贴中扣除.
var sources = []string{"从", "由", "向", "较", "比"}

// taken reports whether what follows a word like 从 in a clause follows it in the evidence too, where
// the evidence has both.
func (j *judging) taken(c *clause, a *attempt) bool {
	for k, t := range c.tokens {
		if k+1 >= len(c.tokens) || !holdsAny(t.name, sources) || t.kind != empty {
			continue
		}
		next := strings.TrimSuffix(c.written(c.tokens[k+1]), "里") // 区里
		for _, id := range a.own {
			text := j.g.index.pieces[id].text
			if i := strings.Index(text, t.name); i >= 0 && len(next) > len("字") && !strings.Contains(text[i:], next) && !j.g.index.pieces[id].has(c.tokens[k+1].name) {
				return false
			}
		}
	}
	return true
}
