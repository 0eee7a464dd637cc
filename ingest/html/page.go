package html

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page is what is known of a page before its content is read.
type page struct {
	main       *html.Node
	properties map[string]string
	tables     map[*html.Node]bool // label tables, read into properties
}

// containers are the ids and classes in which the content systems of Chinese government sites put
// the article, the surest first.
var containers = []string{
	"trs_editor", "trs_ueditor", "ucap-content", "zoom", "vsb_content", "js_content",
	"pages_content", "article-content", "article_content", "articlecontent", "article-con", "article_con",
	"news_content", "newscontent", "wzcon", "xxgk-content", "detail-content", "content_detail", "content-detail",
}

// leastShare is the share of a page's running text that a container must hold: a smaller one is a
// teaser or a fragment of the article.
const leastShare = 0.3

// readPage finds the main content and the properties.
func readPage(root, body *html.Node) page {
	p := page{properties: make(map[string]string), tables: make(map[*html.Node]bool)}
	p.main = mainContent(body)
	metas(root, p.properties)
	labels(body, &p)
	if p.properties["title"] == "" {
		p.properties["title"] = headline(root, p.main)
	}
	for k, v := range p.properties {
		if v == "" {
			delete(p.properties, k)
		}
	}
	return p
}

// mainContent returns the element that holds the article, or the whole body.
func mainContent(body *html.Node) *html.Node {
	all := prose(body)
	for _, name := range append(containers, "article", "main") {
		best, most := (*html.Node)(nil), 0
		each(body, func(n *html.Node) bool {
			if !named(n, name) {
				return true
			}
			if p := prose(n); p > most {
				best, most = n, p
			}
			return false
		})
		if most > 0 && float64(most) >= leastShare*float64(all) {
			return best
		}
	}
	return body
}

// named says whether an element is one, or has it as its id or among its classes.
func named(n *html.Node, name string) bool {
	if name == "article" || name == "main" {
		return n.Data == name || name == "main" && attr(n, "role") == "main"
	}
	if strings.EqualFold(attr(n, "id"), name) {
		return true
	}
	for _, c := range strings.Fields(attr(n, "class")) {
		if strings.EqualFold(c, name) {
			return true
		}
	}
	return false
}

// prose counts the characters of visible text outside of links.
func prose(n *html.Node) int {
	count := 0
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			count += utf8.RuneCountInString(squeeze(c.Data))
		case c.Type == html.ElementNode && c.DataAtom != atom.A && !left(c):
			count += prose(c)
		}
	}
	return count
}

// headline is the page's first h1, else its title without the name of the site.
func headline(root, main *html.Node) string {
	if n := find(root, func(n *html.Node) bool { return n.DataAtom == atom.H1 && words(n) != "" }); n != nil {
		return words(n)
	}
	n := find(root, func(n *html.Node) bool { return n.DataAtom == atom.Title })
	if n == nil || n.FirstChild == nil {
		return ""
	}
	s := oneLine(n.FirstChild.Data)
	for _, sep := range []string{"_", " - ", " | ", "－", "--"} {
		if head, _, ok := strings.Cut(s, sep); ok && utf8.RuneCountInString(head) >= 6 {
			s = strings.TrimSpace(head)
		}
	}
	return s
}
