package modeltest

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"xiaoyue/inference"
)

func embedderInfo(t *testing.T, s *Embedder) {
	e := s.Open(t)
	info := e.Info()
	if info.Name == "" || info.Dimension <= 0 || info.MaxTokens <= 0 || (info.Digest == "") != s.Anonymous {
		t.Errorf("info %+v", info)
	}
	i, ok := e.(inference.Inspector)
	if !ok {
		return
	}
	told, err := i.Inspect(t.Context())
	if err != nil || told.Name != info.Name || told.Dimension != info.Dimension || told.Digest != info.Digest {
		t.Errorf("inspection %+v, %v; info %+v", told, err, info)
	}
}

func embedderMissing(t *testing.T, s *Embedder) {
	if s.OpenMissing == nil {
		t.Skip("declared: the model is in this process")
	}
	if err := s.OpenMissing(t); !errors.Is(err, inference.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
}

func noText(t *testing.T, s *Embedder) {
	if vectors, err := s.Open(t).Embed(t.Context(), nil, inference.EmbedPassage); err != nil || len(vectors) != 0 {
		t.Errorf("%d vectors, %v", len(vectors), err)
	}
}

func batchEqualsSingle(t *testing.T, s *Embedder) {
	e := s.Open(t)
	texts := append([]string{strings.Repeat("办理居住证需要身份证。", 30), "证"}, punctuated...)
	for _, kind := range []inference.EmbedKind{inference.EmbedPassage, inference.EmbedQuestion} {
		for i, v := range s.embed(t, e, kind, texts...) {
			s.same(t, texts[i], v, s.embed(t, e, kind, texts[i])[0])
		}
	}
}

// manyTexts are more than a server takes at once.
func manyTexts(t *testing.T, s *Embedder) {
	e := s.Open(t)
	texts := make([]string, 101)
	for i := range texts {
		texts[i] = strings.Repeat("社保", 1+i%7) + string(rune('甲'+i))
	}
	vectors := s.embed(t, e, inference.EmbedPassage, texts...)
	for _, i := range []int{0, 31, 32, 33, 64, 100} {
		s.same(t, texts[i], vectors[i], s.embed(t, e, inference.EmbedPassage, texts[i])[0])
	}
}

// longTexts checks that a text beyond MaxTokens is cut at its end, and never refused.
func longTexts(t *testing.T, s *Embedder) {
	e := s.Open(t)
	head := strings.Repeat("办理居住证需要身份证和住所证明", e.Info().MaxTokens/8) // twice the length
	one, other := head+strings.Repeat("公共厕所", 500), head+strings.Repeat("城市绿化", 500)
	v := s.embed(t, e, inference.EmbedPassage, one, "短", other)
	s.same(t, one, v[0], v[2])
	if c := cosine(v[0], s.embed(t, e, inference.EmbedPassage, head[:len(head)/4])[0]); c < .9 {
		t.Errorf("cosine %.3f of a long text and its beginning", c)
	}
}

// strangeTexts are none that anybody writes; each has a vector, and soon.
func strangeTexts(t *testing.T, s *Embedder) {
	e := s.Open(t)
	for _, text := range []string{"", " ", "\u3000\n", "\xff\xfe", "a\x00b", "😀👨‍👩‍👧", "[CLS][SEP][UNK]",
		strings.Repeat("x", 5000), strings.Repeat("，", 5000), "，。：、《》"} {
		began := time.Now()
		s.same(t, text, s.embed(t, e, inference.EmbedPassage, text)[0], s.embed(t, e, inference.EmbedPassage, "居", text)[1])
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%.20q: vectors after %v", text, took)
		}
	}
}

func nearAndFar(t *testing.T, s *Embedder) {
	e := s.Open(t)
	for _, about := range []struct{ question, near, far string }{
		{"居住证怎么办理？", "申领居住证，应当提交居住证申领表和住所证明。", "公共厕所每日保洁不少于两次。"},
		{"生育津贴发多少天", "女职工生育享受的生育津贴按照产假天数计发。", "城市道路挖掘应当经市政部门批准。"},
		{"高层次人才购房补贴", "引进的高层次人才购买首套住房给予购房补贴。", "餐饮服务单位应当分类投放厨余垃圾。"},
	} {
		q := s.embed(t, e, inference.EmbedQuestion, about.question)[0]
		p := s.embed(t, e, inference.EmbedPassage, about.near, about.far)
		if near, far := cosine(q, p[0]), cosine(q, p[1]); near <= far {
			t.Errorf("%s: %.3f to %s, %.3f to %s", about.question, near, about.near, far, about.far)
		}
	}
}

