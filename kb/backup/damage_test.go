package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func check(t testing.TB, content []byte) error {
	t.Helper()
	_, err := verify(t.Context(), bytes.NewReader(content))
	return err
}

// TestEveryByteCounts damages and cuts a file at every place: it is noticed, and the member is named.
func TestEveryByteCounts(t *testing.T) {
	content, err := os.ReadFile(written(t))
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(content); at += 7 {
		bad := bytes.Clone(content)
		bad[at] ^= 0x55
		if err := check(t, bad); err == nil && !harmless(content, at) {
			t.Errorf("a change of byte %d of %d was not noticed", at, len(content))
		}
	}
	for at := 0; at < len(content); at += 7 {
		err := check(t, content[:at])
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
			t.Errorf("a file cut at byte %d of %d: %v", at, len(content), err)
		}
	}
	err = check(t, content[:len(content)-2600])
	if !strings.Contains(fmt.Sprint(err), "index/0123456789/000000.bin") && !strings.Contains(fmt.Sprint(err), manifestName) {
		t.Errorf("the member is not named: %v", err)
	}
}

// harmless tells the bytes that carry nothing: the padding behind a member's content.
func harmless(content []byte, at int) bool {
	in := &counter{from: bytes.NewReader(content)}
	for archive := tar.NewReader(in); ; {
		h, err := archive.Next()
		if err != nil {
			return false
		}
		end := int(in.n + h.Size)
		if at >= end && at < (end+511)/512*512 {
			return true
		}
	}
}

// forged makes an archive of members as given; content that is no []byte becomes JSON.
func forged(t testing.TB, members ...forgery) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(members); i++ {
		m := members[i]
		content, ok := m.content.([]byte)
		if !ok {
			content, _ = json.Marshal(m.content)
		}
		if m.name == manifestName {
			members = slices.Insert(members, i+1, forgery{name: sumName, content: sumLine(content)})
		}
		h := tar.Header{Name: m.name, Size: int64(len(content)), Mode: 0o600, Typeflag: tar.TypeReg}
		if m.change != nil {
			m.change(&h)
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg && h.Size == int64(len(content)) {
			if _, err := w.Write(content); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = w.Close() // a member that is shorter than it says is meant
	return b.Bytes()
}

type forgery struct {
	name    string
	content any
	change  func(*tar.Header)
}

func packed(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHostile reads what nobody wrote by accident, with manifests that fit.
func TestHostile(t *testing.T) {
	begin := forgery{name: headName, content: head{"xiaoyue", Format}}
	// accounted is a manifest over one part with the members given.
	accounted := func(kind Kind, records int64, members ...forgery) forgery {
		p := Part{Name: "catalog/a", Kind: kind, Records: records}
		for _, m := range members {
			content := m.content.([]byte)
			p.Members = append(p.Members, Member{m.name, int64(len(content)), digest(content), records})
		}
		return forgery{name: manifestName, content: Manifest{Format: Format, Parts: []Part{p}}}
	}
	bomb := forgery{name: "catalog/a/000000.jsonl.gz", content: packed(t, bytes.Repeat([]byte("0\n"), maxMember/4))}
	ok := forgery{name: "catalog/a/000000.jsonl.gz", content: packed(t, []byte("1\n"))}
	tail := forgery{name: "catalog/a/000000.jsonl.gz", content: append(packed(t, []byte("1\n")), packed(t, []byte("2\n"))...)}
	long := forgery{name: "catalog/a/000000.bin", content: binary.AppendUvarint(nil, 1<<63)}
	path := forgery{name: "../../etc/passwd", content: []byte("root")}
	for _, c := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"as it should be", forged(t, begin, ok, accounted(Lines, 1, ok)), nil},
		{"nothing", nil, ErrForeign},
		{"no archive", bytes.Repeat([]byte("越州"), 1000), ErrForeign},
		{"another archive", forged(t, ok), ErrForeign},
		{"a newer format", forged(t, forgery{name: headName, content: head{"xiaoyue", Format + 1}}), ErrForeign},
		{"no manifest", forged(t, begin, ok), ErrDamaged},
		{"a bomb", forged(t, begin, bomb, accounted(Lines, maxMember/4, bomb)), ErrDamaged},
		{"two streams in one", forged(t, begin, tail, accounted(Lines, 1, tail)), ErrDamaged},
		{"a record of half the world", forged(t, begin, long, accounted(Blocks, 1, long)), ErrDamaged},
		{"a path", forged(t, begin, path, accounted(Blocks, 1, path)), ErrDamaged},
		{"a member twice", forged(t, begin, ok, ok, accounted(Lines, 2, ok, ok)), ErrDamaged},
		{"a member too many", forged(t, begin, ok, accounted(Lines, 0)), ErrDamaged},
		{"a member too few", forged(t, begin, accounted(Lines, 1, ok)), ErrDamaged},
		{"a wrong count", forged(t, begin, ok, accounted(Lines, 2, ok)), ErrDamaged},
		{"members behind the manifest", forged(t, begin, accounted(Lines, 0), ok), ErrDamaged},
		{"bytes behind the end", append(forged(t, begin, ok, accounted(Lines, 1, ok)), "more"...), ErrDamaged},
		{"a link", forged(t, begin, forgery{"catalog/a/000000.bin", []byte{}, func(h *tar.Header) { h.Typeflag, h.Linkname = tar.TypeSymlink, "/etc/passwd" }}), ErrDamaged},
		{"a huge member", forged(t, begin, forgery{"catalog/a/000000.bin", []byte{}, func(h *tar.Header) { h.Size = 1 << 60 }}), ErrDamaged},
		{"extended headers", forged(t, begin, forgery{"catalog/a/000000.bin", []byte{}, func(h *tar.Header) { h.PAXRecords = map[string]string{"x.y": "1"} }}), ErrDamaged},
		{"deep JSON", forged(t, begin, forgery{name: manifestName, content: bytes.Repeat([]byte("["), 1<<20)}), ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := check(t, c.content); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

// FuzzVerify reads bytes of unknown origin within bounds.
func FuzzVerify(f *testing.F) {
	content, err := os.ReadFile(written(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add(content[:3000])
	f.Add(forged(f, forgery{name: headName, content: head{"xiaoyue", Format}}, forgery{name: manifestName, content: Manifest{Format: Format}}))
	f.Fuzz(func(t *testing.T, content []byte) {
		err := check(t, content)
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
			t.Errorf("error %v", err)
		}
	})
}

// FuzzRecords reads members of unknown content.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("\x01a\x02bc"), false)
	f.Add(packed(f, []byte("a\nbc\n")), true)
	f.Fuzz(func(t *testing.T, content []byte, text bool) {
		kind := Blocks
		if text {
			kind = Lines
		}
		size := 0
		n, err := records(kind, content, func(b []byte) bool { size += len(b); return true })
		if size > maxRaw(len(content)) || err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%d records of %d bytes out of %d, %v", n, size, len(content), err)
		}
	})
}
