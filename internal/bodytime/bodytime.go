// Package bodytime bounds the time in which the body of a request comes.
package bodytime

import (
	"io"
	"net/http"
	"time"
)

// Within has the body of a request come within a time from now on. That also holds for a body that
// its handler does not read: the server reads on before it answers, and without a bound a sender
// that is refused could hold the connection for as long as it likes. When the body has been read to
// its end, the bound is gone. It needs a connection that can have a deadline, as those of net/http's
// server.
func Within(w http.ResponseWriter, r *http.Request, d time.Duration) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return
	}
	control := http.NewResponseController(w)
	if control.SetReadDeadline(time.Now().Add(d)) == nil { //nolint:forbidigo // of the connection, not of a decision
		r.Body = &body{r.Body, control}
	}
}

type body struct {
	io.ReadCloser
	control *http.ResponseController
}

// Read implements [io.Reader]. From the end on the server reads itself, to see whether the sender
// goes away: it must not take a deadline for that.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{}) // the server sets its own before the next request
	}
	return n, err
}
