package indextest

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// CorpusDimension is that of a corpus's vectors.
const CorpusDimension = 512

// The shape of a corpus: passages of so many topics in so many latent dimensions, and words whose
// frequency falls with their rank (Zipf).
const (
	topics      = 2_000
	latent      = 48
	vocabulary  = 20_000
	titleWords  = 5
	textWords   = 45
	perDocument = 20
)

// Corpus makes passages for measuring that are like real ones: about 140 characters of words of two to
// four characters, vectors that crowd around topics. The same seed makes the same passages. It is not
// safe for concurrent use.
type Corpus struct {
	*rand.Rand
	words   []string
	zipf    *rand.Zipf
	basis   [latent][]float32
	centres [topics][latent]float32
}

// NewCorpus returns the corpus of a seed. Corpora of two seeds have the same topics and words, so that
// the questions of one fit the passages of another.
func NewCorpus(seed uint64) *Corpus {
	r := rand.New(rand.NewPCG(1, 2))
	c := &Corpus{Rand: r}
	for range vocabulary {
		word := make([]rune, 2+r.IntN(3))
		for i := range word {
			word[i] = 0x4e00 + rune(r.ExpFloat64()*600)%3000
		}
		c.words = append(c.words, string(word))
	}
	for i := range c.basis {
		c.basis[i] = c.normal(CorpusDimension)
	}
	for i := range c.centres {
		copy(c.centres[i][:], c.normal(latent))
	}
	c.Rand = rand.New(rand.NewPCG(seed, 3))
	c.zipf = rand.NewZipf(c.Rand, 1.07, 8, vocabulary-1)
	return c
}

func (c *Corpus) normal(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(c.NormFloat64())
	}
	return v
}

// Vector returns the vector, of norm 1, of a passage or a question.
func (c *Corpus) Vector() []float32 {
	centre, v := &c.centres[c.IntN(topics)], c.normal(CorpusDimension)
	for i, b := range c.basis {
		w := centre[i] + .4*float32(c.NormFloat64())
		for j := range v {
			v[j] += w * b[j]
		}
	}
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
	return v
}

// Text returns a text of so many words.
func (c *Corpus) Text(words int) string {
	var b strings.Builder
	for i := range words {
		b.WriteString(c.words[c.zipf.Uint64()])
		if i%7 == 6 {
			b.WriteString("，")
		}
	}
	return b.String()
}

// Passage returns passage number i. Its region says which of Shares keep it.
func (c *Corpus) Passage(i int) retrieval.Entry {
	e := retrieval.Entry{
		ID: fmt.Sprintf("passage-%07d", i), DocID: fmt.Sprintf("document-%05d", i/perDocument),
		Title: c.Text(titleWords), Text: c.Text(textWords), Vector: c.Vector(),
		Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic},
	}
	e.Validity.From = kb.MustDate("2020-01-01").Add(0, 0, c.IntN(2000))
	switch p := c.Float64(); {
	case p < .001:
		e.Region = "1"
	case p < .05:
		e.Region = "2"
	case p < .5:
		e.Region = "3"
	default:
		e.Region = "4"
	}
	return e
}

// Question returns a question of a few words with its vector, for the 20 best of everything.
func (c *Corpus) Question() retrieval.Request {
	return retrieval.Request{Text: c.Text(titleWords), Vector: c.Vector(), Limit: 20, Scope: Shares[0].Scope()}
}

// Share is a part of a corpus that a scope keeps.
type Share struct {
	Keep    string // of all passages, in per cent
	regions []string
}

// Shares are the scopes that searches are measured in; the first keeps everything.
var Shares = []Share{
	{"100%", nil}, {"50%", []string{"1", "2", "3"}}, {"5%", []string{"1", "2"}}, {"0.1%", []string{"1"}},
}

// Scope keeps the share of a corpus.
func (s Share) Scope() kb.Scope {
	return kb.Scope{
		Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}, Regions: s.regions, AsOf: kb.MustDate("2026-01-01"),
	}
}

// Nearest is the plain search that recall is measured against: the cosine of every vector in scope, and
// the best kept in order. Vectors have norm 1.
func Nearest(entries []retrieval.Entry, req retrieval.Request) []retrieval.Match {
	best := make([]retrieval.Match, 0, req.Limit+1)
	for i := range entries {
		e := &entries[i]
		if len(req.Scope.Regions) > 0 && !req.Scope.Admits(e.Attributes) {
			continue
		}
		score := float64(product(req.Vector, e.Vector))
		if len(best) == req.Limit && score <= best[req.Limit-1].Score {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, score, func(m retrieval.Match, s float64) int { return cmp.Compare(s, m.Score) })
		best = slices.Insert(best, at, retrieval.Match{ID: e.ID, DocID: e.DocID, Score: score})
		best = best[:min(len(best), req.Limit)]
	}
	return best
}

// product is the product of two vectors in eight sums side by side, as fast as plain Go gets.
func product(a, b []float32) (sum float32) {
	const width = 8
	b = b[:len(a)]
	var s [width]float32
	for ; len(a) >= width; a, b = a[width:], b[width:] {
		for i := range width {
			s[i] += a[i] * b[i]
		}
	}
	for i := range a {
		sum += a[i] * b[i]
	}
	for _, x := range s {
		sum += x
	}
	return sum
}

// Recall is the share of the true matches that were found.
func Recall(truth, got []retrieval.Match) float64 {
	if len(truth) == 0 {
		return 1
	}
	found := 0
	for _, m := range got {
		if slices.ContainsFunc(truth, func(t retrieval.Match) bool { return t.ID == m.ID }) {
			found++
		}
	}
	return float64(found) / float64(len(truth))
}
