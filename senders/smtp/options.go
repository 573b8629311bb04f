package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	netmail "net/mail"
	"os"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/unsubscribe"
)

// DefaultTimeout is how long one Send may take, the connection included.
const DefaultTimeout = time.Minute

// The limits of connections that wait to be used again.
const (
	maxIdle    = beckonwork.DefaultAtOnce
	maxIdleFor = 30 * time.Second // since it was used
	maxMails   = 100              // by one connection
)

// An Option of [New].
type Option func(*Sender)

// WithPort sets the port. The default is 587, and 465 with [WithImplicitTLS].
func WithPort(port int) Option { return func(s *Sender) { s.port = port } }

// WithLogin logs in with a name and a password, by the first that the server offers of
// SCRAM-SHA-256, PLAIN, LOGIN and CRAM-MD5. Without TLS only SCRAM-SHA-256 and CRAM-MD5 are
// used, which do not show the password.
func WithLogin(name, password string) Option {
	return func(s *Sender) {
		s.auth = func(_ context.Context, server Server) (smtp.Auth, error) {
			return passwordAuth(server, name, password)
		}
	}
}

// WithAuth logs in by another way, such as XOAUTH2 with a token that changes. The function is
// called for each connection, by several goroutines at once. An error of it is one of
// [Sender.Send], and counts as a try.
func WithAuth(auth func(context.Context, Server) (smtp.Auth, error)) Option {
	return func(s *Sender) { s.auth = auth }
}

// WithImplicitTLS speaks TLS from the first byte. The default is STARTTLS, without which
// nothing is sent.
func WithImplicitTLS() Option { return func(s *Sender) { s.security = implicitTLS } }

// WithoutTLS encrypts nothing: for a server on the same machine.
func WithoutTLS() Option { return func(s *Sender) { s.security = noTLS } }

// WithTLSConfig sets how TLS is spoken. It is cloned; without a ServerName it gets that of the
// host. Nil and the default are TLS 1.2 or later with the certificates of the system.
func WithTLSConfig(config *tls.Config) Option {
	return func(s *Sender) {
		if config != nil {
			s.tls = config.Clone()
		}
	}
}

// WithHELO sets the name by which the sender greets. The default is the name of the machine.
func WithHELO(name string) Option { return func(s *Sender) { s.helo = name } }

// WithTimeout sets how long one Send may take. Zero and the default are [DefaultTimeout]; a
// negative one is an error of [New].
func WithTimeout(d time.Duration) Option {
	return func(s *Sender) {
		if d != 0 {
			s.timeout = d
		}
	}
}

// WithClock sets the clock that says until when to wait. Nil and the default are [time.Now].
func WithClock(now func() time.Time) Option {
	return func(s *Sender) {
		if now != nil {
			s.now = now
		}
	}
}

// WithLogger sets who is told, as an error, that the server refuses the login. Nil and the
// default are [slog.Default].
func WithLogger(l *slog.Logger) Option { return func(s *Sender) { s.logger = l } }

// WithDialer sets how connections are made, for example through a proxy. Nil and the default
// are a [net.Dialer]. TLS is spoken over what it returns.
func WithDialer(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(s *Sender) {
		if dial != nil {
			s.dialer = dial
		}
	}
}

// Parts are what a mail says. Of two that are not empty, programs show HTML and fall back to
// Text.
type Parts struct {
	Text string
	HTML string
}

// PartsOf returns what a delivery says: a body in HTML with its text beside it, if there is
// one, or a body in text.
func PartsOf(d beckon.Delivery) Parts {
	if d.Format == beckon.FormatHTML {
		return Parts{Text: d.Text, HTML: d.Body}
	}
	return Parts{Text: d.Body}
}

