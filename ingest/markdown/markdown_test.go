package markdown

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/ingest"
)

const guide = `---
title: "办事指南"
文号: 越人社发〔2025〕3号
---
# 生活补贴

第一行
第二行 *重点* &amp; \*星\*
line one
line two  
新行<br>再行

3. 博士
   - 每月3000元
4. [硕士](https://example.com)

| 学历 | 标准 |
|------|-----:|
| 博士 | 3000 |

<table><tr><th>甲</th><th>乙</th></tr><tr><td colspan="2">合并</td></tr></table>

![图](a.png)

    代码
`

func TestRead(t *testing.T) {
	got, err := Reader{}.Read(t.Context(), strings.NewReader(guide), int64(len(guide)), ingest.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []ingest.Block{
		{Kind: ingest.BlockHeading, Level: 1, Text: "生活补贴"},
		{Kind: ingest.BlockParagraph, Text: "第一行第二行 重点 & *星* line one line two\n新行\n再行"},
		{Kind: ingest.BlockParagraph, Text: "3. 博士"},
		{Kind: ingest.BlockParagraph, Text: "每月3000元"},
		{Kind: ingest.BlockParagraph, Text: "4. 硕士"},
		{Kind: ingest.BlockTable, Rows: [][]string{{"学历", "标准"}, {"博士", "3000"}}, Heads: 1},
		{Kind: ingest.BlockTable, Rows: [][]string{{"甲", "乙"}, {"合并", "合并"}}, Heads: 1},
		{Kind: ingest.BlockParagraph, Text: "代码"},
	}
	if d := cmp.Diff(want, got.Blocks); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{"title": "办事指南", "文号": "越人社发〔2025〕3号"}, got.Properties); d != "" {
		t.Error(d)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want ingest.Status
	}{
		"empty": {"---\na: b\n---\n\n", ingest.StatusEmpty},
		"depth": {strings.Repeat(">", 5000) + "x", ingest.StatusHostile},
		"lists": {strings.Repeat("1. - 2) ", 5000) + "x", ingest.StatusHostile},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Reader{}.Read(t.Context(), strings.NewReader(c.in), int64(len(c.in)), ingest.Limits{Depth: 64})
			var fault *ingest.ReadError
			if !errors.As(err, &fault) || fault.Status != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(guide))
	f.Add([]byte("1) a\n\n   * b\n\n<p>x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := Reader{}.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{TextBytes: 1 << 20})
		var fault *ingest.ReadError
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("%v is no ReadError", err)
		}
	})
}
