package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
)

// browser starts a headless Chromium and opens the page of a running demo in it.
func browser(t *testing.T, url string, width, height int64) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is missing: run .ci/servers.sh")
		}
		t.Skip("left out: needs chromium (make servers)")
	}
	folder, err := os.MkdirTemp("", "xiaoyue") // a short name: the browser keeps a socket in it
	if err != nil {
		t.Fatal(err)
	}
	var process *exec.Cmd
	t.Cleanup(func() {
		endGroup(t, process) // helpers of the browser write on for a while
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	opts := append(cd.DefaultExecAllocatorOptions[:], cd.ExecPath(path), cd.NoSandbox, cd.DisableGPU,
		cd.UserDataDir(filepath.Join(folder, "user")), cd.Env("TMPDIR="+folder),
		cd.ModifyCmdFunc(func(cmd *exec.Cmd) {
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			process = cmd
		}),
		cd.Flag("disable-background-networking", true), cd.Flag("disable-component-update", true))
	allocator, stop := cd.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, closeTab := cd.NewContext(allocator)
	t.Cleanup(closeTab)
	if err := cd.Do(ctx, cd.EmulateViewport(width, height), cd.Navigate(url)); err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	return ctx
}

// endGroup ends what the browser's process has started and waits until it is gone.
func endGroup(t *testing.T, process *exec.Cmd) {
	if process == nil || process.Process == nil {
		return
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if errors.Is(syscall.Kill(-process.Process.Pid, syscall.SIGKILL), syscall.ESRCH) {
			return
		}
		time.Sleep(10 * time.Millisecond) // real processes keep no fake time
	}
	t.Error("processes of the browser do not end")
}

// widget is the JavaScript path of the widget's shadow root.
const widget = `document.querySelector("xiaoyue-chat").shadowRoot`

// ask types a question as a person does and waits for the end of the answer.
func askPage(t *testing.T, ctx context.Context, question string) (text string) {
	t.Helper()
	input := cd.JSPath(widget + `.querySelector("textarea")`)
	if err := cd.Do(ctx, cd.SendKeys(input, question+"\r")); err != nil {
		t.Fatalf("type %q: %v", question, err)
	}
	last := widget + `.querySelector(".log > .message.bot:last-child")`
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := cd.Run(ctx, cd.Poll[bool](`(() => { const m = `+last+`; return !!(m && m.dataset.outcome); })()`)); err != nil {
		t.Fatalf("no answer to %q: %v", question, err)
	}
	text, err := cd.Run(ctx, cd.Evaluate[string](last+`.innerText`))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// evaluate runs a script in the page.
func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	value, err := cd.Run(ctx, cd.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return value
}

// shoot keeps a picture of the page where XIAOYUE_SHOTS names a folder.
func shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	folder := os.Getenv("XIAOYUE_SHOTS")
	if folder == "" {
		return
	}
	picture, err := cd.Run(ctx, cd.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// audit runs the accessibility rules of axe-core (npm) where XIAOYUE_AXE names its axe.min.js.
func audit(t *testing.T, ctx context.Context) {
	t.Helper()
	file := os.Getenv("XIAOYUE_AXE")
	if file == "" {
		return
	}
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cd.Run(ctx, cd.Evaluate[int](string(script)+"; 0")); err != nil {
		t.Fatalf("load axe: %v", err)
	}
	const start = `(window.audited = null, axe.run().then((r) => window.audited = r.violations.map((v) =>
		v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + n.failureSummary).join("; "))), true)`
	evaluate[bool](t, ctx, start)
	if _, err := cd.Run(ctx, cd.Poll[bool](`!!window.audited`)); err != nil {
		t.Fatalf("axe: %v", err)
	}
	for _, violation := range evaluate[[]string](t, ctx, `window.audited`) {
		t.Error(violation)
	}
}

// startDemo runs the demo in this process and returns its address.
func startDemo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	t.Setenv("XIAOYUE_LISTEN", address)
	go func() {
		ended <- run(ctx, []string{"demo", "--data", filepath.Join(t.TempDir(), "data")}, terminal{strings.NewReader(""), io.Discard, io.Discard})
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("demo ended with %d", code)
		}
	})
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			conn.Close()
			return "http://" + address
		}
		select {
		case code := <-ended:
			ended <- code
			t.Fatalf("demo ended with %d before it served", code)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatal("demo does not serve")
	return ""
}

