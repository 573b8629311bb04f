package unsubscribe

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/bodytime"
)

// A Chooser is an engine with topics that contacts choose. A [*beckon.Engine] is one.
type Chooser interface {
	Engine
	Resubscribe(ctx context.Context, who beckon.Identity, from string, where ...string) error
	Topics(ctx context.Context, who beckon.Identity) ([]beckon.TopicChoice, error)
}

// The fields of the form of [Preferences].
const (
	saveName  = "preferences" // says that the form was posted
	saveValue = "save"
	shownName = "shown" // the topics that the page had
	topicName = "topic" // those of them that are wanted
)

// Preferences returns what serves a page with the topics of the program, on which a contact
// chooses those that it wants (C6). Its links are those of [Signer.Link]: any token of the
// signer will do, whatever it refuses. GET shows the choices and changes nothing. POST of its form sets
// those that differ, with "preferences" as from where; a topic that the page did not show
// stays what it is. Statuses are those of [Handler], and so is what it needs. The page works
// without a script, says nothing of who the contact is, and has a strict Content Security
// Policy. WithPage does not concern it.
func Preferences(engine Chooser, signer *Signer, opts ...Option) http.Handler {
	h := &handler{engine: engine, signer: signer, now: time.Now} //nolint:forbidigo // what WithClock stands in for
	for _, o := range opts {
		o(h)
	}
	return &preferences{h, engine, template.Must(template.New("preferences").Parse(preferencesText))}
}

type preferences struct {
	*handler
	chooser Chooser
	form    *template.Template
}

// ServeHTTP implements [http.Handler].
func (p *preferences) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bodytime.Within(w, r, formFor)
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	sub, err := p.signer.Check(r.URL.Query().Get(parameter), p.now())
	state, topics := Bad, []beckon.TopicChoice(nil)
	switch {
	case errors.Is(err, ErrExpired):
		state = Expired
	case err != nil, r.Method == http.MethodPost && !saved(w, r):
	default:
		state, topics = p.choose(r, sub.Contact)
	}
	p.write(w, r, state, topics)
}

// saved reports whether the form of the page was posted.
func saved(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	return r.ParseForm() == nil && r.PostForm.Get(saveName) == saveValue
}

// maxForm is how many bytes a form with many topics may have.
const maxForm = 256 << 10

// choose carries out what was posted, and returns the topics as they are then.
func (p *preferences) choose(r *http.Request, who beckon.Identity) (State, []beckon.TopicChoice) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), noteFor)
	defer cancel()
	topics, err := p.chooser.Topics(ctx, who)
	state := Ask
	if err == nil && r.Method == http.MethodPost {
		state = Done
		for _, t := range topics {
			wanted := slices.Contains(r.PostForm[topicName], t.ID)
			switch {
			case wanted == t.Wanted || !slices.Contains(r.PostForm[shownName], t.ID):
			case wanted:
				err = errors.Join(err, p.chooser.Resubscribe(ctx, who, t.ID, "preferences"))
			default:
				err = errors.Join(err, p.chooser.Unsubscribe(ctx, who, t.ID, "preferences"))
			}
		}
		if err == nil {
			topics, err = p.chooser.Topics(ctx, who)
		}
	}
	if err != nil {
		p.tell(r, err)
		return Failed, nil
	}
	return state, topics
}

func (p *preferences) write(w http.ResponseWriter, r *http.Request, state State, topics []beckon.TopicChoice) {
	var body bytes.Buffer
	if err := p.form.Execute(&body, struct {
		State  State
		Style  template.CSS
		Topics []beckon.TopicChoice
	}{state, pageStyle, topics}); err != nil {
		p.tell(r, err)
	}
	guard(w.Header(), true)
	w.WriteHeader(state.status())
	_, _ = w.Write(body.Bytes()) // who does not read it has gone
}

const preferencesText = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>What you get from us</title>
<style>{{.Style}}</style>
<main>
<h1>What you get from us</h1>
{{- if eq .State "done"}}
<p class="done" role="status">Your choices are saved.</p>
{{- end}}
{{- if or (eq .State "ask") (eq .State "done")}}
{{- if .Topics}}
<form method="post">
<input type="hidden" name="preferences" value="save">
<ul>
{{- range .Topics}}
<li><label><input type="checkbox" name="topic" value="{{.ID}}"{{if .Wanted}} checked{{end}}> {{or .Name .ID}}</label><input type="hidden" name="shown" value="{{.ID}}"></li>
{{- end}}
</ul>
<button>Save</button>
</form>
{{- else}}
<p>There is nothing to choose.</p>
{{- end}}
{{- else if eq .State "expired"}}
<p>This link has expired. Please use the link of a newer message.</p>
{{- else if eq .State "failed"}}
<p>It did not work just now. Please try again in a minute.</p>
{{- else}}
<p>This link is not complete. Please use the link of the message as it is.</p>
{{- end}}
</main>
`
