package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// quitFor is how long a server may take to say goodbye.
const quitFor = time.Second

// A conn is a connection to the server, logged in. One goroutine uses it at a time; any may
// close it.
type conn struct {
	raw    net.Conn // below TLS: to close it ends whatever waits for it
	client *smtp.Client
	mails  int
	used   time.Time
}

func (c *conn) close() { _ = c.raw.Close() } // there is nobody to tell

// quit says goodbye, and closes.
func (c *conn) quit() {
	if err := c.client.UpdateDeadline(quitFor); err == nil {
		_ = c.client.Quit() // it is closed in any case
	}
	c.close()
}

// dial makes a connection and logs in.
func (s *Sender) dial(ctx context.Context) (*conn, *failure) {
	raw, err := s.dialer(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return nil, &failure{at: atConnect, err: err}
	}
	c := &conn{raw: raw}
	stop := context.AfterFunc(ctx, c.close)
	failed := s.greet(ctx, c)
	if !stop() && failed == nil {
		failed = &failure{at: atConnect, err: context.Cause(ctx)}
	}
	if failed != nil {
		c.close()
		return nil, failed
	}
	return c, nil
}

// greet speaks with the server up to the first mail.
func (s *Sender) greet(ctx context.Context, c *conn) (failed *failure) {
	conn := c.raw
	if s.security == implicitTLS {
		t := tls.Client(c.raw, s.tls)
		if err := t.HandshakeContext(ctx); err != nil {
			return &failure{at: atConnect, err: err}
		}
		conn = t
	}
	var err error
	if c.client, err = smtp.NewClient(conn, s.host); err != nil {
		return &failure{at: atConnect, err: err}
	}
	if err := c.client.Hello(s.helo); err != nil {
		return &failure{at: atConnect, err: err}
	}
	if s.security == startTLS {
		if offered, _ := c.client.Extension("STARTTLS"); !offered {
			return &failure{at: atConnect, err: errors.New("the server offers no STARTTLS, see WithImplicitTLS and WithoutTLS")}
		}
		if err := c.client.StartTLS(s.tls); err != nil {
			return &failure{at: atConnect, err: err}
		}
	}
	if s.auth == nil {
		return nil
	}
	offered, mechanisms := c.client.Extension("AUTH")
	if !offered {
		return &failure{at: atLogin, err: errors.New("the server offers no login"), login: true}
	}
	auth, err := s.auth(ctx, Server{Host: s.host, Mechanisms: mechanisms, TLS: s.security != noTLS})
	if err == nil {
		err = c.client.Auth(auth)
	}
	if err != nil {
		return &failure{at: atLogin, err: err, login: errors.Is(err, errNoMechanism) || code(err)/100 == 5}
	}
	return nil
}

// send sends one letter.
func (c *conn) send(l *letter) *failure {
	if l.utf8 {
		if offered, _ := c.client.Extension("SMTPUTF8"); !offered {
			return &failure{at: atRecipient, err: errUTF8, clean: true}
		}
	}
	c.client.SkipSMTPUTF8(!l.utf8) // servers behind this one may not know it
	if err := c.client.Mail(l.from); err != nil {
		return c.refused(atMail, err)
	}
	for _, to := range l.to {
		if err := c.client.Rcpt(to); err != nil {
			return c.refused(atRecipient, err)
		}
	}
	w, err := c.client.Data()
	if err != nil {
		return c.refused(atData, err)
	}
	if _, err := w.Write(l.data); err != nil { // not closed: that would send half of it
		return &failure{at: atData, err: err}
	}
	if err := w.Close(); err != nil {
		return c.refused(atEnd, err)
	}
	c.mails++
	return nil
}

// refused tells of an answer of the server. The connection is clean again if the server
// goes on with it.
func (c *conn) refused(at stage, err error) *failure {
	f := &failure{at: at, err: err}
	if n := code(err); n >= 400 && n < 600 && n != 421 {
		f.clean = c.client.Reset() == nil
	}
	return f
}

// A Server is what [WithAuth] is told of a server.
type Server struct {
	Host       string
	Mechanisms string // as the server offers them, apart by spaces
	TLS        bool   // the connection is encrypted
}

// passwordAuth chooses how to log in with a password.
func passwordAuth(server Server, name, password string) (smtp.Auth, error) {
	switch {
	case server.offers("SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(name, password), nil
	case server.TLS && server.offers("PLAIN"):
		return smtp.PlainAuth("", name, password, server.Host, false), nil
	case server.TLS && server.offers("LOGIN"):
		return smtp.LoginAuth(name, password, server.Host, false), nil
	case server.offers("CRAM-MD5"):
		return smtp.CRAMMD5Auth(name, password), nil
	}
	return nil, fmt.Errorf("%w, it offers %q", errNoMechanism, server.Mechanisms)
}