// TestBrowser asks ten questions through the page, as a user types, and checks text, card, citation
// and refusal.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: the quick tests need no browser")
	}
	url := startDemo(t)
	ctx := browser(t, url, 1280, 900)
	tests := []struct {
		name, question, outcome string
		contains                []string
		card, citation          bool
	}{
		{"amount and materials", "硕士毕业来越州工作，生活补贴有多少？要带什么材料？", "answered", []string{"1500元", "身份证"}, true, true},
		{"follow-up", "那博士呢？", "answered", []string{"3000元"}, true, true},
		{"district", "鉴湖区硕士生活补贴多少钱？", "answered", []string{"1000元", "1500元"}, false, true},
		{"item", "居住证申领要带什么材料？", "answered", []string{"居住证申领"}, true, false},
		{"address", "居住证申领在哪里办？", "answered", []string{"居住证申领"}, true, false},
		{"time limit", "高校毕业生生活补贴申领多久办好？", "answered", []string{"15个工作日"}, true, false},
		{"earlier year", "2020年的时候，硕士来越州企业工作，一次性就业补贴是多少？", "answered", []string{"20000元"}, false, true},
		{"look-alike items", "居住证补领要交多少钱？", "answered", []string{"元"}, true, false},
		{"no evidence", "研究生在越州买宠物有补贴吗？", "no_evidence", []string{"没有查到"}, false, false},
		{"out of scope", "帮我写一段排序的代码", "out_of_scope", nil, false, false},
	}
	last := widget + `.querySelector(".log > .message.bot:last-child")`
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := askPage(t, ctx, tt.question)
			shoot(t, ctx, fmt.Sprintf("desktop-%02d", i+1))
			audit(t, ctx)
			if got := evaluate[string](t, ctx, last+`.dataset.outcome`); got != tt.outcome {
				t.Errorf("outcome %s, want %s: %s", got, tt.outcome, text)
			}
			for _, want := range tt.contains {
				if !strings.Contains(text, want) {
					t.Errorf("answer lacks %q: %s", want, text)
				}
			}
			if got := evaluate[bool](t, ctx, `!!`+last+`.querySelector(".card")`); got != tt.card {
				t.Errorf("card %t, want %t", got, tt.card)
			}
			if got := evaluate[bool](t, ctx, `!!`+last+`.querySelector(".source")`); got != tt.citation {
				t.Errorf("citation %t, want %t", got, tt.citation)
			}
		})
	}
	t.Run("citation opens its passage", func(t *testing.T) { openCitation(t, ctx) })
	t.Run("thumb is taken", func(t *testing.T) { rate(t, ctx) })
	t.Run("phone", func(t *testing.T) { onPhone(t, url) })
}

// openCitation clicks the first citation and looks for the marked quote in the document.
func openCitation(t *testing.T, ctx context.Context) {
	evaluate[bool](t, ctx, `(() => { const s = `+widget+`.querySelector(".source"); s.focus(); s.click(); return true; })()`)
	mark := widget + `.querySelector("dialog mark")`
	if _, err := cd.Run(ctx, cd.Poll[bool](`!!`+mark)); err != nil {
		t.Fatalf("document does not open: %v", err)
	}
	shoot(t, ctx, "document")
	audit(t, ctx)
	if quote := evaluate[string](t, ctx, mark+`.textContent`); !strings.Contains(quote, "1500元") {
		t.Errorf("marked %q, want the cited clause", quote)
	}
	evaluate[bool](t, ctx, widget+`.querySelector("dialog button").click() === undefined`)
	if !evaluate[bool](t, ctx, widget+`.activeElement === `+widget+`.querySelector(".source")`) {
		t.Error("closing the document does not bring the focus back to its citation")
	}
}

func rate(t *testing.T, ctx context.Context) {
	box := widget + `.querySelector(".feedback")`
	evaluate[bool](t, ctx, box+`.querySelector(".thumb").click() === undefined`)
	evaluate[bool](t, ctx, box+`.querySelector(".grade button").click() === undefined`)
	if said := evaluate[string](t, ctx, box+`.textContent`); !strings.Contains(said, "谢谢") {
		t.Errorf("after rating the widget says %q", said)
	}
}

// onPhone checks that nothing is wider than the screen of a phone, a narrow one in large type.
func onPhone(t *testing.T, url string) {
	ctx := browser(t, url, 390, 844)
	askPage(t, ctx, "居住证申领要带什么材料？")
	shoot(t, ctx, "phone")
	audit(t, ctx)
	if err := cd.Do(ctx, cd.EmulateViewport(320, 640)); err != nil {
		t.Fatal(err)
	}
	shoot(t, ctx, "phone-narrow")
	evaluate[bool](t, ctx, widget+`.querySelector("header .plain").click() === undefined`)
	shoot(t, ctx, "phone-large")
	audit(t, ctx)
	if over := evaluate[float64](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("page is %v pixels wider than the screen", over)
	}
	if over := evaluate[float64](t, ctx, widget+`.querySelector(".log").scrollWidth - `+widget+`.querySelector(".log").clientWidth`); over > 1 {
		t.Errorf("log is %v pixels wider than its frame", over)
	}
}
