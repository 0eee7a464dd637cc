package html

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// canonical names of the labels that government sites print beside a text, by what they print.
var canonical = map[string]string{
	"索引号": "索引号", "信息索引号": "索引号",
	"文号": "文号", "发文字号": "文号", "文件编号": "文号", "发文文号": "文号", "文件字号": "文号", "公文文号": "文号",
	"发文机关": "发文机关", "发布机构": "发文机关", "发文单位": "发文机关", "制发机关": "发文机关", "制定机关": "发文机关",
	"发布单位": "发文机关", "公开主体": "发文机关", "发文机构": "发文机关", "制发单位": "发文机关", "发布机关": "发文机关",
	"发布日期": "发布日期", "发布时间": "发布日期", "公开日期": "发布日期", "公布日期": "发布日期",
	"成文日期": "成文日期", "生成日期": "成文日期", "发文日期": "成文日期", "印发日期": "成文日期",
	"有效性": "有效性", "时效性": "有效性", "效力状态": "有效性", "是否有效": "有效性", "文件状态": "有效性",
	"施行日期": "施行日期", "生效日期": "施行日期", "实施日期": "施行日期",
	"失效日期": "失效日期", "废止日期": "失效日期", "终止日期": "失效日期",
	"统一编号": "统一编号", "规范性文件编号": "统一编号", "规范性文件登记号": "统一编号",
	"主题分类": "主题分类", "主题词": "主题词", "体裁分类": "体裁分类", "组配分类": "组配分类",
	"公开方式": "公开方式", "公开范围": "公开范围", "服务对象": "服务对象",
	"来源": "来源", "信息来源": "来源", "文章来源": "来源",
	"名称": "title", "标题": "title", "信息名称": "title", "文件名称": "title",
}

// metaNames are meta elements that the guideline for government sites (政府网站发展指引,
// 国办发〔2017〕47号) asks for, and the property that each gives.
var metaNames = map[string]string{
	"articletitle": "title", "pubdate": "发布日期", "contentsource": "来源",
}

// maxValue is how many characters the value of a label may have.
const maxValue = 200

// metas reads the meta elements.
func metas(root *html.Node, props map[string]string) {
	find(root, func(n *html.Node) bool {
		if n.DataAtom != atom.Meta {
			return false
		}
		if key := metaNames[strings.ToLower(attr(n, "name"))]; key != "" && props[key] == "" {
			props[key] = oneLine(attr(n, "content"))
		}
		return false
	})
}

// labels reads label tables anywhere, and labels set by other means outside of the main content.
func labels(body *html.Node, p *page) {
	each(body, func(n *html.Node) bool {
		if n.DataAtom == atom.Table {
			return !labelTable(n, p)
		}
		if n == p.main {
			each(n, func(c *html.Node) bool {
				return c.DataAtom != atom.Table || !labelTable(c, p)
			})
			return false
		}
		labelled(n, p.properties)
		return true
	})
}

// labelTable reads a table of labels and values and says whether it was one.
func labelTable(table *html.Node, p *page) bool {
	found := make(map[string]string)
	for _, r := range tableRows(table) {
		row := cells(r)
		for i := 0; i < len(row); i++ {
			t := brief(row[i])
			if inline := pairs(t); len(inline) > 0 {
				for _, kv := range inline {
					keep(found, kv[0], kv[1])
				}
				continue
			}
			if key := label(t); key != "" && i+1 < len(row) {
				i++
				keep(found, key, brief(row[i]))
			}
		}
	}
	if len(found) < 2 {
		return false
	}
	for k, v := range found {
		keep(p.properties, k, v)
	}
	p.tables[table] = true
	return true
}

// labelled reads an element like <li>文号：…</li>, or <dt>文号</dt> with what follows it.
func labelled(n *html.Node, props map[string]string) {
	t := brief(n)
	if t == "" || n.DataAtom == atom.A {
		return
	}
	if inline := pairs(t); len(inline) > 0 {
		for _, kv := range inline {
			keep(props, kv[0], kv[1])
		}
		return
	}
	key := label(t)
	if key == "" || n.DataAtom != atom.Dt && !strings.HasSuffix(t, "：") && !strings.HasSuffix(t, ":") {
		return
	}
	for s := n.NextSibling; s != nil; s = s.NextSibling {
		if v := brief(s); v != "" {
			keep(props, key, strings.TrimLeft(v, ":： "))
			return
		}
	}
}

// brief returns the text of a short element, "" for one too long to be a label or a value.
func brief(n *html.Node) string {
	t, ok := wordsUpTo(n, 4*maxValue)
	if !ok || utf8.RuneCountInString(t) > maxValue {
		return ""
	}
	return t
}

// keep stores a property, the first found wins.
func keep(props map[string]string, key, value string) {
	if props[key] == "" && value != "" && utf8.RuneCountInString(value) <= maxValue {
		props[key] = value
	}
}

// label returns the canonical name of a label as printed, 索 引 号： included.
func label(t string) string {
	if utf8.RuneCountInString(t) > 24 {
		return ""
	}
	return canonical[strings.Trim(squeeze(t), "[]【】:： ")]
}

// pairs splits a line such as 发布日期：2025-01-02 来源：某市某局 浏览次数：12 into names and values;
// labels that are not ours end a value and are dropped.
func pairs(t string) [][2]string {
	var all [][2]string
	key := ""
	var value []string
	end := func() {
		if key != "" && len(value) > 0 {
			all = append(all, [2]string{key, strings.Join(value, " ")})
		}
		key, value = "", nil
	}
	for _, f := range strings.Fields(spacer.Replace(t)) {
		head, rest, ok := strings.Cut(f, "：")
		if !ok {
			value = append(value, f)
			continue
		}
		if open := label(strings.Join(value, "") + head); key == "" && open != "" { // 文 号：
			head = open
		}
		end()
		key = label(head)
		if rest != "" {
			value = append(value, rest)
		}
	}
	end()
	return all
}

// spacer puts a space in front of every known label with a colon, and makes the colon wide. It goes
// over a text once, so that 规范性文件编号： is not taken apart by 文件编号： within it.
var spacer = newSpacer()

func newSpacer() *strings.Replacer {
	var pairs []string
	for name := range canonical {
		for _, colon := range []string{":", "：", "】"} {
			pairs = append(pairs, name+colon, " "+name+"： ")
		}
	}
	return strings.NewReplacer(pairs...)
}
