package main

import (
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xiaoyue/kb"
)

// smallFolder makes a data folder with one document and returns the flags that name it.
func smallFolder(t *testing.T) (data string, global []string) {
	t.Helper()
	source := t.TempDir()
	data = filepath.Join(t.TempDir(), "data")
	global = []string{"--data", data, "--models", t.TempDir(), "--log", "error"}
	writeNotices(t, source, 1)
	if code, _, errs := command(t, append(global, "ingest", "--source", "s", source)...); code != 0 {
		t.Fatalf("ingest: exit %d: %s", code, errs)
	}
	return data, global
}

// TestBrokenIndexIsRebuilt damages files of the index, all and one kind of them: a search says what to do,
// and the next ingest rebuilds it from the catalog.
func TestBrokenIndexIsRebuilt(t *testing.T) {
	for _, name := range []string{"*", "log", "head", "current", "use"} {
		t.Run(name, func(t *testing.T) {
			data, global := smallFolder(t)
			breakFiles(t, filepath.Join(data, "index"), name)
			code, _, errs := command(t, append(global, "search", "通知")...)
			if code != exitFailure || !strings.Contains(errs, "索引") {
				t.Errorf("search on a broken index: exit %d, %q; want 1 and what to do", code, errs)
			}
			if code, out, _ := command(t, append(global, "ask", "--json", "通知的编号")...); code != 0 || !strings.Contains(out, `"degraded":["index"]`) {
				t.Errorf("ask on a broken index: exit %d, %s; want an answer that says the index is gone", code, out)
			}
			if code, _, errs := command(t, append(global, "ingest", t.TempDir())...); code != 0 {
				t.Fatalf("ingest on a broken index: exit %d: %s", code, errs)
			}
			if code, out, errs := command(t, append(global, "search", "通知")...); code != 0 || !strings.Contains(out, "通知") {
				t.Errorf("search after the rebuild: exit %d, %q %q", code, out, errs)
			}
		})
	}
}

// breakFiles writes over the files of a pattern in a folder and below it.
func breakFiles(t *testing.T, folder, pattern string) {
	t.Helper()
	broken := 0
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if ok, err := filepath.Match(pattern, e.Name()); !ok || err != nil {
			return err
		}
		broken++
		return os.WriteFile(path, []byte("damaged"), 0o600)
	})
	if err != nil || broken == 0 {
		t.Fatalf("%d files of the index are broken, %v", broken, err)
	}
}

func TestTakenPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, global := smallFolder(t)
	code, _, errs := command(t, append(global, "serve", "--listen", listener.Addr().String())...)
	if code != exitFailure || !strings.Contains(errs, "端口") {
		t.Errorf("exit %d, %q; want 1 and what to do about the port", code, errs)
	}
}

// TestSecondServe starts two servers on one data folder.
func TestSecondServe(t *testing.T) {
	_, global := smallFolder(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	first, out := reserve(t), &said{lines: make(chan string, 16)}
	go func() {
		ended <- run(ctx, append(global, "serve", "--listen", first), terminal{strings.NewReader(""), out, out})
	}()
	defer func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("first server ended with %d", code)
		}
	}()
	out.wait(t, "就绪")
	code, _, errs := command(t, append(global, "serve", "--listen", reserve(t))...)
	if code != exitFailure || !strings.Contains(errs, "正在使用") {
		t.Errorf("second serve: exit %d, %q", code, errs)
	}
	if code, _, errs := command(t, append(global, "search", "通知")...); code != 0 {
		t.Errorf("search beside a server: exit %d, %q", code, errs)
	}
	extra := t.TempDir()
	if err := os.WriteFile(filepath.Join(extra, "新.md"), []byte("# 新通知\n\n第一条 新增内容。\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := command(t, append(global, "ingest", extra)...); code != 0 || !strings.Contains(errs, "正在运行的小越") {
		t.Errorf("ingest beside a server: exit %d, %q", code, errs)
	}
}

// reserve returns an address that was free a moment ago.
func reserve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// said is a terminal's output that a test can wait for.
type said struct{ lines chan string }

func (s *said) Write(b []byte) (int, error) {
	select {
	case s.lines <- string(b):
	default: // nobody waits for so much
	}
	return len(b), nil
}

func (s *said) wait(t *testing.T, part string) {
	t.Helper()
	for {
		select {
		case line := <-s.lines:
			if strings.Contains(line, part) {
				return
			}
		case <-time.After(time.Minute):
			t.Fatalf("%q was never said", part)
		}
	}
}

// TestFullDisk ingests into a file system that is too small: a clear message, and what was
// acknowledged before is still there.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	mountSmall(t, disk, "3m")
	source, models := t.TempDir(), t.TempDir()
	global := []string{"--data", filepath.Join(disk, "data"), "--models", models, "--log", "error"}
	writeNotices(t, source, 1)
	if code, _, errs := command(t, append(global, "ingest", "--source", "s", source)...); code != 0 {
		t.Fatalf("ingest while there is room: exit %d: %s", code, errs)
	}
	big := t.TempDir()
	for i := range 40 {
		text := "# 大文件\n\n" + strings.Repeat("第一条 这一段文字很长，用来占满磁盘。\n\n", 2000)
		if err := os.WriteFile(filepath.Join(big, string(rune('a'+i%26))+string(rune('a'+i/26))+".md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, _, errs := command(t, append(global, "ingest", "--source", "big", big)...)
	if code != exitFailure || !strings.Contains(errs, "磁盘已满") {
		t.Errorf("ingest on a full disk: exit %d, %.300q; want 1 and 磁盘已满", code, errs)
	}
	if code, out, errs := command(t, append(global, "search", "--limit", "50", "第3号通知")...); code != 0 || !strings.Contains(out, "第3号通知") {
		t.Errorf("search on a full disk: exit %d, %.300q %.300q", code, out, errs)
	}
}

func TestDoctorNamesFaults(t *testing.T) {
	code, out, _ := command(t, "--data", filepath.Join(t.TempDir(), "none"), "--models", t.TempDir(), "doctor")
	if code != exitFailure || !strings.Contains(out, "✗ 目录库") || !strings.Contains(out, "make model") {
		t.Errorf("doctor without data: exit %d\n%s", code, out)
	}
	_, global := smallFolder(t)
	if code, out, errs := command(t, append(global, "doctor")...); code != 0 || strings.Contains(out, "✗") {
		t.Errorf("doctor of a sound folder: exit %d\n%s%s", code, out, errs)
	}
	if kb.DateOf(time.Now()).Before(earliest) {
		t.Error("the clock of this machine is wrong")
	}
}
