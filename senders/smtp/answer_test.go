package smtp_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/senders/smtp"
)

// What a server answers, and what it means to a worker.
func TestAnswers(t *testing.T) {
	try := func(cause error) error { return cause }
	later := func(cause error) error { return beckonwork.Later(now.Add(5*time.Minute), cause) }
	limited := func(cause error) error { return beckonwork.Limited(now.Add(time.Minute), cause) }
	daily := func(cause error) error { return beckonwork.Limited(now.Add(time.Hour), cause) }
	for _, c := range []struct {
		command, answer string
		want            func(error) error
	}{
		{"CONNECT", "421 4.3.2 too many connections", limited},
		{"CONNECT", "421 4.7.0 try again later", limited},
		{"CONNECT", "421 we close", try},
		{"CONNECT", "554 no service here", try},
		{"CONNECT", "cut", try},
		{"EHLO", "cut", try},
		{"STARTTLS", "454 not now", try},
		{"STARTTLS", "cut", try},
		{"MAIL", "421 4.7.28 you send at a rate that is unusual", limited},
		{"MAIL", "450 4.7.1 rate limit", limited},
		{"MAIL", "451 4.3.0 local error", try},
		{"MAIL", "452 4.3.1 the disk is full", try},
		{"MAIL", "452 too many mails", limited},
		{"MAIL", "550 5.1.8 we know no such sender", try},
		{"MAIL", "553 5.7.1 not your address", try},
		{"MAIL", "550 5.4.5 daily sending quota exceeded", daily},
		{"MAIL", "cut", try},
		{"RCPT", "421 4.7.0 slow down", limited},
		{"RCPT", "421 4.4.2 we close", try},
		{"RCPT", "450 4.2.0 greylisted, come again in 300 seconds", later},
		{"RCPT", "450 4.2.1 the user receives mail at a rate that prevents more", later},
		{"RCPT", "451 4.7.1 try again later", later},
		{"RCPT", "451 Greylisting in action", later},
		{"RCPT", "451 4.4.3 no answer of the name server", try},
		{"RCPT", "452 4.2.2 the mailbox is full", try},
		{"RCPT", "452 4.5.3 too many recipients", later},
		{"RCPT", "455 4.7.1 a parameter", try},
		{"RCPT", "550 5.1.1 no such user", beckonwork.Never},
		{"RCPT", "550-5.1.1 no such user\n550 5.1.1 really", beckonwork.Never},
		{"RCPT", "551 5.7.1 not local", beckonwork.Never},
		{"RCPT", "552 5.2.2 over quota", beckonwork.Never},
		{"RCPT", "553 no such name", beckonwork.Never},
		{"RCPT", "554 5.7.1 we refuse", beckonwork.Never},
		{"RCPT", "cut", try},
		{"DATA", "451 4.3.0 local error", try},
		{"DATA", "451 4.7.1 throttled", later},
		{"DATA", "554 5.5.1 no valid recipients", beckonwork.Never},
		{"DATA", "cut", try},
		{".", "421 4.7.0 too fast", limited},
		{".", "451 4.3.0 local error", try},
		{".", "450 4.7.1 come again", later},
		{".", "550 5.4.5 daily sending quota exceeded", daily},
		{".", "552 5.3.4 too large", beckonwork.Never},
		{".", "554 5.7.1 spam", beckonwork.Never},
		{".", "cut", try},
	} {
		var log bytes.Buffer
		s := serve(t, func(s *server) {
			s.answer = func(command string, _ int) string {
				if command == c.command {
					return c.answer
				}
				return ""
			}
		})
		err := s.sender(smtp.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))).Send(t.Context(), delivery())
		if err == nil {
			t.Errorf("%s %q: no error", c.command, c.answer)
			continue
		}
		cause := err
		if strings.HasPrefix(fmt.Sprintf("%T", err), "*beckonwork.") {
			cause = errors.Unwrap(err)
		}
		if want := c.want(cause); !reflect.DeepEqual(err, want) {
			t.Errorf("%s %q: %v, expected %v", c.command, c.answer, err, want)
		}
		if errors.Is(err, smtp.ErrLogin) || log.Len() > 0 {
			t.Errorf("%s %q: it is about the login: %v, %s", c.command, c.answer, err, log.String())
		}
		if len(c.answer) > 5 && !strings.Contains(err.Error(), c.answer[4:10]) {
			t.Errorf("%s %q: the reason is not told: %v", c.command, c.answer, err)
		}
		if len(s.got()) > 0 {
			t.Errorf("%s %q: a mail was taken", c.command, c.answer)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	s := serve(t, nil)
	sender := s.sender()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			d := delivery()
			d.ID = fmt.Sprintf("%032d", i)
			if err := sender.Send(t.Context(), d); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, got := range s.got() {
		seen[parse(t, got.data).header.Get("Message-Id")] = true
	}
	if len(seen) != 40 {
		t.Errorf("%d mails", len(seen))
	}
}
