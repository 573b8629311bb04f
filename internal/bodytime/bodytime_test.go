package bodytime_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/bodytime"
)

// conn is a connection that writes down its deadlines.
type conn struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.deadlines = append(c.deadlines, t)
	return nil
}

func request(body string) (*conn, *http.Request) {
	return &conn{ResponseRecorder: httptest.NewRecorder()}, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
}

// The deadline is gone when the body is read to its end, and not before.
func TestWithin(t *testing.T) {
	c, r := request("four")
	before := time.Now() //nolint:forbidigo // deadlines of connections are of the clock
	bodytime.Within(c, r, time.Hour)
	if len(c.deadlines) != 1 || c.deadlines[0].Before(before.Add(time.Hour)) {
		t.Fatalf("%v", c.deadlines)
	}
	if _, err := io.ReadFull(r.Body, make([]byte, 4)); err != nil || len(c.deadlines) != 1 {
		t.Fatalf("%v, %v", c.deadlines, err)
	}
	if rest, err := io.ReadAll(r.Body); len(rest) > 0 || err != nil || len(c.deadlines) != 2 || !c.deadlines[1].IsZero() {
		t.Errorf("%v, %v", c.deadlines, err)
	}
}

// Without a body there is none: the server reads already, to see whether the sender goes away.
func TestWithoutBody(t *testing.T) {
	c, r := request("")
	for _, body := range []io.ReadCloser{nil, http.NoBody, io.NopCloser(strings.NewReader(""))} {
		r.Body, r.ContentLength = body, 0
		if bodytime.Within(c, r, time.Hour); len(c.deadlines) > 0 {
			t.Errorf("%v: %v", body, c.deadlines)
		}
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), -1 // in pieces
	if bodytime.Within(c, r, time.Hour); len(c.deadlines) != 1 {
		t.Errorf("%v", c.deadlines)
	}
}

// What has no deadlines is read as it is.
func TestNoDeadlines(t *testing.T) {
	_, r := request("four")
	bodytime.Within(httptest.NewRecorder(), r, time.Hour)
	if text, err := io.ReadAll(r.Body); string(text) != "four" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
