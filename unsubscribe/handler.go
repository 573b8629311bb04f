package unsubscribe

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/bodytime"
	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/plan"
)

// An Engine notes that a contact refuses something. A [*beckon.Engine] does.
type Engine interface {
	Unsubscribe(ctx context.Context, who beckon.Identity, from string, where ...string) error
}

// The limits of [Handler].
const (
	maxBody = 4 << 10          // bytes of a posted form
	noteFor = 10 * time.Second // that the engine may take
	formFor = 10 * time.Second // that a form may take to come
)

// Handler returns what serves the links of a [Signer] (RFC 8058). It looks at the method and
// at the parameter "token", and not at the path:
//
//   - POST with the field List-Unsubscribe=One-Click, as URL-encoded or multipart form,
//     unsubscribes the contact. A repeat does nothing more.
//   - GET shows a page with a button that posts this. It never unsubscribes, because what
//     looks through mails for harmful links opens each. HEAD answers as GET does.
//   - Any other method is 405.
//
// The answer is a page, never a redirect: 200 when it is done, 400 for a token that is bad
// or a form with something else, 410 for a token that has expired, 503 if the engine fails.
// A topic that the program does not have, or not yet, is refused all the same, and
// [WithErrors] is told. Once asked, the engine has ten seconds, whether or not the browser stays. No page shows
// who the contact is. The default page has a strict Content Security Policy; that of
// [WithPage] has none. It must be reachable without a login, and needs no token against
// forged requests: a link has its own.
func Handler(engine Engine, signer *Signer, opts ...Option) http.Handler {
	h := &handler{engine: engine, signer: signer, now: time.Now, plain: defaultPage()} //nolint:forbidigo // what WithClock stands in for
	for _, o := range opts {
		o(h)
	}
	return h
}

// An Option of [Handler].
type Option func(*handler)

// WithClock sets the clock that says whether a token has expired. Nil and the default are
// [time.Now].
func WithClock(now func() time.Time) Option {
	return func(h *handler) {
		if now != nil {
			h.now = now
		}
	}
}

// WithPage sets the template of all pages, which is executed with a [Page]. It must contain,
// for the state [Ask], a form with method "post", without an action, and with a hidden field
// List-Unsubscribe with the value One-Click. Nil and the default are a page in English. A
// template that fails is reported to WithErrors, and the default one is shown.
func WithPage(t *template.Template) Option {
	return func(h *handler) {
		if t != nil {
			h.page = t
		}
	}
}

// WithErrors sets a function that gets the errors of the engine and of the template, for
// example to log them. It is called by several goroutines at once. By default nobody gets
// them.
func WithErrors(report func(*http.Request, error)) Option {
	return func(h *handler) { h.report = report }
}

type handler struct {
	engine Engine
	signer *Signer
	now    func() time.Time
	page   *template.Template // of the host; nil: there is none
	plain  *template.Template // ours
	report func(*http.Request, error)
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bodytime.Within(w, r, formFor)
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	sub, err := h.signer.Check(r.URL.Query().Get(parameter), h.now())
	state, gone := Bad, false
	switch {
	case errors.Is(err, ErrExpired):
		state = Expired
	case err != nil:
	case r.Method != http.MethodPost:
		state = Ask
	case oneClick(w, r):
		state, gone = h.note(r, sub)
	}
	h.show(w, r, state, gone, sub)
}

// note has the engine note what the contact refuses. A browser that is closed at once has
// clicked all the same. It reports whether the engine does not know it: then the host is
// told, because what it had signed may have been a slip of the pen.
func (h *handler) note(r *http.Request, sub Subject) (state State, gone bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), noteFor)
	defer cancel()
	err := h.engine.Unsubscribe(ctx, sub.Contact, sub.From, "link")
	if gone = errors.Is(err, beckon.ErrSubscriptionUnknown); gone {
		h.tell(r, err)
		err = h.engine.Unsubscribe(consent.Signed(ctx), sub.Contact, sub.From, "link")
	}
	if err != nil {
		h.tell(r, err)
		return Failed, false
	}
	return Done, gone
}

func (h *handler) tell(r *http.Request, err error) {
	if h.report != nil {
		h.report(r, err)
	}
}

// oneClick reports whether a form says what it has to. The query does not count.
func oneClick(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseMultipartForm(maxBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return false
	}
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // there are none: the body is shorter than the memory for it
	}
	return strings.EqualFold(r.PostForm.Get(oneClickName), oneClickValue)
}

// show writes a page.
func (h *handler) show(w http.ResponseWriter, r *http.Request, state State, gone bool, sub Subject) {
	channel, tag, _ := strings.Cut(sub.From, ":")
	page := Page{State: state, Channel: beckon.Channel(channel), Tag: tag}
	if !plan.Sweeps(page.Channel) {
		page = Page{State: state, Topic: sub.From, Gone: gone}
	}
	var body bytes.Buffer
	ours := h.page == nil
	if !ours {
		if err := h.page.Execute(&body, page); err != nil {
			h.tell(r, err)
			body.Reset()
			ours = true
		}
	}
	if ours {
		if err := h.plain.Execute(&body, page); err != nil {
			h.tell(r, err)
		}
	}
	guard(w.Header(), ours)
	w.WriteHeader(state.status())
	_, _ = w.Write(body.Bytes()) // who does not read it has gone
}
