package layout

import (
	"regexp"
	"strings"
)

// margin is the share of a page's height, at the top and at the bottom, in which running heads and
// folios stand.
const margin = 0.12

var (
	folio  = regexp.MustCompile(`^[-—–－−─·•\s]*(第\s*)?[0-9０-９]{1,4}(\s*页)?(\s*[/／,，共]\s*共?\s*第?\s*[0-9]{1,4}\s*页?)?[-—–－−─·•\s]*$`)
	digits = regexp.MustCompile(`[0-9０-９]+`)
)

// dropFurniture removes folios, and lines that stand in the margin of at least half of the pages
// with nothing but their digits changed.
func dropFurniture(pages []*Page) {
	type place struct {
		text string
		y    int
	}
	at := func(l line) place {
		return place{digits.ReplaceAllString(strings.Join(strings.Fields(l.text), ""), "#"), int(l.Middle() / 8)}
	}
	seen := make(map[place]int)
	for _, p := range pages {
		onPage := make(map[place]bool)
		for _, l := range p.lines {
			if p.inMargin(l) {
				onPage[at(l)] = true
			}
		}
		for k := range onPage {
			seen[k]++
		}
	}
	for _, p := range pages {
		kept := p.lines[:0]
		for _, l := range p.lines {
			k := at(l)
			repeats := max(seen[k], seen[place{k.text, k.y - 1}], seen[place{k.text, k.y + 1}])
			if p.inMargin(l) && (folio.MatchString(l.text) || repeats > 1 && 2*repeats >= len(pages)) {
				p.Beside = append(p.Beside, l.text)
				continue
			}
			kept = append(kept, l)
		}
		p.lines = kept
	}
}

func (p *Page) inMargin(l line) bool {
	edge := margin * p.Size.Height()
	return l.Middle() > p.Size.Top-edge || l.Middle() < p.Size.Bottom+edge
}
