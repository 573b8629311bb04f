package beckonui

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/bodytime"
)

// The limits of a [Handler].
const (
	answerIn = 20 * time.Second // what a page may take
	formIn   = time.Minute      // what a form may take to come
	maxForm  = 64 << 10         // bytes of a form that has no program in it
	maxQuery = 32 << 10         // bytes of a query
)

// Handler returns the pages of an engine. Mount it at a path that ends in a slash, behind a
// login: it refuses nobody by itself.
//
// GET and HEAD change nothing. POST changes something, and only if [AllowEdits] says so, apart
// from what looks a program over. A POST that a page of another site makes is refused. Answers
// are not stored, stand in no frame of another page, and have a Content Security Policy that
// allows no inline script and no inline style. Each page reads a bounded part of the store,
// whatever its size.
//
// A nil engine is taken for one that is closed: each page says that it failed.
func Handler(engine *beckon.Engine, opts ...Option) http.Handler {
	if engine == nil {
		engine = new(beckon.Engine)
	}
	u := &ui{engine: engine, config: config{title: "beckon", now: time.Now, zone: time.UTC}} //nolint:forbidigo // what WithClock stands in for
	for _, o := range opts {
		if o != nil {
			o(&u.config)
		}
	}
	u.assets = newAssets()
	u.pages = newPages(u)
	u.routes = u.routing()
	u.playing = make(chan struct{}, 1)
	return u
}

type ui struct {
	config
	engine *beckon.Engine
	assets *assets
	pages  pages
	routes map[string]route
	own    http.CrossOriginProtection
	texts  programCache
	names  nameCache

	playing chan struct{} // of one: who has it plays a backtest
}

// A route is what stands under one name.
type route struct {
	get   func(*request) error // nil: 405
	post  func(*request) error // nil: 405
	edits bool                 // post changes something
	limit int64                // bytes of what is posted
	takes time.Duration        // a post may; 0: as any page
}

func (u *ui) routing() map[string]route {
	routes := map[string]route{
		"":              {get: messagesPage},
		"messages":      {get: messagesPage},
		"message":       {get: messagePage},
		"preview":       {get: previewPage},
		"series":        {get: seriesPage},
		"contacts":      {get: contactsPage},
		"contact":       {get: contactPage},
		"why":           {get: whyPage},
		"events":        {get: eventsPage},
		"event":         {get: eventPage},
		"describe":      {post: describe, edits: true, limit: maxForm},
		"archive":       {post: archive, edits: true, limit: maxForm},
		"restore":       {post: restore, edits: true, limit: maxForm},
		"outbox":        {get: outboxPage},
		"letter":        {get: letterPage},
		"redeliver":     {post: redeliver, edits: true, limit: maxForm},
		"redeliver-all": {get: redeliverAllPage, post: redeliverAll, edits: true, limit: maxForm},
		"discard":       {post: discard, edits: true, limit: maxForm},
		"program":       {get: programPage, post: edited, limit: 3*MaxEditorBytes + maxForm, takes: backtestIn}, // a form has each byte as three
		"pause":         {post: pause, edits: true, limit: maxForm},
		"resume":        {post: resume, edits: true, limit: maxForm},
		"stop":          {get: stopPage, post: stop, edits: true, limit: maxForm},
	}
	for name, a := range u.assets.files {
		routes[name] = route{get: func(q *request) error { return a.serve(q) }}
	}
	return routes
}

// A request is one that is being answered.
type request struct {
	*ui
	w    http.ResponseWriter
	r    *http.Request
	ctx  context.Context
	args url.Values // of the query, or of the form that was posted
}

// ServeHTTP implements [http.Handler].
func (u *ui) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bodytime.Within(w, r, formIn)
	takes := answerIn
	if to := u.routes[nameOf(r)]; r.Method == http.MethodPost {
		takes = max(takes, to.takes)
	}
	ctx, end := context.WithTimeout(r.Context(), takes)
	defer end()
	q := &request{ui: u, w: w, r: r, ctx: ctx}
	q.guard(policy)
	if err := q.serve(); err != nil {
		q.fail(err)
	}
}

// nameOf returns the last part of a path.
func nameOf(r *http.Request) string {
	return r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
}

// policy is what a page may do: nothing that is not of this handler.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard sets the headers that all answers have.
func (q *request) guard(policy string) {
	h := q.w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // addresses of people may stand in ours
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

func (q *request) serve() error {
	r := q.r
	if r.URL.Path == "" { // of http.StripPrefix, for what has no slash
		q.redirect("./" + url.PathEscape(path.Base(strings.TrimSuffix(requestPath(r), "/"))) + "/")
		return nil
	}
	to, known := q.routes[nameOf(r)]
	if !known {
		return errNotFound
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case reads && to.get != nil:
		if len(r.URL.RawQuery) > maxQuery {
			return refused{http.StatusRequestURITooLong, "This address is too long."}
		}
		args, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return refused{http.StatusBadRequest, "This address is not a valid one."}
		}
		q.args = args
		return to.get(q)
	case r.Method == http.MethodPost && to.post != nil:
		return q.posted(&to)
	}
	allow := "GET, HEAD, POST"
	switch {
	case to.post == nil:
		allow = "GET, HEAD"
	case to.get == nil:
		allow = "POST"
	}
	q.w.Header().Set("Allow", allow)
	return refused{http.StatusMethodNotAllowed, "This is not how this address is asked."}
}

// posted serves a form, if it comes from one of these pages and its sender may do that.
func (q *request) posted(to *route) error {
	if err := q.own.Check(q.r); err != nil {
		return refused{http.StatusForbidden, "This was sent by a page of another site."}
	}
	if to.edits && !q.editor() {
		return refused{http.StatusForbidden, "You may look at this, and not change it."}
	}
	q.r.Body = http.MaxBytesReader(q.w, q.r.Body, to.limit)
	if err := q.r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return refused{http.StatusRequestEntityTooLarge, "This is too long to be taken."}
		}
		return refused{http.StatusBadRequest, "This form could not be read."}
	}
	q.args = q.r.PostForm
	return to.post(q)
}

// lasting returns the context of what goes on when the browser is closed: who clicked has clicked
// all the same. It ends with the time that the page may take.
func (q *request) lasting() (context.Context, context.CancelFunc) {
	until, _ := q.ctx.Deadline() // it has one
	return context.WithDeadline(context.WithoutCancel(q.ctx), until)
}

// editor reports whether the sender may change something.
func (q *request) editor() bool { return q.mayEdit != nil && q.mayEdit(q.r) }

// redirect leads to another page by a reference that is relative to this one, which stands
// under a path that only the browser knows whole.
func (q *request) redirect(to string) {
	q.w.Header().Set("Location", to)
	q.w.WriteHeader(http.StatusSeeOther)
}

// requestPath is the path as the client sent it.
func requestPath(r *http.Request) string {
	p, _, _ := strings.Cut(r.RequestURI, "?")
	if whole, err := url.PathUnescape(p); err == nil {
		return whole
	}
	return p
}
