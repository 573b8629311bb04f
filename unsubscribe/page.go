package unsubscribe

import (
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
}

// defaultPage is parsed for each handler: a template is not copied.
func defaultPage() *template.Template {
	return template.Must(template.New("unsubscribe").Parse(pageText))
}

const pageText = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Unsubscribe</title>
{{- define "what"}}{{with .Topic}}messages about {{.}}{{end}}{{.Channel}}{{with .Tag}} about {{.}}{{end}}{{end}}
<h1>Unsubscribe</h1>
{{- if eq .State "ask"}}
<p>Do you want to get no more {{template "what" .}}?</p>
<form method="post">
<input type="hidden" name="List-Unsubscribe" value="One-Click">
<button>Unsubscribe</button>
</form>
{{- else if eq .State "done"}}
<p>It is done: you get no more {{template "what" .}}.</p>
{{- else if eq .State "expired"}}
<p>This link has expired. Please use the link of a newer message.</p>
{{- else if eq .State "failed"}}
<p>It did not work just now. Please try again in a minute.</p>
{{- else}}
<p>This link is not complete. Please use the link of the message as it is.</p>
{{- end}}
`
