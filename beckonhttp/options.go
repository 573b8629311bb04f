package beckonhttp

import (
	"context"
	"net/http"
	"time"

	"github.com/beckon-go/beckon"
)

// The limits of what is read of a request. An event has at most [beckon.MaxEventBytes].
const (
	DefaultBodyLimit = 1 << 20          // bytes of any other body
	DefaultReadTime  = 10 * time.Second // time in which a body must have come
	EngineWithin     = 10 * time.Second // time that the engine may take for one request
	MaxBulkItems     = 1000             // items of one bulk request
	MaxPerPage       = 150              // events or contacts of one page
	DefaultPerPage   = 15               // if the request does not say
)

// An Option sets up one family of routes. Nil is skipped.
type Option func(*settings)

// settings are what all families share.
type settings struct {
	results   func(context.Context, beckon.Result)
	report    func(*http.Request, error)
	rate      func(*http.Request) RateLimit
	bodyLimit int64
	readTime  time.Duration
	knownOnly bool
	tolerance time.Duration // of signatures
	now       func() time.Time

	pageEvents bool // of Segment: pages and screens are events

	origins []string        // whose pages may call, beside those of the door's own
	events  map[string]bool // canonical names that a browser may send
	shows   map[beckon.Channel]bool
}

func settingsOf(opts []Option) settings {
	s := settings{
		results: func(context.Context, beckon.Result) {}, report: func(*http.Request, error) {},
		bodyLimit: DefaultBodyLimit, readTime: DefaultReadTime, tolerance: StripeTolerance, now: time.Now, //nolint:forbidigo // what WithClock stands in for
		events: map[string]bool{},
		shows: map[beckon.Channel]bool{
			beckon.Chat: true, beckon.Post: true, beckon.Banner: true, beckon.Carousel: true,
			beckon.ProductTour: true, beckon.Survey: true, beckon.Workflow: true,
		},
	}
	for _, o := range opts {
		if o != nil {
			o(&s)
		}
	}
	return s
}

// WithResults sets the function that gets what the engine decided: it sends the
// deliveries. Without it they are lost, unless the engine has an outbox
// ([beckon.WithOutbox]), whose workers find them. It is called before the answer is
// written, by several goroutines at once; its context lives as long as the engine may
// take. What a browser is given to show is not among the deliveries.
func WithResults(send func(context.Context, beckon.Result)) Option {
	return func(s *settings) {
		if send != nil {
			s.results = send
		}
	}
}

// WithErrors sets the function that gets what the answer does not tell: failures of the
// store, panics and messages that broke. It is called by several goroutines at once. By
// default nobody gets them.
func WithErrors(report func(*http.Request, error)) Option {
	return func(s *settings) {
		if report != nil {
			s.report = report
		}
	}
}

// A RateLimit is what a caller has left.
type RateLimit struct {
	Limit     int       // requests in the period; zero: no limit, and no headers
	Remaining int       // after this request
	Reset     time.Time // when the period ends; zero: not known, and no header
	Exceeded  bool      // this request is one too many: 429, rate_limit_exceeded
}

// WithRateLimit sets the function that counts requests. It is asked once a request, after
// the caller is known to be allowed, and its answer stands in the headers
// X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset (Unix seconds).
func WithRateLimit(limit func(*http.Request) RateLimit) Option {
	return func(s *settings) { s.rate = limit }
}

// WithBodyLimit sets how many bytes a body may have; zero is [DefaultBodyLimit]. More is
// 413. That of an event is [beckon.MaxEventBytes] at most.
func WithBodyLimit(n int) Option {
	return func(s *settings) {
		if s.bodyLimit = int64(n); n <= 0 {
			s.bodyLimit = DefaultBodyLimit
		}
	}
}

// WithReadTime sets how long a body may take to come; zero is [DefaultReadTime]. Longer is
// 408. A request that is refused before its body is read holds its connection for no longer
// either. It needs a connection that can have a deadline, as those of net/http's server.
func WithReadTime(d time.Duration) Option {
	return func(s *settings) {
		if s.readTime = d; d <= 0 {
			s.readTime = DefaultReadTime
		}
	}
}

// WithKnownContacts refuses events, visits and checks for contacts that are not known:
// 404, contact_unknown, as [beckon.WithKnownContactsOnly] does for all of an engine.
// Otherwise these make them.
func WithKnownContacts() Option {
	return func(s *settings) { s.knownOnly = true }
}

// WithClock sets the clock that says how long a caller must wait, and how old a signature
// is. Nil and the default are [time.Now]. Use that of the engine.
func WithClock(now func() time.Time) Option {
	return func(s *settings) {
		if now != nil {
			s.now = now
		}
	}
}
