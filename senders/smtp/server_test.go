package smtp_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/beckon-go/beckon/senders/smtp"
)

// A server is a small SMTP server of a test. What it answers can be set, command by command.
type server struct {
	t        *testing.T
	listener net.Listener
	cert     tls.Certificate
	roots    *x509.CertPool
	implicit bool     // TLS from the first byte
	offers   []string // after EHLO
	user     string   // who may log in, with password "secret"; "" nobody

	// answer returns the answer to a command, such as "RCPT", "" for the usual one, and "hang"
	// to say nothing, "cut" to close. "CONNECT" is the greeting, "." the end of a mail. With n
	// the commands of that name are counted, from 1.
	answer func(command string, n int) string

	mu       sync.Mutex
	counts   map[string]int
	commands []string
	mails    []received
	conns    map[net.Conn]bool
	wg       sync.WaitGroup
}

type received struct {
	from, data string
	to         []string
	login      string
	encrypted  bool
}

// serve starts a server, which ends with the test.
func serve(t *testing.T, change func(*server)) *server {
	t.Helper()
	https := httptest.NewTLSServer(nil) // for its certificate, which is good for 127.0.0.1
	defer https.Close()
	s := &server{t: t, cert: https.TLS.Certificates[0], roots: x509.NewCertPool(), offers: []string{"STARTTLS", "8BITMIME", "ENHANCEDSTATUSCODES"}, counts: map[string]int{}, conns: map[net.Conn]bool{}}
	s.roots.AddCert(https.Certificate())
	if change != nil {
		change(s)
	}
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.wg.Go(func() {
		for {
			c, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[c] = true
			s.mu.Unlock()
			s.wg.Go(func() {
				s.talk(c)
				_ = c.Close()
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
			})
		}
	})
	t.Cleanup(s.stop)
	return s
}

func (s *server) stop() {
	_ = s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// sender is a sender through the server.
func (s *server) sender(opts ...smtp.Option) *smtp.Sender {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	n, _ := strconv.Atoi(port)
	all := []smtp.Option{smtp.WithPort(n), smtp.WithTLSConfig(&tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}), smtp.WithClock(clock), smtp.WithHELO("client.example.com")}
	out, err := smtp.New("127.0.0.1", "Shop <shop@example.com>", append(all, opts...)...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(out.Close)
	return out
}

func (s *server) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *server) count(command string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[command]
}

// open is how many connections are open.
func (s *server) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *server) said(line string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.commands, line)
}

// next counts a command, and returns the answer to it.
func (s *server) next(command, usual string) string {
	s.mu.Lock()
	s.counts[command]++
	n := s.counts[command]
	s.mu.Unlock()
	if s.answer != nil {
		if a := s.answer(command, n); a != "" {
			return a
		}
	}
	return usual
}

func (s *server) talk(raw net.Conn) {
	var conn net.Conn = raw
	encrypted := s.implicit
	if encrypted {
		conn = tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{s.cert}})
	}
	in := bufio.NewReader(conn)
	reply := func(command, usual string) bool {
		a := s.next(command, usual)
		switch a {
		case "cut":
			return false
		case "hang":
			_, _ = io.Copy(io.Discard, in)
			return false
		}
		_, err := io.WriteString(conn, strings.ReplaceAll(a, "\n", "\r\n")+"\r\n")
		return err == nil && !strings.HasPrefix(a, "421")
	}
	if !reply("CONNECT", "220 mail.example.com") {
		return
	}
	mail := received{}
	login := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.commands = append(s.commands, line)
		s.mu.Unlock()
		command, rest, _ := strings.Cut(line, " ")
		usual := "250 2.0.0 ok"
		switch command {
		case "EHLO":
			list := append([]string{"mail.example.com"}, s.offers...)
			for i := range list {
				sep := "-"
				if i == len(list)-1 {
					sep = " "
				}
				list[i] = "250" + sep + list[i]
			}
			usual = strings.Join(list, "\n")
		case "STARTTLS":
			usual = "220 go on"
		case "AUTH":
			login = "?"
			mechanism, first, _ := strings.Cut(rest, " ")
			if mechanism == "PLAIN" {
				data, _ := base64.StdEncoding.DecodeString(first)
				if parts := strings.Split(string(data), "\x00"); len(parts) == 3 && parts[1] == s.user && parts[2] == "secret" {
					login = parts[1]
				}
			}
			usual = "235 2.7.0 ok"
			if login == "?" {
				login, usual = "", "535 5.7.8 bad credentials"
			}
		case "MAIL":
			mail = received{from: strings.TrimPrefix(rest, "FROM:"), login: login, encrypted: encrypted}
		case "RCPT":
			mail.to = append(mail.to, strings.TrimPrefix(rest, "TO:"))
		case "DATA":
			usual = "354 go on"
		case "QUIT":
			usual = "221 bye"
		case "RSET", "NOOP", "HELO", "*":
		default:
			usual = "500 what?"
		}
		if !reply(command, usual) || command == "QUIT" {
			return
		}
		switch {
		case command == "STARTTLS":
			t := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{s.cert}})
			conn, in, encrypted = t, bufio.NewReader(t), true
		case command == "DATA" && s.lastWas354():
			data, err := io.ReadAll(textproto.NewReader(in).DotReader())
			if err != nil {
				return
			}
			mail.data = string(data)
			answer := s.next(".", "250 2.0.0 queued")
			if strings.HasPrefix(answer, "250") || answer == "lost" {
				s.mu.Lock()
				s.mails = append(s.mails, mail)
				s.mu.Unlock()
			}
			if answer == "hang" {
				_, _ = io.Copy(io.Discard, in)
				return
			}
			if answer == "lost" || answer == "cut" {
				return
			}
			if _, err := fmt.Fprintf(conn, "%s\r\n", strings.ReplaceAll(answer, "\n", "\r\n")); err != nil {
				return
			}
		}
	}
}

// lastWas354 reports whether the last DATA was accepted.
func (s *server) lastWas354() bool {
	if s.answer == nil {
		return true
	}
	s.mu.Lock()
	n := s.counts["DATA"]
	s.mu.Unlock()
	a := s.answer("DATA", n)
	return a == "" || strings.HasPrefix(a, "354")
}