// WithParts sets what a mail says, made of its delivery and of its link to unsubscribe, which
// is empty without [WithUnsubscribe], and where its From says so. The default is [PartsOf]
// the delivery. To add the link:
//
//	smtp.WithParts(func(d beckon.Delivery, link string) smtp.Parts {
//		parts := smtp.PartsOf(d)
//		if link != "" && parts.Text != "" {
//			parts.Text += "\n\nUnsubscribe: " + link
//		}
//		return parts
//	})
//
// Never make HTML of a body that is text: what events say is not escaped there. The function
// is called by several goroutines at once.
func WithParts(parts func(d beckon.Delivery, link string) Parts) Option {
	return func(s *Sender) {
		if parts != nil {
			s.parts = parts
		}
	}
}

// WithMessage changes a mail before it is sent: an attachment, Reply-To, the address for
// bounces (EnvelopeFrom), a DKIM signature. An error of it counts as a try. The function is
// called by several goroutines at once.
func WithMessage(change func(ctx context.Context, d beckon.Delivery, m *mail.Msg) error) Option {
	return func(s *Sender) { s.change = change }
}

// Unsubscribe says how a mail lets its contact unsubscribe. Link and headers are those of
// package [unsubscribe], whose handler the page is.
type Unsubscribe struct {
	Signer *unsubscribe.Signer
	Page   string // such as https://example.com/unsubscribe
	// From is what a contact refuses by the mail of a delivery, such as "email:news". Empty
	// means that the mail has no link, as it should be with a receipt. Nil means "email".
	From func(beckon.Delivery) string
	// TTL is how long a link works, since the delivery was decided. Zero means for good.
	TTL time.Duration
}

// WithUnsubscribe adds the headers by which a mail program unsubscribes with one click
// (RFC 8058), and the link for [WithParts].
func WithUnsubscribe(u Unsubscribe) Option { return func(s *Sender) { s.unsubscribe = &u } }

// New returns a sender through the server on a host, with an address as From, such as
// "Shop <shop@example.com>". The error says what is wrong. No connection is made yet.
func New(host, from string, opts ...Option) (*Sender, error) {
	address, err := netmail.ParseAddress(from)
	if err != nil || !plainAddress(address.Address) {
		return nil, fmt.Errorf("smtp: From must be an address such as Shop <shop@example.com>, got %q", from)
	}
	s := &Sender{
		host: host, from: *address, timeout: DefaultTimeout,
		now:    time.Now, //nolint:forbidigo // what WithClock stands in for
		dialer: (&net.Dialer{}).DialContext,
		parts:  func(d beckon.Delivery, _ string) Parts { return PartsOf(d) },
		tls:    &tls.Config{MinVersion: tls.VersionTLS12},
	}
	for _, o := range opts {
		o(s)
	}
	if s.port == 0 {
		s.port = 587
		if s.security == implicitTLS {
			s.port = 465
		}
	}
	if s.tls.ServerName == "" {
		s.tls.ServerName = host
	}
	if s.helo == "" {
		if s.helo, err = os.Hostname(); err != nil {
			s.helo = "localhost"
		}
	}
	switch {
	case host == "" || strings.ContainsAny(host, " /:@\r\n") && net.ParseIP(host) == nil:
		return nil, fmt.Errorf("smtp: expected the name of a host, without a port (WithPort), got %q", host)
	case s.port < 1 || s.port > 65535:
		return nil, fmt.Errorf("smtp: %d is no port", s.port)
	case s.timeout < 0:
		return nil, fmt.Errorf("smtp: a timeout of %s is over before it begins", s.timeout)
	case strings.ContainsFunc(s.helo, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, fmt.Errorf("smtp: %q is no name to greet by", s.helo)
	}
	if u := s.unsubscribe; u != nil {
		if u.TTL < 0 {
			return nil, errors.New("smtp: a link to unsubscribe works for no time")
		}
		if _, err := u.Signer.Headers(u.Page, unsubscribe.Subject{Contact: beckon.Identity{UserID: "u"}, From: "email"}); err != nil {
			return nil, fmt.Errorf("smtp: %w", err)
		}
	}
	return s, nil
}
