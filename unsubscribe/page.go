package unsubscribe

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"

	"github.com/beckon-go/beckon"
)

// A State says which page [Handler] shows.
type State string

// The states.
const (
	Ask     State = "ask"     // the button
	Done    State = "done"    // the contact is unsubscribed
	Bad     State = "bad"     // the token is not one of ours, or the form says something else
	Expired State = "expired" // the token has expired
	Failed  State = "failed"  // the engine did not note it: try again
)

// status is the status of the answer with a page.
func (s State) status() int {
	switch s {
	case Ask, Done:
		return http.StatusOK
	case Expired:
		return http.StatusGone
	case Failed:
		return http.StatusServiceUnavailable
	default:
		return http.StatusBadRequest
	}
}

// A Page is what a template of [WithPage] is executed with.
type Page struct {
	State   State
	Channel beckon.Channel // what is refused, such as "email"; empty if the token is bad or has expired
	Tag     string         // the tag of it that is refused, such as "promo"; empty: the channel as a whole
	Topic   string         // the id of the topic that is refused, in place of a channel
	Gone    bool           // Done, and the program does not have the topic: it may have another name now
}

// defaultPage is parsed for each handler: a template is not copied.
func defaultPage() *template.Template {
	return template.Must(template.New("unsubscribe").Parse(pageText))
}

// pageStyle is that of all pages that are not the host's.
const pageStyle = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;color:CanvasText;background:Canvas;max-width:34rem;margin:0 auto;padding:1.5rem 1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.2}
ul{list-style:none;padding:0;margin:1.5rem 0;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}
li{border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}
label{display:flex;align-items:center;gap:.75rem;min-height:3rem;padding:.5rem 0;box-sizing:border-box;cursor:pointer}
input[type=checkbox]{flex:none;width:1.25rem;height:1.25rem;margin:0}
button{font:inherit;font-weight:600;width:100%;min-height:3rem;border:0;border-radius:.5rem;background:#1d4ed8;color:#fff;cursor:pointer}
:focus-visible{outline:3px solid #60a5fa;outline-offset:2px}
.done{border-left:.25rem solid #16a34a;padding:.25rem .75rem}
@media (min-width:30rem){button{width:auto;padding:0 2rem}}`

// guard sets the headers of a page. One of ours runs nothing, loads nothing and posts to itself.
func guard(header http.Header, ours bool) {
	if ours {
		sum := sha256.Sum256([]byte(pageStyle))
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer") // the link is in the address
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY") // nobody is led to click a button that is not seen
	header.Set("X-Robots-Tag", "noindex")
}

const pageText = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Unsubscribe</title>
<style>` + pageStyle + `</style>
{{- define "what"}}{{with .Topic}}messages about {{.}}{{end}}{{.Channel}}{{with .Tag}} about {{.}}{{end}}{{end}}
<main>
<h1>Unsubscribe</h1>
{{- if eq .State "ask"}}
<p>Do you want to get no more {{template "what" .}}?</p>
<form method="post">
<input type="hidden" name="List-Unsubscribe" value="One-Click">
<button>Unsubscribe</button>
</form>
{{- else if .Gone}}
<p class="done" role="status">It is noted: you get no more {{template "what" .}}. There are none at the moment. If you still get messages that you do not want, please use the link of the newest one.</p>
{{- else if eq .State "done"}}
<p class="done" role="status">It is done: you get no more {{template "what" .}}.</p>
{{- else if eq .State "expired"}}
<p>This link has expired. Please use the link of a newer message.</p>
{{- else if eq .State "failed"}}
<p>It did not work just now. Please try again in a minute.</p>
{{- else}}
<p>This link is not complete. Please use the link of the message as it is.</p>
{{- end}}
</main>
`
