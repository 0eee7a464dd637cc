package guide

import (
	"fmt"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// field is a part of a service item that can be asked about: its JSON names, the kinds of questions
// that want it, and its words. say returns "" where the record states nothing.
type field struct {
	names []string
	asks  []ask
	label string
	say   func(kb.ServiceItem) string
}

var fields = []field{
	{[]string{"conditions"}, []ask{askConditions}, "办理条件", func(i kb.ServiceItem) string { return list(i.Conditions) }},
	{[]string{"materials"}, []ask{askMaterials}, "办理材料", materialsText},
	{[]string{"steps"}, []ask{askSteps}, "办理流程", func(i kb.ServiceItem) string { return list(i.Steps) }},
	{[]string{"promised_days"}, []ask{askDuration}, "承诺办结时限", promisedText},
	{[]string{"legal_days"}, []ask{askDuration}, "法定办结时限", func(i kb.ServiceItem) string { return limitText(i.LegalDays) }},
	{[]string{"fee"}, []ask{askFee}, "收费", feeText},
	{[]string{"windows"}, []ask{askPlace}, "办理地点", windowsText},
	{[]string{"windows"}, []ask{askHours}, "办公时间", hoursText},
	{[]string{"telephone"}, []ask{askPhone}, "咨询电话", phoneText},
	{[]string{"complaint"}, []ask{askComplaint}, "监督投诉电话", func(i kb.ServiceItem) string { return i.Complaint }},
	{[]string{"online"}, []ask{askOnline}, "网上办理", func(i kb.ServiceItem) string { return i.Online }},
	{[]string{"visits"}, []ask{askVisits}, "到办事现场次数", func(i kb.ServiceItem) string { return fmt.Sprintf("%d次", i.Visits) }},
	{[]string{"handling_kind"}, []ask{askHandling}, "办件类型", func(i kb.ServiceItem) string { return i.HandlingKind }},
	{[]string{"cross_region"}, []ask{askReach}, "通办范围", func(i kb.ServiceItem) string { return i.CrossRegion }},
	{[]string{"legal"}, []ask{askBasis}, "设定依据", legalText},
	{[]string{"result"}, []ask{askResult}, "办理结果", func(i kb.ServiceItem) string { return i.Result }},
	{[]string{"department"}, []ask{askOffice}, "实施机关", func(i kb.ServiceItem) string { return i.Department }},
}

// overview are the fields shown where a question names an item and no field of it.
var overview = []ask{askConditions, askMaterials, askSteps, askDuration, askFee, askPlace}

// fieldsFor returns the fields that a question wants, in its order. Of the two time limits the
// question may name one.
func fieldsFor(asks []ask, question string) []field {
	var wanted []field
	for _, a := range asks {
		for _, f := range fields {
			other := f.names[0] == "legal_days" && strings.Contains(question, "承诺") && !strings.Contains(question, "法定") ||
				f.names[0] == "promised_days" && strings.Contains(question, "法定") && !strings.Contains(question, "承诺")
			if slices.Contains(f.asks, a) && !other {
				wanted = append(wanted, f)
			}
		}
	}
	return wanted
}

// itemText says the wanted fields of an item in its own words, and which of them the record leaves
// open. stated counts those that it has.
func itemText(i kb.ServiceItem, wanted []field) (text string, stated int) {
	var said, silent []string
	for _, f := range wanted {
		words := f.say(i)
		if words == "" {
			silent = append(silent, f.label)
			continue
		}
		stated++
		said = append(said, f.label+"："+words)
	}
	if len(silent) > 0 {
		said = append(said, fmt.Sprintf("该事项的记录里没有写明%s。", strings.Join(silent, "、")))
	}
	return strings.Join(said, "\n"), stated
}

func list(entries []string) string {
	switch len(entries) {
	case 0:
		return ""
	case 1:
		return entries[0]
	}
	var b strings.Builder
	for n, e := range entries {
		fmt.Fprintf(&b, "\n%d. %s", n+1, e)
	}
	return b.String()
}

func materialsText(i kb.ServiceItem) string {
	var entries []string
	for _, m := range i.Materials {
		entries = append(entries, materialText(m))
	}
	return list(entries)
}

func materialText(m kb.Material) string {
	var marks []string
	if m.Form != "" {
		marks = append(marks, m.Form)
	}
	if m.Copies > 0 {
		marks = append(marks, fmt.Sprintf("%d份", m.Copies))
	}
	marks = append(marks, m.Required)
	if m.Issuer != "" {
		marks = append(marks, "来源："+m.Issuer)
	}
	text := m.Name + "（" + strings.Join(marks, "，") + "）"
	if m.When != "" {
		text = m.When + "：" + text
	}
	if m.Note != "" {
		text += "，" + m.Note
	}
	return text
}

func promisedText(i kb.ServiceItem) string {
	if i.PromisedDays == nil || i.HandlingKind == "" {
		return limitText(i.PromisedDays)
	}
	return i.PromisedDays.String() + "（" + i.HandlingKind + "）"
}

func limitText(d *kb.Days) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func feeText(i kb.ServiceItem) string {
	if i.Fee != "" && i.FeeBasis != "" {
		return i.Fee + "（依据：" + i.FeeBasis + "）"
	}
	return i.Fee
}

func windowsText(i kb.ServiceItem) string {
	var entries []string
	for _, w := range i.Windows {
		text := joined("，", w.Name, w.Address, prefixed("办公时间：", w.Hours), prefixed("电话：", w.Telephone), prefixed("交通：", w.Route))
		entries = append(entries, text)
	}
	return list(entries)
}

func hoursText(i kb.ServiceItem) string {
	var entries []string
	for _, w := range i.Windows {
		if w.Hours != "" {
			entries = append(entries, joined("，", w.Name, w.Hours))
		}
	}
	return list(entries)
}

func legalText(i kb.ServiceItem) string {
	var entries []string
	for _, l := range i.Legal {
		title := l.Title
		if !strings.HasPrefix(title, "《") {
			title = "《" + title + "》"
		}
		if l.Number != "" {
			title += "（" + l.Number + "）"
		}
		entries = append(entries, title+l.Clause+prefixed("：", l.Text))
	}
	return list(entries)
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func joined(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), sep)
}

// phoneText is the telephone of the only window where it has one of its own, else that of the item.
func phoneText(i kb.ServiceItem) string {
	if len(i.Windows) == 1 && i.Windows[0].Telephone != "" {
		return i.Windows[0].Telephone
	}
	return i.Telephone
}

// windowsFor keeps of an item's windows those of the place asked about: its own where it has any,
// else those above it. Windows of siblings are left out.
func windowsFor(windows []kb.Window, chain []string) []kb.Window {
	for _, code := range chain {
		var own []kb.Window
		for _, w := range windows {
			if w.Region == code {
				own = append(own, w)
			}
		}
		if len(own) > 0 {
			return own
		}
	}
	return windows
}
