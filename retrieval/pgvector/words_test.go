package pgvector

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/lexical"
	"xiaoyue/retrieval/segment"
)

// text is a line of a corpus or of its questions.
type text struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// texts reads a file of ../shared/data, which lies beside the checkout.
func texts(t testing.TB, path string) []text {
	t.Helper()
	f, err := os.Open(filepath.Join("../../../shared/data/retrieval", path))
	if err != nil {
		t.Skip("no measuring data beside the checkout")
	}
	defer f.Close()
	var all []text
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var one text
		line := bytes.ReplaceAll(lines.Bytes(), []byte(": NaN"), []byte(": null"))
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

func everyone() kb.Scope {
	return kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}
}

func public(id, title, text string) retrieval.Entry {
	return retrieval.Entry{ID: id, DocID: "d-" + id, Title: title, Text: text,
		Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic}}
}

// TestWordsAsEmbedded compares the search by words with package lexical, which the embedded index ranks
// with: scores are the same, and what bounding the work costs is a few places far down.
func TestWordsAsEmbedded(t *testing.T) {
	if testing.Short() {
		t.Skip("indexes thirteen thousand passages")
	}
	for _, set := range []string{"policy", "statute"} {
		t.Run(set, func(t *testing.T) { compareWords(t, set) })
	}
}

func compareWords(t *testing.T, set string) {
	corpus, questions := texts(t, set+"/corpus.jsonl"), texts(t, set+"/queries.jsonl")
	segmenter, err := segment.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v, x := create(t, freshStore(t), 0), lexical.New(nil)
	slots := map[string]uint32{}
	for at := 0; at < len(corpus); at += 1000 {
		var batch []retrieval.Entry
		for i, p := range corpus[at:min(at+1000, len(corpus))] {
			batch = append(batch, public(p.ID, p.Title, p.Text))
			slots[p.ID] = uint32(at + i)
			if err := x.Add(uint32(at+i), segmenter.Passage(p.Title, p.Text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := v.Put(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	for limit, least := range map[int]float64{1: 1, 10: .999, 200: .99} {
		same, all := 0, 0
		for _, q := range questions {
			found, err := v.Search(t.Context(), retrieval.Request{Text: q.Text, Scope: everyone(), Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			want := x.Search(segmenter.Question(q.Text), nil, len(corpus))
			scores := map[uint32]float32{}
			for _, m := range want {
				scores[m.Slot] = m.Score
			}
			for _, m := range found.Lexical {
				score, ok := scores[slots[m.ID]]
				if !ok || math.Abs(m.Score-float64(score)) > 1e-4*m.Score {
					t.Fatalf("%q: passage %s scores %v, want %v", q.Text, m.ID, m.Score, score)
				}
				if score >= want[min(limit, len(want))-1].Score*(1-1e-5) {
					same++
				}
			}
			all += min(limit, len(want))
		}
		if share := float64(same) / float64(all); share < least {
			t.Errorf("%.4f of the best %d are found, want %v", share, limit, least)
		} else {
			t.Logf("%.4f of the best %d are found", share, limit)
		}
	}
}
