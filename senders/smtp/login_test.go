package smtp_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"strings"
	"testing"

	gosmtp "github.com/wneessen/go-mail/smtp"

	"github.com/beckon-go/beckon/senders/smtp"
)

func TestLogin(t *testing.T) {
	for _, c := range []struct {
		name, offers, password string
		options                []smtp.Option
		implicit               bool
		want                   string // in the error; "": it is sent
		login                  bool
	}{
		{"good", "AUTH LOGIN PLAIN", "secret", nil, false, "", false},
		{"over implicit TLS", "AUTH PLAIN", "secret", []smtp.Option{smtp.WithImplicitTLS()}, true, "", false},
		{"bad", "AUTH PLAIN", "secretx", nil, false, "5.7.8 bad credentials", true},
		{"no login there", "SIZE 1000", "secret", nil, false, "offers no login", true},
		{"no safe way without TLS", "AUTH PLAIN LOGIN", "secret", []smtp.Option{smtp.WithoutTLS()}, false, "offers no login that would be safe", true},
		{"no way that we know", "AUTH GSSAPI", "secret", nil, false, "offers no login that would be safe", true},
		{"no STARTTLS", "-STARTTLS", "secret", nil, false, "offers no STARTTLS", false},
		{"a certificate of nobody we know", "AUTH PLAIN", "secret", []smtp.Option{smtp.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12})}, false, "certificate", false},
		{"a way of the host", "AUTH PLAIN", "x", []smtp.Option{smtp.WithAuth(func(_ context.Context, server smtp.Server) (gosmtp.Auth, error) {
			if !server.TLS || server.Mechanisms != "PLAIN" {
				return nil, errors.New("not what was offered")
			}
			return gosmtp.PlainAuth("", "shop", "secret", server.Host, false), nil
		})}, false, "", false},
		{"a way of the host that fails", "AUTH PLAIN", "x", []smtp.Option{smtp.WithAuth(func(context.Context, smtp.Server) (gosmtp.Auth, error) { return nil, errors.New("no token") })}, false, "no token", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			s := serve(t, func(s *server) {
				s.user, s.implicit = "shop", c.implicit
				if c.offers == "-STARTTLS" {
					s.offers = []string{"AUTH PLAIN"}
				} else {
					s.offers = append(s.offers, c.offers)
				}
			})
			options := append([]smtp.Option{smtp.WithLogin("shop", c.password), smtp.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))}, c.options...)
			err := s.sender(options...).Send(t.Context(), delivery())
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.HasPrefix(err.Error(), "never")) {
				t.Fatalf("%v", err)
			}
			if errors.Is(err, smtp.ErrLogin) != c.login || strings.Contains(log.String(), "level=ERROR") != c.login {
				t.Errorf("%v, and the log is %q", err, log.String())
			}
			if err != nil && strings.Contains(err.Error()+log.String(), c.password) && c.password != "x" {
				t.Errorf("the password is told: %v %s", err, log.String())
			}
			if got := s.got(); err == nil && (len(got) != 1 || got[0].login != "shop" || !got[0].encrypted) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A server that wants a login, of a sender that has none.
func TestLoginIsWanted(t *testing.T) {
	for _, answer := range []string{"530 5.7.0 log in first", "535 5.7.8 no"} {
		for _, command := range []string{"MAIL", "RCPT"} {
			s := serve(t, func(s *server) {
				s.answer = func(c string, _ int) string { return map[string]string{command: answer}[c] }
			})
			var log bytes.Buffer
			err := s.sender(smtp.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))).Send(t.Context(), delivery())
			if !errors.Is(err, smtp.ErrLogin) || strings.HasPrefix(err.Error(), "never") || !strings.Contains(log.String(), "level=ERROR") {
				t.Errorf("%s %s: %v, %s", command, answer, err, log.String())
			}
		}
	}
	// That it cannot say just now is something else.
	s := serve(t, func(s *server) {
		s.user, s.offers = "shop", append(s.offers, "AUTH PLAIN")
		s.answer = func(c string, _ int) string { return map[string]string{"AUTH": "454 4.7.0 too many logins"}[c] }
	})
	if err := s.sender(smtp.WithLogin("shop", "secret")).Send(t.Context(), delivery()); err == nil || errors.Is(err, smtp.ErrLogin) || strings.HasPrefix(err.Error(), "limited") {
		t.Errorf("%v", err)
	}
}

// A password is not shown to those who listen.
func TestPasswordIsNotShown(t *testing.T) {
	for _, c := range []struct {
		mechanisms string
		tls        bool
		want       string
	}{
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", true, "SCRAM-SHA-256"},
		{"LOGIN PLAIN CRAM-MD5", true, "PLAIN"},
		{"login cram-md5", true, "LOGIN"},
		{"CRAM-MD5", true, "CRAM-MD5"},
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", false, "SCRAM-SHA-256"},
		{"PLAIN LOGIN CRAM-MD5", false, "CRAM-MD5"},
		{"PLAIN LOGIN", false, ""},
		{"PLAINER", true, ""},
		{"", true, ""},
	} {
		auth, err := smtp.PasswordAuth(smtp.Server{Host: "mail.example.com", Mechanisms: c.mechanisms, TLS: c.tls}, "shop", "secret")
		if (err == nil) != (c.want != "") {
			t.Errorf("%s: %v", c.mechanisms, err)
		}
		if err != nil {
			continue
		}
		got, _, err := auth.Start(&gosmtp.ServerInfo{Name: "mail.example.com", TLS: c.tls, Auth: strings.Fields(c.mechanisms)})
		if got != c.want || err != nil {
			t.Errorf("%s: %s, %v", c.mechanisms, got, err)
		}
	}
}
