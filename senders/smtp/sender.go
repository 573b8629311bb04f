package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	netmail "net/mail"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/beckon-go/beckon"
)

// A Sender sends deliveries as mail. It is a [beckonwork.Sender] and safe for concurrent use:
// each Send has a connection of its own meanwhile. Up to sixteen wait to be used again, for
// half a minute each. Close them by [Sender.Close].
type Sender struct {
	host     string
	port     int
	security security
	tls      *tls.Config
	helo     string
	auth     func(context.Context, Server) (smtp.Auth, error)
	dialer   func(ctx context.Context, network, address string) (net.Conn, error)
	timeout  time.Duration
	now      func() time.Time
	logger   *slog.Logger

	from        netmail.Address
	parts       func(beckon.Delivery, string) Parts
	change      func(context.Context, beckon.Delivery, *mail.Msg) error
	unsubscribe *Unsubscribe

	mu     sync.Mutex
	idle   []*conn // the one used last is the last
	closed bool
}

type security uint8

const (
	startTLS security = iota
	implicitTLS
	noTLS
)

// Send sends the mail of a delivery, and returns what becomes of it:
//
//   - Nil: the server has taken it. What it says after that, and a context that ends then,
//     changes nothing.
//   - [beckonwork.Never]: the contact has no email or one that is none, the mail says
//     nothing, or the server refuses the recipient or the content for good (5xx).
//   - [beckonwork.Later], in five minutes: a server puts off the recipient or the mail since it
//     is asked too often, or does not know us yet (450 to 452 with a reason such as greylisting).
//   - [beckonwork.Limited]: the server limits us (the same, and 421, before there is a
//     recipient), for a minute; or its limit for a day is reached (5.4.5), for an hour.
//   - [ErrLogin]: the server refuses our login, or wants one. It counts as a try, and the
//     logger is told.
//   - Any other error counts as a try: other 4xx, a sender that is refused, no connection, no
//     TLS, the time that is over. Whether the mail went out may not be known then.
//
// When ctx ends the connection is closed at once.
func (s *Sender) Send(ctx context.Context, d beckon.Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	l, err := s.compose(ctx, d)
	if err != nil {
		return err
	}
	failed := s.deliver(ctx, s.take(), l)
	if failed == nil {
		return nil
	}
	if ctx.Err() != nil && !isAnswer(failed.err) {
		failed.err = context.Cause(ctx) // and not that its connection was closed
	}
	err = s.judge(failed)
	if errors.Is(err, ErrLogin) {
		s.log().LogAttrs(ctx, slog.LevelError, "smtp: the server refuses our login, no mail is sent", slog.String("host", s.host), slog.Any("error", err))
	}
	return err
}

func (s *Sender) log() *slog.Logger {
	if s.logger != nil {
		return s.logger
	}
	return slog.Default()
}

// deliver sends a letter by a connection that was used before, or by a new one if there is
// none, or if it turns out at once that its time was over.
func (s *Sender) deliver(ctx context.Context, c *conn, l *letter) *failure {
	if c != nil {
		failed := s.use(ctx, c, l)
		if failed == nil || failed.at != atMail || ctx.Err() != nil {
			return failed
		}
	}
	c, failed := s.dial(ctx)
	if failed != nil {
		return failed
	}
	return s.use(ctx, c, l)
}

// use sends a letter by a connection, and keeps the connection or closes it.
func (s *Sender) use(ctx context.Context, c *conn, l *letter) *failure {
	stop := context.AfterFunc(ctx, c.close)
	failed := c.send(l)
	if stop() && (failed == nil || failed.clean) {
		s.keep(c)
	} else {
		c.close()
	}
	return failed
}

// take returns a connection that waits to be used again, nil if there is none.
func (s *Sender) take() *conn {
	now := s.now()
	s.mu.Lock()
	var c *conn
	if n := len(s.idle); n > 0 {
		c, s.idle = s.idle[n-1], s.idle[:n-1]
	}
	var old []*conn
	if c != nil && now.Sub(c.used) > maxIdleFor { // those before it are older
		old, c, s.idle = append(s.idle, c), nil, nil
	}
	s.mu.Unlock()
	for _, o := range old {
		o.close()
	}
	return c
}

// keep has a connection wait to be used again.
func (s *Sender) keep(c *conn) {
	c.used = s.now()
	s.mu.Lock()
	fits := !s.closed && len(s.idle) < maxIdle && c.mails < maxMails
	if fits {
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if !fits {
		c.quit()
	}
}

// Close closes the connections that wait to be used again. Call it when the worker has
// drained: a Send that runs goes on, and closes its own at its end.
func (s *Sender) Close() {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		c.quit()
	}
}
