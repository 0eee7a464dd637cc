package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
)

// Document is a document of a corpus in BEIR layout.
type Document struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Question is a query of a corpus in BEIR layout.
type Question struct {
	ID   string `json:"_id"`
	Text string `json:"text"`
}

// Corpus is a folder in BEIR layout.
type Corpus struct {
	Documents    []Document
	Questions    []Question                // only those that have judgements, in file order
	Judgements   map[string]map[string]int // question to document to relevance, above 0 only
	Unanswerable []Question                // questions whose document was withheld; may be empty
}

// pythonNaN finds the numbers that Python writes and JSON does not know, which some public sets hold
// in fields that nobody reads here.
var pythonNaN = regexp.MustCompile(`: -?(?:NaN|Infinity)([,}])`)

// maxLine bounds one line of a corpus file.
const maxLine = 64 << 20

// LoadBEIR reads corpus.jsonl, queries.jsonl, qrels/test.tsv and, where present, unanswerable.jsonl.
func LoadBEIR(dir fs.FS) (Corpus, error) {
	var c Corpus
	var err error
	if c.Documents, err = readLines[Document](dir, "corpus.jsonl"); err != nil {
		return Corpus{}, err
	}
	if c.Judgements, err = readJudgements(dir, "qrels/test.tsv"); err != nil {
		return Corpus{}, err
	}
	questions, err := readLines[Question](dir, "queries.jsonl")
	if err != nil {
		return Corpus{}, err
	}
	for _, q := range questions {
		if len(c.Judgements[q.ID]) > 0 {
			c.Questions = append(c.Questions, q)
		}
	}
	c.Unanswerable, err = readLines[Question](dir, "unanswerable.jsonl")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Corpus{}, err
	}
	if len(c.Documents) == 0 || len(c.Questions) == 0 {
		return Corpus{}, errors.New("read corpus: no documents or no judged questions")
	}
	return c, nil
}

// eachLine calls do with every line of a file that is not empty.
func eachLine(dir fs.FS, name string, do func(line []byte) error) error {
	f, err := dir.Open(name)
	if err != nil {
		return fmt.Errorf("read corpus: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		if err := do(lines.Bytes()); err != nil {
			return fmt.Errorf("read corpus: %s line %d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read corpus: %s: %w", name, err)
	}
	return nil
}

func readLines[T any](dir fs.FS, name string) ([]T, error) {
	var out []T
	err := eachLine(dir, name, func(line []byte) error {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			line = pythonNaN.ReplaceAll(line, []byte(": null$1"))
			if err = json.Unmarshal(line, &v); err != nil {
				return err
			}
		}
		out = append(out, v)
		return nil
	})
	return out, err
}

func readJudgements(dir fs.FS, name string) (map[string]map[string]int, error) {
	out := make(map[string]map[string]int)
	header := true
	err := eachLine(dir, name, func(line []byte) error {
		if header {
			header = false
			return nil
		}
		f := strings.Fields(string(line))
		if len(f) != 3 {
			return fmt.Errorf("%d columns, want query-id, corpus-id and score", len(f))
		}
		relevance, err := strconv.Atoi(f[2])
		if err != nil || relevance <= 0 {
			return err
		}
		if out[f[0]] == nil {
			out[f[0]] = make(map[string]int)
		}
		out[f[0]][f[1]] = relevance
		return nil
	})
	return out, err
}
