package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/senders/smtp"
	"github.com/beckon-go/beckon/unsubscribe"
)

// send sends n mails one after the other.
func send(t *testing.T, s *smtp.Sender, n int) {
	t.Helper()
	for range n {
		if err := s.Send(t.Context(), delivery()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	s := serve(t, nil)
	at := now
	sender := s.sender(smtp.WithClock(func() time.Time { return at }))
	send(t, sender, 3)
	if n := s.count("CONNECT"); n != 1 {
		t.Errorf("%d connections for three mails", n)
	}
	at = at.Add(30 * time.Second)
	send(t, sender, 1)
	if n := s.count("CONNECT"); n != 1 {
		t.Errorf("%d connections after half a minute", n)
	}
	at = at.Add(30*time.Second + 1)
	send(t, sender, 1)
	if n := s.count("CONNECT"); n != 2 {
		t.Errorf("%d connections after more than half a minute", n)
	}
	send(t, sender, 99)
	if n := s.count("CONNECT"); n != 2 {
		t.Errorf("%d connections for a hundred mails", n)
	}
	send(t, sender, 1)
	if n := s.count("CONNECT"); n != 3 {
		t.Errorf("%d connections for a hundred and one", n)
	}
	if n := len(s.got()); n != 105 {
		t.Errorf("%d mails", n)
	}
}

// A recipient that is refused is no reason to connect again; the next mail is not its.
func TestConnectionIsUsedAfterARefusal(t *testing.T) {
	s := serve(t, func(s *server) {
		s.answer = func(command string, n int) string {
			if command == "RCPT" && n == 2 {
				return "550 5.1.1 no such user"
			}
			return ""
		}
	})
	sender := s.sender()
	send(t, sender, 1)
	if err := sender.Send(t.Context(), delivery()); err == nil {
		t.Fatal("it is taken")
	}
	send(t, sender, 1)
	if s.count("CONNECT") != 1 || s.count("RSET") != 1 || len(s.got()) != 2 || len(s.got()[1].to) != 1 {
		t.Errorf("%d connections, %d resets, mails %+v", s.count("CONNECT"), s.count("RSET"), s.got())
	}
}

// What a server does not forget would be sent with the next mail.
func TestConnectionIsClosedIfItCannotBeReset(t *testing.T) {
	for _, answer := range []string{"cut", "500 what?"} {
		s := serve(t, func(s *server) {
			s.answer = func(command string, n int) string {
				return map[string]string{"RCPT": map[int]string{1: "550 5.1.1 no such user"}[n], "RSET": answer}[command]
			}
		})
		sender := s.sender()
		if err := sender.Send(t.Context(), delivery()); err == nil {
			t.Fatal("it is taken")
		}
		send(t, sender, 1)
		if s.count("CONNECT") != 2 || s.count("MAIL") != 2 {
			t.Errorf("%s: %d connections, %d mails begun", answer, s.count("CONNECT"), s.count("MAIL"))
		}
	}
}

// A server closes what waits too long, or had enough mails: a new connection is made at once.
func TestConnectionThatTheServerEnded(t *testing.T) {
	for _, answer := range []string{"cut", "421 4.4.2 you were silent for too long", "452 4.5.3 too many mails in one connection"} {
		s := serve(t, func(s *server) {
			s.answer = func(command string, n int) string {
				if command == "MAIL" && n == 2 {
					return answer
				}
				return ""
			}
		})
		sender := s.sender()
		send(t, sender, 3)
		if s.count("CONNECT") != 2 || len(s.got()) != 3 {
			t.Errorf("%s: %d connections, %d mails", answer, s.count("CONNECT"), len(s.got()))
		}
	}
}

// After the mail was written down nobody knows whether it was taken, so it is not sent again
// by the same Send.
func TestAnswerIsLost(t *testing.T) {
	s := serve(t, func(s *server) {
		s.answer = func(command string, n int) string {
			if command == "." && n == 2 {
				return "lost"
			}
			return ""
		}
	})
	sender := s.sender()
	send(t, sender, 1)
	if err := sender.Send(t.Context(), delivery()); err == nil || strings.HasPrefix(err.Error(), "never") {
		t.Errorf("%v", err)
	}
	if got := s.got(); len(got) != 2 {
		t.Errorf("%d mails", len(got))
	}
}

// A context that ends closes the connection at once, wherever it is.
func TestContextEnds(t *testing.T) {
	for _, command := range []string{"CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "."} {
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, func(s *server) {
			s.user, s.offers = "shop", append(s.offers, "AUTH PLAIN")
			s.answer = func(c string, _ int) string {
				if c == command {
					cancel()
					return "hang"
				}
				return ""
			}
		})
		if err := s.sender(smtp.WithLogin("shop", "secret")).Send(ctx, delivery()); !errors.Is(err, context.Canceled) || errors.Is(err, smtp.ErrLogin) {
			t.Errorf("at %s: %v", command, err)
		}
		s.stop() // waits until it has seen that the connection is closed
	}
}

func TestTimeout(t *testing.T) {
	s := serve(t, func(s *server) {
		s.answer = func(c string, _ int) string { return map[string]string{"RCPT": "hang"}[c] }
	})
	if err := s.sender(smtp.WithTimeout(50*time.Millisecond)).Send(t.Context(), delivery()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestClose(t *testing.T) {
	s := serve(t, nil)
	sender := s.sender()
	send(t, sender, 1)
	if s.open() != 1 {
		t.Errorf("%d connections wait", s.open())
	}
	if sender.Close(); s.count("QUIT") != 1 {
		t.Errorf("%d goodbyes", s.count("QUIT"))
	}
	send(t, sender, 1) // one that was late
	if sender.Close(); s.count("QUIT") != 2 || s.count("CONNECT") != 2 {
		t.Errorf("%d goodbyes, %d connections", s.count("QUIT"), s.count("CONNECT"))
	}
}

func TestWithoutTLS(t *testing.T) {
	s := serve(t, nil)
	send(t, s.sender(smtp.WithoutTLS()), 1)
	if got := s.got(); got[0].encrypted || s.count("STARTTLS") > 0 {
		t.Errorf("%+v", got)
	}
}

func TestDialer(t *testing.T) {
	s := serve(t, nil)
	var asked string
	var dialer net.Dialer
	sender := s.sender(smtp.WithDialer(func(ctx context.Context, network, address string) (net.Conn, error) {
		asked = network + " " + address
		return dialer.DialContext(ctx, network, address)
	}))
	send(t, sender, 1)
	if asked != "tcp "+s.listener.Addr().String() {
		t.Errorf("asked for %s", asked)
	}
}

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		host, from string
		option     smtp.Option
	}{
		"no host":             {"", "shop@example.com", nil},
		"a host with a port":  {"example.com:25", "shop@example.com", nil},
		"two lines":           {"example.com\r\nx", "shop@example.com", nil},
		"no address":          {"example.com", "Shop", nil},
		"two addresses":       {"example.com", "a@example.com, b@example.com", nil},
		"a line more":         {"example.com", "Shop\r\nBcc: x <shop@example.com>", nil},
		"quotes":              {"example.com", `"a b"@example.com`, nil},
		"no port":             {"example.com", "shop@example.com", smtp.WithPort(65536)},
		"a negative timeout":  {"example.com", "shop@example.com", smtp.WithTimeout(-1)},
		"a name of two lines": {"example.com", "shop@example.com", smtp.WithHELO("a\r\nb")},
		"no signer":           {"example.com", "shop@example.com", smtp.WithUnsubscribe(smtp.Unsubscribe{Page: "https://example.com"})},
		"no page":             {"example.com", "shop@example.com", smtp.WithUnsubscribe(smtp.Unsubscribe{Signer: signer(t)})},
		"links for no time":   {"example.com", "shop@example.com", smtp.WithUnsubscribe(smtp.Unsubscribe{Signer: signer(t), Page: "https://example.com", TTL: -1})},
	} {
		options := []smtp.Option{}
		if c.option != nil {
			options = append(options, c.option)
		}
		if _, err := smtp.New(c.host, c.from, options...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, host := range []string{"example.com", "127.0.0.1", "::1", "localhost"} {
		s, err := smtp.New(host, "shop@example.com", smtp.WithTimeout(0), smtp.WithClock(nil), smtp.WithDialer(nil), smtp.WithParts(nil), smtp.WithLogger(nil), smtp.WithTLSConfig(nil), smtp.WithMessage(nil))
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		s.Close()
	}
}

func signer(t *testing.T) *unsubscribe.Signer {
	t.Helper()
	s, err := unsubscribe.NewSigner(bytes.Repeat([]byte{'k'}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
