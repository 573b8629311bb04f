package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a page may take to come to what is waited for.
const patience = 15 * time.Second

// chromium is one browser for all tests: each has a profile of its own in it.
var chromium context.Context // TestMain sets it

func TestMain(m *testing.M) { os.Exit(tests(m)) }

func tests(m *testing.M) int {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		allocator, end := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)...)
		defer end()
		browser, end := chromedp.NewContext(allocator)
		defer end()
		if err := chromedp.Do(browser); err != nil {
			fmt.Fprintf(os.Stderr, "%s does not start: %v\n", path, err)
			return 1
		}
		chromium = browser
		break
	}
	return m.Run()
}

// newShop opens a shop with a store of its own.
func newShop(t *testing.T, change ...func(*config)) *shop {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := config{
		listener: listener, store: "memory", token: "demo", stripeSecret: "whsec_demo",
		key: bytes.Repeat([]byte("k"), 32), logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	for _, f := range change {
		f(&c)
	}
	s, err := start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A tab is a page in a profile of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string
}

// open opens a page of the shop. What breaks in it, and what its policy forbids, fails the test.
func open(t *testing.T, s *shop, path string) *tab {
	t.Helper()
	if chromium == nil {
		if os.Getenv("BECKON_SERVERS") == "required" {
			t.Fatal("there is no chromium")
		}
		t.Skip("there is no chromium: install it (Debian: apt-get install chromium)")
	}
	ctx, end := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	p := &tab{t: t, ctx: ctx, url: s.url}
	broken := make(chan string, 100)
	t.Cleanup(func() {
		end()
		for len(broken) > 0 {
			t.Error("the page broke:", <-broken)
		}
	})
	if err := chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*runtime.EventExceptionThrown); ok && len(broken) < cap(broken) {
			text, _ := json.Marshal(e.ExceptionDetails) // all of it can be text
			broken <- string(text)
		}
	}); err != nil {
		t.Fatal(err)
	}
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: prelude})
	p.do(chromedp.EmulateViewport(1280, 900))
	p.goTo(path)
	return p
}

// prelude runs in front of a page's own scripts. While a test says so, the network loses
// what the script sends, or the answer to it.
const prelude = `
	addEventListener('securitypolicyviolation', (ev) => { if (!window.tolerated?.test(ev.violatedDirective)) throw new Error('the policy forbids ' + ev.violatedDirective + ' ' + ev.blockedURI + ' ' + ev.sourceFile) });
	window.hacked = false;
	window.tries = 0;
	const real = window.fetch;
	window.fetch = async (url, options) => {
		const lost = String(url).includes('/beckon/') && sessionStorage.lost;
		if (lost) window.tries++;
		if (lost === 'request') throw new TypeError('offline');
		const answer = await real(url, options);
		if (lost === 'answer') {
			delete sessionStorage.lost;
			throw new TypeError('lost');
		}
		return answer;
	};`

// call calls a command of the browser.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, command, params); err != nil {
		p.t.Fatal(err)
	}
}

// ask has the page do something, and returns what comes of it.
func ask[T any](p *tab, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, end := context.WithTimeout(p.ctx, patience)
	defer end()
	got, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ask(p, chromedp.Steps(actions...))
}

func (p *tab) goTo(path string) {
	p.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = p.url + path
	}
	p.do(chromedp.Navigate(path))
}

// eval returns what an expression of the page is, as JSON text.
func (p *tab) eval(js string) string {
	p.t.Helper()
	got := ask(p, chromedp.Evaluate[[]byte]("(() => ("+js+") ?? null)()"))
	var text *string
	if json.Unmarshal(got, &text) == nil && text != nil {
		return *text
	}
	return string(got)
}

// wait waits until an expression of the page is true. While a page goes and another comes it
// is not.
func (p *tab) wait(js string) {
	p.t.Helper()
	end := time.After(patience)
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		got, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+js+")"))
		cancel()
		if got && err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			p.t.Fatalf("it is not so: %s\nshown: %s\npanel: %s", js, p.eval(`document.querySelector('beckon-messages')?.shadowRoot.textContent`), p.eval(`document.getElementById('entries')?.innerText`))
		}
	}
}

// in is an element of what the script shows.
func in(selector string) string {
	return fmt.Sprintf(`document.querySelector('beckon-messages')?.shadowRoot.querySelector(%q)`, selector)
}

// click clicks where an element is, as a hand does: what is behind another is not clicked.
func (p *tab) click(element string) {
	p.t.Helper()
	p.wait(element)
	at := ask(p, chromedp.Evaluate[[]float64](`(() => { const e = `+element+`; e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`))
	p.do(chromedp.MouseClickXY(at[0], at[1]))
}

func (p *tab) clickID(id string) {
	p.t.Helper()
	p.click(fmt.Sprintf("document.getElementById(%q)", id))
}

func (p *tab) clickOn(selector string) {
	p.t.Helper()
	p.click(fmt.Sprintf("document.querySelector(%q)", selector))
}

// press presses keys, one after the other.
func (p *tab) press(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		p.do(chromedp.KeyEvent(k))
	}
}

// focused is what has the focus, also within what the script shows.
const focused = `(document.activeElement.shadowRoot?.activeElement ?? document.activeElement)`

// upload uploads a video by clicks, and waits until the panel has n decisions of the message.
func (p *tab) upload(n int) {
	p.t.Helper()
	p.clickOn("#upload button")
	p.wait(fmt.Sprintf(`[...document.querySelectorAll('.entry')].filter(e => e.innerText.includes('upload-ready')).length === %d`, n))
}

// signIn signs in as ada.
func (p *tab) signIn() {
	p.t.Helper()
	p.clickID("who")
	p.press("Ada", kb.Tab, "Ada@example.org", kb.Enter)
	p.wait(`document.readyState === 'complete' && document.querySelector('.who')?.innerText === 'Ada'`)
}

// media has the page prefer something, such as dark colours.
func (p *tab) media(name, value string) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: name, Value: value}}})
}

// get asks the shop as a client that is no page.
func get(t *testing.T, method, url, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b.String()
}
