package beckonhttp_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/beckonhttp"
)

func getScript(t *testing.T, headers ...string) (*http.Response, []byte) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/beckon.js", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	beckonhttp.Script().ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") == "" {
		exchanges.list = append(exchanges.list, exchange{r.Method, r.URL.Path, r.Header, "", w.Code, w.Header(), w.Body.String()})
	}
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

func TestScript(t *testing.T) {
	res, plain := getScript(t)
	h := res.Header
	if res.StatusCode != 200 || h.Get("Content-Type") != "text/javascript; charset=utf-8" || h.Get("Cache-Control") != "public, max-age=300" ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Encoding") != "" {
		t.Error(res.Status, h)
	}
	packed, body := getScript(t, "Accept-Encoding", "br, GZIP;q=0.5")
	if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("ETag") == h.Get("ETag") {
		t.Error(packed.Header)
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(unpacked, plain) {
		t.Error("packed is another script", err)
	}
	for _, not := range []string{"br", "gzip;q=0", "gzip; q=0.000", "xgzip"} {
		if res, _ := getScript(t, "Accept-Encoding", not); res.Header.Get("Content-Encoding") != "" {
			t.Errorf("%q is sent gzip", not)
		}
	}
	for _, of := range []*http.Response{res, packed} {
		again, body := getScript(t, "If-None-Match", of.Header.Get("ETag"), "Accept-Encoding", of.Header.Get("Content-Encoding"))
		if again.StatusCode != http.StatusNotModified || len(body) != 0 {
			t.Error(again.Status, len(body))
		}
	}
	w := httptest.NewRecorder()
	beckonhttp.Script().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/beckon.js", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Error(w.Code, w.Header())
	}
}

// A page loads it before it shows anything, so it is small.
func TestScriptSize(t *testing.T) {
	if _, body := getScript(t, "Accept-Encoding", "gzip"); len(body) >= 5000 {
		t.Errorf("the script has %d bytes, packed", len(body))
	}
}

// What is served is what was written: no comment and no indentation, the style in its
// place, and nothing that a strict Content Security Policy forbids.
func TestScriptText(t *testing.T) {
	_, plain := getScript(t)
	text := string(plain)
	if strings.Contains(text, "beckon.css") || !strings.Contains(text, `replaceSync(":host {`) || !strings.HasPrefix(text, "(() => {\n'use strict';\n") {
		t.Errorf("%.200s", text)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "//") || strings.TrimSpace(line)+"\n" != line {
			t.Errorf("%q", line)
		}
	}
	for _, forbidden := range []string{"eval(", "Function(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", ".style", "'style'", "setAttribute('on"} {
		if strings.Contains(text, forbidden) {
			t.Errorf("it has %s", forbidden)
		}
	}
}

// The types name the methods that there are.
func TestScriptTypes(t *testing.T) {
	_, plain := getScript(t)
	_, methods, _ := strings.Cut(string(plain), "const methods = {")
	methods, _, _ = strings.Cut(methods, "\n};")
	types, err := os.ReadFile("script/beckon.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`\(method: '(\w+)'`).FindAllStringSubmatch(string(types), -1) {
		named[m[1]] = true
	}
	defined := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^(\w+)(?:\([\w, ]*\) \{|: visitor,)$`).FindAllStringSubmatch(methods, -1) {
		defined[m[1]] = true
		if !named[m[1]] {
			t.Errorf("the types have no %s", m[1])
		}
	}
	if len(defined) != len(named) || len(named) < 6 {
		t.Errorf("defined: %v, typed: %v", defined, named)
	}
}

// Where there is node, it reads the script: a slip in it is found without a browser.
func TestScriptParses(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node to read the script")
	}
	_, plain := getScript(t)
	file := filepath.Join(t.TempDir(), "beckon.js")
	if err := os.WriteFile(file, plain, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), node, "--check", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A form has its time to come, also one that is refused: the server reads on before it answers.
func TestScriptSlow(t *testing.T) {
	for name, h := range map[string]http.Handler{"script": beckonhttp.Script()} {
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("POST", "/beckon.js", strings.NewReader("a=b"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ServeHTTP(w, r)
		if len(w.until) == 0 || w.until[0].IsZero() {
			t.Errorf("%s: %v", name, w.until)
		}
	}
}

// timed is an answer over a connection that writes down its deadlines.
type timed struct {
	*httptest.ResponseRecorder
	until []time.Time
}

// SetReadDeadline is what [http.ResponseController] looks for.
func (w *timed) SetReadDeadline(t time.Time) error {
	w.until = append(w.until, t)
	return nil
}
