package beckonui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

//go:embed assets
var embedded embed.FS

// assets are the files that pages load, by name.
type assets struct {
	files   map[string]*asset
	version string // of all of them: part of their addresses
}

type asset struct {
	kind string
	body []byte
	tag  string
}

func newAssets() *assets {
	a := &assets{files: map[string]*asset{}}
	all := sha256.New()
	for name, kind := range map[string]string{"style.css": "text/css", "ui.js": "text/javascript", "icon.svg": "image/svg+xml"} {
		body, err := embedded.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // it is built in
		}
		sum := sha256.Sum256(body)
		a.files[name] = &asset{kind: kind + "; charset=utf-8", body: body, tag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	for _, name := range []string{"style.css", "ui.js", "icon.svg"} {
		all.Write(a.files[name].body)
	}
	a.version = hex.EncodeToString(all.Sum(nil)[:6])
	return a
}

func (a *asset) serve(q *request) error {
	h := q.w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("ETag", a.tag)
	h.Set("Cache-Control", "private, no-cache")
	if strings.HasPrefix(q.r.URL.RawQuery, "v=") {
		h.Set("Cache-Control", "private, max-age=86400")
	}
	http.ServeContent(q.w, q.r, "", time.Time{}, bytes.NewReader(a.body))
	return nil
}
