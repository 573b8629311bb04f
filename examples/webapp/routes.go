package main

import (
	"context"
	"crypto/subtle"
	"iter"
	"net/http"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/beckonui"
	"github.com/beckon-go/beckon/replay"
	"github.com/beckon-go/beckon/unsubscribe"
)

// policy is what pages may do: nothing that is not of this host, no inline script, no inline
// style, and no text that becomes HTML but by the policy of the script.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'self'" + trustedTypes

const trustedTypes = "; require-trusted-types-for 'script'; trusted-types beckon"

// routes returns all that the shop serves.
func (s *shop) routes(signer *unsubscribe.Signer, store beckon.Store) (http.Handler, error) {
	common := []beckonhttp.Option{
		beckonhttp.WithResults(s.offer), beckonhttp.WithClock(s.clock.now),
		beckonhttp.WithErrors(func(r *http.Request, err error) { s.logger.Error("door", "path", r.URL.Path, "err", err) }),
	}
	with := func(more ...beckonhttp.Option) []beckonhttp.Option { return append(more, common...) }
	tokens := beckonhttp.Tokens(s.token)
	stripe, err := beckonhttp.Stripe(s.engine, []string{s.stripeSecret}, s.ofStripe, with()...)
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	// Who comes in otherwise than by a page of the shop.
	mux.Handle("/api/", http.StripPrefix("/api", beckonhttp.REST(s.engine, tokens, with(beckonhttp.WithKnownContacts())...)))
	mux.Handle("/segment/", http.StripPrefix("/segment", beckonhttp.Segment(s.engine, tokens, with()...)))
	mux.Handle("/stripe", stripe)
	links := []unsubscribe.Option{
		unsubscribe.WithClock(s.clock.now),
		unsubscribe.WithErrors(func(r *http.Request, err error) { s.logger.Error("link", "path", r.URL.Path, "err", err) }),
	}
	mux.Handle("/unsubscribe", unsubscribe.Handler(s.engine, signer, links...))
	mux.Handle("/preferences", unsubscribe.Preferences(s.engine, signer, links...))

	// Pages, and what they call.
	mux.Handle("/beckon.js", beckonhttp.Script())
	mux.Handle("/beckon/", http.StripPrefix("/beckon", beckonhttp.Browser(s.engine, s.who, with(
		beckonhttp.WithBrowserEvents("upload-complete", "watched-video", "answered-survey"))...)))
	mux.Handle("GET /static/", http.FileServerFS(static))
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /documents", s.documents)
	mux.HandleFunc("GET /mail", s.mailPage)
	mux.HandleFunc("GET /mail/{n}", s.mailBody)
	mux.HandleFunc("GET /messages", s.messagesPage)
	mux.HandleFunc("GET /panel", s.panelJSON)
	mux.HandleFunc("GET /panel/why", s.why)

	// What changes something: not for pages of other sites.
	own := http.NewCrossOriginProtection()
	for path, serve := range map[string]http.HandlerFunc{
		"POST /upload": s.upload, "POST /buy": s.buy, "POST /wait": s.wait,
		"POST /sign-in": s.signIn, "POST /sign-out": s.signOut, "POST /messages": s.publish,
	} {
		mux.Handle(path, own.Handler(http.MaxBytesHandler(serve, beckon.MaxProgramBytes)))
	}
	// Pages for the team.
	mux.Handle("/admin/", s.admin(beckonui.Handler(s.engine,
		beckonui.WithProgram(&s.editor), beckonui.WithDays(s.days), beckonui.WithClock(s.clock.now), beckonui.WithTitle("Small Screen"),
		beckonui.WithHistory(func(ctx context.Context) iter.Seq2[replay.Step, error] {
			return replay.Ticking(replay.Kept(ctx, store, replay.Window{}), replay.Ticks{Due: time.Minute, Sweep: time.Hour})
		}),
		beckonui.AllowEdits(func(r *http.Request) bool { user, _, _ := r.BasicAuth(); return user == "editor" }),
		beckonui.WithErrors(func(r *http.Request, err error) { s.logger.Error("admin", "path", r.URL.Path, "err", err) }))))

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		mux.ServeHTTP(w, r)
	}), nil
}

// admin lets those in who know the token. Who comes as "editor" may change something. A real
// shop has the accounts of its team.
func (s *shop) admin(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		if subtle.ConstantTimeCompare([]byte(password), []byte(s.token)) == 0 {
			w.Header().Set("WWW-Authenticate", `Basic realm="The team"`)
			http.Error(w, "log in", http.StatusUnauthorized)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// offer leaves what was decided for pages to the next page that asks, instead of to whom it
// was decided for: nobody but pages shows it. Mail is the worker's already.
func (s *shop) offer(ctx context.Context, res beckon.Result) {
	for i := range res.Deliveries {
		if d := &res.Deliveries[i]; !d.IsQueued() {
			if err := s.engine.Postpone(ctx, *d, s.clock.now()); err != nil {
				s.logger.Error("a delivery is offered a minute later", "err", err)
			}
		}
	}
}

// ofStripe says whom an event of Stripe's concerns: who is named in its metadata, or has its
// address. Others are nobody of the shop.
func (s *shop) ofStripe(ctx context.Context, ev beckonhttp.StripeEvent) (beckon.Identity, error) {
	for _, who := range []beckon.Identity{{UserID: ev.Metadata["user_id"]}, {UserID: ev.ClientReferenceID}, {Email: ev.Email}} {
		if who == (beckon.Identity{}) {
			continue
		}
		if _, known, err := s.engine.Export(ctx, who); known || err != nil {
			return who, err
		}
	}
	return beckon.Identity{}, nil
}

// refusable says what a mail's link unsubscribes from. A receipt has none.
func refusable(d beckon.Delivery) string {
	if d.Message == "receipt" {
		return ""
	}
	return "email"
}
