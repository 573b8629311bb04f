package beckonhttp

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/bodytime"
)

//go:embed script/beckon.js
var scriptSource string

//go:embed script/beckon.css
var scriptStyle string

// Script returns a handler, at any path, for the script by which a page speaks with
// [Browser]: it tracks events, and shows banners, chats, posts and surveys.
//
//	mux.Handle("/beckon.js", beckonhttp.Script())
//
//	<script src="/beckon.js" defer></script>
//	<script type="module">beckon('boot', {}); beckon('trackEvent', 'viewed-video', {title: 'Cats'})</script>
//
// The routes are looked for where the script is, without its ".js", here at /beckon. Names,
// times and the rest of what the page may say are in docs/browser.md; script/beckon.d.ts has
// the types. It needs script-src and connect-src of its host from a Content Security
// Policy, and no style-src. The answer may be kept for five minutes and then be asked for
// again by its ETag.
func Script() http.Handler {
	plain := scriptText(scriptSource, scriptStyle)
	packed := gzipped(plain)
	sum := sha256.Sum256(plain)
	tag := hex.EncodeToString(sum[:8])
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bodytime.Within(w, r, DefaultReadTime)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		header, body, etag := w.Header(), plain, `"`+tag+`"`
		header.Set("Content-Type", "text/javascript; charset=utf-8")
		header.Set("Cache-Control", "public, max-age=300")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cross-Origin-Resource-Policy", "cross-origin") // a page of another site may load it
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			body, etag = packed, `"`+tag+`-gzip"`
		}
		header.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}

// scriptText returns the script as it is served: without the lines that are comments,
// without indentation, and with the style in its place.
func scriptText(source, style string) []byte {
	var b bytes.Buffer
	for line := range strings.Lines(source) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	_, style, _ = strings.Cut(style, "\n") // its first line is a comment
	quoted, _ := json.Marshal(style)       // a string is always one of JSON, which is one of JavaScript
	return bytes.Replace(b.Bytes(), []byte("'beckon.css'"), quoted, 1)
}

func gzipped(text []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one of gzip's
	_, _ = z.Write(text)
	_ = z.Close() // writing to memory does not fail
	return b.Bytes()
}

// acceptsGzip reports whether a header Accept-Encoding names gzip, and not as one that is
// not wanted.
func acceptsGzip(header string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(one, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(strings.TrimSpace(q), "q=0.") != "" || strings.TrimSpace(q) == ""
		}
	}
	return false
}
