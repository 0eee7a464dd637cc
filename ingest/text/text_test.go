package text

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"xiaoyue/ingest"
)

const policy = "第一条　本办法自2025年2月10日起施行。\r\n硕士研究生每人每月1500元，㐀𠮷除外。\n"

func encode(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecode(t *testing.T) {
	little := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	big := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	plain := strings.ReplaceAll(policy, "\r\n", "\n")
	for _, c := range []struct {
		name, encoding, want string
		in                   []byte
	}{
		{"UTF-8", "UTF-8", plain, []byte(policy)},
		{"UTF-8 with a mark", "UTF-8", plain, []byte("\xef\xbb\xbf" + policy)},
		{"UTF-8 cut inside a character", "UTF-8", plain + "完\ufffd", []byte(policy + "完成"[:5])},
		{"GB18030", "GB18030", plain, encode(t, simplifiedchinese.GB18030, policy)},
		{"short GBK", "GB18030", "参保登记", encode(t, simplifiedchinese.GBK, "参保登记")},
		{"GBK that is UTF-8 by accident", "GB18030", "目录", encode(t, simplifiedchinese.GBK, "目录")},
		{"GBK between much ASCII", "GB18030", strings.Repeat("<td>a</td>", 50) + "参保", append([]byte(strings.Repeat("<td>a</td>", 50)), encode(t, simplifiedchinese.GBK, "参保")...)},
		{"UTF-16 with a mark", "UTF-16LE", plain, append([]byte("\xff\xfe"), encode(t, little, policy)...)},
		{"UTF-16 without a mark", "UTF-16LE", plain, encode(t, little, policy)},
		{"big-endian UTF-16 without a mark", "UTF-16BE", plain, encode(t, big, policy)},
		{"ASCII", "UTF-8", "a,b\nc", []byte("a,b\rc")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decode(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Encoding != c.encoding || got.Text != c.want {
				t.Errorf("got %s %q, want %s %q", got.Encoding, got.Text, c.encoding, c.want)
			}
		})
	}
}

func TestDecodeRefusesBinary(t *testing.T) {
	var fault *ingest.ReadError
	if d, err := Decode(bytes.Repeat([]byte{0x81, 0x00, 0x07, 0xff}, 100)); !errors.As(err, &fault) || fault.Status != ingest.StatusDamaged {
		t.Errorf("got %+v, %v", d, err)
	}
}

func read(t testing.TB, b []byte, limits ingest.Limits) (ingest.Reading, error) {
	return Reader{}.Read(t.Context(), bytes.NewReader(b), int64(len(b)), limits)
}

func TestRead(t *testing.T) {
	got, err := read(t, []byte("　　关于补贴的通知\t\n\n\n第一条 内容\u200b\n完\xff"+strings.Repeat("整", 1000)), ingest.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []ingest.Block{
		{Kind: ingest.BlockParagraph, Text: "关于补贴的通知"},
		{Kind: ingest.BlockParagraph, Text: "第一条 内容"},
		{Kind: ingest.BlockParagraph, Text: "完\ufffd" + strings.Repeat("整", 1000)},
	}
	if d := cmp.Diff(want, got.Blocks); d != "" {
		t.Error(d)
	}
	if got.Coverage >= 1 || got.Coverage < 0.99 {
		t.Errorf("coverage %v, want a little less than 1 for the broken character", got.Coverage)
	}
}

func TestReadFaults(t *testing.T) {
	for name, c := range map[string]struct {
		in     string
		limits ingest.Limits
		want   ingest.Status
	}{
		"blank":            {" \n\t\n", ingest.Limits{}, ingest.StatusEmpty},
		"too large a file": {"0123456789", ingest.Limits{TextBytes: 4}, ingest.StatusTooLarge},
		"too much text":    {"012345", ingest.Limits{TextBytes: 4}, ingest.StatusTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, []byte(c.in), c.limits)
			var fault *ingest.ReadError
			if !errors.As(err, &fault) || fault.Status != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(policy))
	f.Add(encode(f, simplifiedchinese.GB18030, policy))
	f.Add([]byte("\xff\xfe\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := read(t, b, ingest.Limits{TextBytes: 1 << 20})
		var fault *ingest.ReadError
		if err != nil && !errors.As(err, &fault) || got.Coverage < 0 || got.Coverage > 1 {
			t.Errorf("coverage %v, %v", got.Coverage, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, e := range []struct {
		name string
		file []byte
	}{
		{"UTF-8", []byte(strings.Repeat(policy, 10000))},
		{"GB18030", encode(b, simplifiedchinese.GB18030, strings.Repeat(policy, 10000))},
	} {
		b.Run(e.name, func(b *testing.B) {
			b.SetBytes(int64(len(e.file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := read(b, e.file, ingest.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
