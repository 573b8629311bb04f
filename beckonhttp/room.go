package beckonhttp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/bodytime"
)

// A room is a family of routes, and what it shares with the others.
type room struct {
	settings
	engine *beckon.Engine
	enter  func(*call) error // says who may come in; run before every route
	routes []route
	gzip   bool // bodies may be packed
	plain  bool // and may be called plain text

	described descriptions // of the REST interface
	turns     turns
}

// A route is a method and the parts of a path; a part in braces stands for any, and
// anyPath for any path.
type route struct {
	method string
	path   string
	serve  func(*call) error
}

const anyPath = "*"

// A call is one request.
type call struct {
	room   *room
	w      http.ResponseWriter
	r      *http.Request
	id     string
	parts  []string        // what stood for the parts in braces
	caller beckon.Identity // of a browser
	inTurn func()          // ends the turn that it has; nil: it has none
}

// ServeHTTP implements [http.Handler].
func (m *room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bodytime.Within(w, r, m.readTime)
	c := &call{room: m, w: w, r: r, id: requestID(r)}
	header := w.Header()
	header.Set("X-Request-Id", c.id)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	defer func() {
		c.leave()
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			c.refused(fmt.Errorf("beckonhttp: panic: %v\n%s", p, debug.Stack()))
		}
	}()
	err := c.serve()
	c.leave()
	if err != nil && err != errAnswered { //nolint:errorlint // as it was made
		c.refused(err)
	}
}

// errAnswered says that a request was answered on its way in.
var errAnswered = errors.New("answered")

// serve finds the route and lets it answer.
func (c *call) serve() error {
	serve, missing := c.find()
	if err := c.room.enter(c); err != nil {
		return err
	}
	if missing != nil {
		return missing
	}
	if err := c.spend(); err != nil {
		return err
	}
	return serve(c)
}

// find returns the route of a request, or why there is none.
func (c *call) find() (func(*call) error, error) {
	path := strings.Split(strings.Trim(c.r.URL.EscapedPath(), "/"), "/")
	for i, part := range path {
		text, err := url.PathUnescape(part)
		if err != nil {
			return nil, refuse(ErrNotFound, "", "there is nothing at this address")
		}
		path[i] = text
	}
	var allowed []string
	for i := range c.room.routes {
		rt := &c.room.routes[i]
		parts, ok := match(rt.path, path)
		if !ok {
			continue
		}
		if rt.method == c.r.Method || rt.method == http.MethodGet && c.r.Method == http.MethodHead {
			c.parts = parts
			return rt.serve, nil
		}
		allowed = append(allowed, rt.method)
	}
	if allowed == nil {
		return nil, refuse(ErrNotFound, "", "there is nothing at this address")
	}
	c.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return nil, refuse(ErrMethod, "", "the method must be "+strings.Join(allowed, " or "))
}

// match compares a path with that of a route.
func match(pattern string, path []string) (parts []string, ok bool) {
	if pattern == anyPath {
		return nil, true
	}
	for i := 0; ; i++ {
		part, rest, more := strings.Cut(pattern, "/")
		switch {
		case i >= len(path):
			return nil, false
		case part == "{}" && path[i] != "":
			parts = append(parts, path[i])
		case part != path[i]:
			return nil, false
		}
		if pattern = rest; !more {
			return parts, i == len(path)-1
		}
	}
}

// spend asks how many requests the caller has left.
func (c *call) spend() error {
	if c.room.rate == nil {
		return nil
	}
	limit := c.room.rate(c.r)
	if limit.Limit > 0 {
		header := c.w.Header()
		header.Set("X-RateLimit-Limit", strconv.Itoa(limit.Limit))
		header.Set("X-RateLimit-Remaining", strconv.Itoa(max(limit.Remaining, 0)))
		if !limit.Reset.IsZero() {
			header.Set("X-RateLimit-Reset", strconv.FormatInt(limit.Reset.Unix(), 10))
		}
	}
	if limit.Exceeded {
		return beckon.ErrorList{{Code: ErrRateLimit, Message: sentence(ErrRateLimit), RetryAt: limit.Reset}}
	}
	return nil
}

// requestID returns the id that the caller, or a proxy before it, gave the request, if it
// is harmless, and a new one otherwise.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > 64 {
		return rand.Text()
	}
	for i := range len(id) {
		c := id[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.", c) >= 0) {
			return rand.Text()
		}
	}
	return id
}

// context returns one for the engine. What a caller has posted is dealt with, whether or
// not the caller still waits.
func (c *call) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c.r.Context()), EngineWithin)
}

// decided hands on what the engine decided.
func (c *call) decided(ctx context.Context, res beckon.Result) {
	c.leave()
	for _, err := range res.Failures() {
		c.room.report(c.r, err)
	}
	c.room.results(ctx, res)
}
