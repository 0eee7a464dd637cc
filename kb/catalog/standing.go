package catalog

import (
	"cmp"
	"slices"
	"time"

	"xiaoyue/kb"
)

// This file decides, without any SQL, how texts stand: which versions can be asked for, and from
// when to when each holds in view of all that is known.

// edition is one version of a document.
type edition struct {
	Version  int
	Date     kb.Date // of the text: valid from, else issued, else published
	Number   string  // normal
	Names    []string
	Stated   kb.Validity
	Standing kb.Validity
	Live     bool    // can be asked for
	Next     kb.Date // first day of the live version after it; zero for the newest
	Recorded time.Time
	Retired  time.Time
}

// dateOf is the date by which texts are older and newer than each other.
func dateOf(d kb.Document) kb.Date {
	for _, day := range []kb.Date{d.Validity.From, d.IssuedOn, d.PublishedOn} {
		if !day.IsZero() {
			return day
		}
	}
	return kb.Date{}
}

// known returns the editions recorded by a moment, as they stood then.
func known(editions []edition, at time.Time) []edition {
	var then []edition
	for _, e := range editions {
		if e.Recorded.After(at) {
			continue
		}
		if e.Retired.After(at) {
			e.Retired = time.Time{}
		}
		then = append(then, e)
	}
	return then
}

// settle sets Live and Next. Editions are ordered by version. The newest is live unless it was
// withdrawn. An older one stays live as history if it began before the live one after it; one
// that began on the same day, or when no day is known, was corrected and is gone.
func settle(editions []edition) {
	next := kb.Date{}
	for i, e := range slices.Backward(editions) {
		newest := i == len(editions)-1
		if newest && !e.Retired.IsZero() {
			for j := range editions {
				editions[j].Live = false
			}
			return
		}
		e.Live = newest || !next.IsZero() && e.Stated.From.Before(next)
		e.Next = next
		if e.Live {
			next = e.Stated.From
		}
		editions[i] = e
	}
}

// act is a relation as it meets its target.
type act struct {
	kb.Relation
	version int     // of the acting text
	ordinal int     // in the acting text
	day     kb.Date // of the acting text
	number  string  // normal reference, see reference
	title   string
}

// since is the first day of the act's effect; zero where nothing says so.
func (a act) since() kb.Date {
	if !a.Effective.IsZero() {
		return a.Effective
	}
	return a.day
}

// orderActs puts acts in the order in which they took effect.
func orderActs(acts []act) {
	slices.SortStableFunc(acts, func(a, b act) int {
		return cmp.Or(a.since().Compare(b.since()), cmp.Compare(a.From, b.From),
			cmp.Compare(a.version, b.version), cmp.Compare(a.ordinal, b.ordinal))
	})
}

// names reports whether the act refers to an edition: by its document ID or its number, of which
// there may be copies. Without either a title decides, and means an older text of that title.
func (a act) names(id string, e edition) bool {
	switch {
	case a.From == id:
		return false
	case a.To == id:
		return true
	case a.number != "" && e.Number != "":
		return a.number == e.Number
	}
	return a.byTitle(e) && slices.Contains(e.Names, a.title) &&
		(a.day.IsZero() || e.Date.IsZero() || e.Date.Before(a.day))
}

// byTitle reports whether the title alone can say that the act means an edition.
func (a act) byTitle(e edition) bool {
	return a.To == "" && a.title != "" && (a.number == "" || e.Number == "")
}

// standing returns what the acts on an edition and its successor make of a validity: of the whole
// text, or of a passage with the given clause.
func standing(v kb.Validity, clause string, acts []act, next kb.Date) kb.Validity {
	for _, a := range acts {
		r := a.Relation
		if len(r.Clauses) > 0 && !slices.ContainsFunc(r.Clauses, func(c string) bool { return clauseCovers(c, clause) }) {
			continue
		}
		r.Clauses = nil
		if r.Kind != kb.Amends || len(a.Clauses) == 0 {
			v = r.Effect(v, a.day)
			continue
		}
		// The words of an amended clause end as those of a superseded text do.
		r.Kind = kb.Supersedes
		if cut := r.Effect(v, a.day); cut != v {
			cut.Ended = kb.StatusAmended
			v = cut
		}
	}
	return kb.Relation{Kind: kb.Supersedes, Basis: v.Basis}.Effect(v, next)
}

// cutting is a passage in one version.
type cutting struct {
	ID       string
	Version  int
	Clause   string
	Stated   kb.Validity
	Standing kb.Validity
	Live     bool
}

// settlePassages sets Live and Standing of the passages of a document. A passage that several live
// versions share is shown as in the newest of them and holds from the beginning of the oldest.
func settlePassages(cuttings []cutting, editions []edition, actsOf func(version int) []act) {
	live := map[int]edition{}
	for _, e := range editions {
		if e.Live {
			live[e.Version] = e
		}
	}
	byNewest := make([]*cutting, len(cuttings))
	for i := range cuttings {
		byNewest[i] = &cuttings[i]
	}
	slices.SortFunc(byNewest, func(a, b *cutting) int { return cmp.Compare(b.Version, a.Version) })
	from := map[string]kb.Date{} // of the shared passages, by ID
	for _, c := range slices.Backward(byNewest) {
		if _, ok := live[c.Version]; !ok {
			continue
		}
		if first, ok := from[c.ID]; !ok || !first.IsZero() && c.Stated.From.Before(first) {
			from[c.ID] = c.Stated.From
		}
	}
	shown := map[string]bool{}
	for _, c := range byNewest {
		e, ok := live[c.Version]
		c.Live = ok && !shown[c.ID]
		if !c.Live {
			continue
		}
		shown[c.ID] = true
		v := c.Stated
		v.From = from[c.ID]
		c.Standing = standing(v, c.Clause, actsOf(c.Version), e.Next)
	}
}