// punctuated are texts as documents write them, with the marks of Chinese punctuation.
var punctuated = []string{
	"根据《浙江省居住证条例》第五条，申领居住证应当提交：身份证、住所证明。",
	"符合条件的，给予一次性补贴3万元；不符合的，书面说明理由！",
	"“一件事”怎么办？先到窗口（3号）登记——再领取号码……",
	"越人社发〔2025〕3号、《人才住房管理办法》，自2025年3月1日起施行。",
	"办理时限：5个工作日、收费标准：免费、咨询电话：0575-12345。",
	"没有标点的一句话",
	"Wi-Fi 免费上网，每天60分钟。",
}

func agreesWithReference(t *testing.T, s *Embedder) {
	if s.Reference == nil {
		t.Skip("declared: no other back end has this model")
	}
	got := s.embed(t, s.Open(t), inference.EmbedPassage, punctuated...)
	read := make([]string, len(punctuated))
	for i, text := range punctuated {
		read[i] = s.Reads(text)
	}
	want := s.embed(t, s.Reference, inference.EmbedPassage, read...)
	for i, text := range punctuated {
		if c := cosine(got[i], want[i]); c < s.Agreement {
			t.Errorf("%s: cosine %.5f with the reference, want %v", read[i], c, s.Agreement)
		}
		if a, b := nearest(got, i), nearest(want, i); a != b {
			t.Errorf("%s: nearest is %s, in the reference %s", text, punctuated[a], punctuated[b])
		}
	}
}

// nearest is the index of the vector nearest to the i-th.
func nearest(vectors [][]float32, i int) int {
	best, most := -1, math.Inf(-1)
	for j, v := range vectors {
		if c := cosine(vectors[i], v); j != i && c > most {
			best, most = j, c
		}
	}
	return best
}

func vectorsOwned(t *testing.T, s *Embedder) {
	e := s.Open(t)
	v := s.embed(t, e, inference.EmbedPassage, "居住证", "社会保障卡")
	clear(v[0])
	again := s.embed(t, e, inference.EmbedPassage, "居住证", "社会保障卡")
	s.same(t, "社会保障卡", v[1], again[1])
}

func embedConcurrently(t *testing.T, s *Embedder) {
	e := s.Open(t)
	want := s.embed(t, e, inference.EmbedPassage, punctuated...)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			own := append(punctuated[i:i+1:i+1], punctuated[:i]...)
			got, err := e.Embed(t.Context(), own, inference.EmbedPassage)
			if err != nil || len(got) != len(own) {
				t.Errorf("%d vectors, %v", len(got), err)
				return
			}
			s.same(t, own[0], got[0], want[i])
			for j := range i {
				s.same(t, own[j+1], got[j+1], want[j])
			}
		})
	}
	wg.Wait()
}

func embedEnded(t *testing.T, s *Embedder) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if v, err := s.Open(t).Embed(ctx, punctuated, inference.EmbedPassage); err != context.Canceled || v != nil {
		t.Errorf("%d vectors, %v; want context.Canceled itself", len(v), err)
	}
}

// embedDeadline gives far too little time for a thousand long texts, and then asks for one.
func embedDeadline(t *testing.T, s *Embedder) {
	e := s.Open(t)
	texts := make([]string, 1000)
	for i := range texts {
		texts[i] = strings.Repeat("办理居住证需要身份证", 40)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if v, err := e.Embed(ctx, texts, inference.EmbedPassage); err != context.DeadlineExceeded || v != nil {
		t.Errorf("%d vectors, %v; want context.DeadlineExceeded itself", len(v), err)
	}
	if late := time.Since(began); late > 10*time.Second {
		t.Errorf("it took %v to notice a deadline of 100 ms", late)
	}
	s.embed(t, e, inference.EmbedPassage, "居住证")
}
