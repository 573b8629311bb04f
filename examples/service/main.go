// Command service is beckon as a team would run it: a process with SQLite, a worker that
// sends mail by SMTP, a program in files that reload, links to unsubscribe, metrics, and a
// clean end. The mail goes to an SMTP server in the same process that keeps it.
//
// The program stops its service in the middle of the work and starts it again, as a deploy
// does: nothing is lost.
package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	netmail "net/mail"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/examples/internal/mailbox"
)

//go:embed programs
var programs embed.FS

func main() {
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer end()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) (err error) {
	ctx, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	dir, err := os.MkdirTemp("", "service")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the system empties its folder
	box, err := mailbox.Open()
	if err != nil {
		return err
	}
	defer box.Close() //nolint:errcheck // nothing is left to be said to it
	if err := os.CopyFS(dir, programs); err != nil {
		return err
	}
	var ahead atomic.Int64 // the clock of the example, ahead of the real one
	reported := make(chan error, 100)
	c := config{
		database: filepath.Join(dir, "beckon.db"), programs: filepath.Join(dir, "programs"), smtpPort: box.Port(),
		key:    bytes.Repeat([]byte("k"), 32), // a secret of the service
		clock:  func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		logger: slog.New(slog.DiscardHandler), // os.Stderr, as JSON, in production
		report: func(err error) { reported <- err },
	}

	fmt.Fprintln(w, "The service starts.")
	s, err := start(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, s.stop()) }()
	for _, name := range []string{"Ada", "Bob", "Cyd"} {
		id := strings.ToLower(name)
		if _, err := s.engine.Update(ctx, beckon.Contact{UserID: id, Email: id + "@example.org", Name: name, Attributes: beckon.Attributes{"role": beckon.String("user")}}); err != nil {
			return err
		}
	}
	if err := post(ctx, w, s, "ada"); err != nil {
		return err
	}
	first, err := next(ctx, box.Mails)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  %s\n", shown(first))

	fmt.Fprintln(w, "The mail server takes nothing for a while.")
	box.Down.Store(true)
	for _, id := range []string{"bob", "cyd"} {
		if err := post(ctx, w, s, id); err != nil {
			return err
		}
		who, err := next(ctx, box.Refused)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  refused: the mail to %s\n", who)
	}
	if err := s.stop(); err != nil {
		return err
	}
	fmt.Fprintln(w, "The service was stopped, in the middle of its work.")

	ahead.Store(int64(10 * time.Minute))
	box.Down.Store(false)
	again, err := start(ctx, c)
	if err != nil {
		return err
	}
	s = again
	fmt.Fprintln(w, "Ten minutes later it starts again. What was left is sent:")
	var lines []string
	for range 2 {
		m, err := next(ctx, box.Mails)
		if err != nil {
			return err
		}
		lines = append(lines, shown(m))
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
	if err := reload(ctx, w, s, c, box, reported); err != nil {
		return err
	}
	if err := leave(ctx, w, s, first, box); err != nil {
		return err
	}
	return measure(ctx, w, s)
}

// reload changes a file of the program while the service runs: with a slip at first.
func reload(ctx context.Context, w io.Writer, s *service, c config, box *mailbox.Mailbox, reported <-chan error) error {
	const name = "20-orders.json"
	text, err := programs.ReadFile("programs/" + name)
	if err != nil {
		return err
	}
	better := bytes.Replace(text, []byte("is on its way\""), []byte("has left us\""), 1)
	if err := replace(c.programs, name, bytes.Replace(better, []byte(`"audience"`), []byte(`"audiance"`), 1)); err != nil {
		return err
	}
	wrong, err := next(ctx, reported)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "A file of the program changes, with a slip. The one before runs on:\n  %v\n", wrong)
	if err := replace(c.programs, name, better); err != nil {
		return err
	}
	if wrong, err = next(ctx, reported); err != nil || wrong != nil {
		return firstOf(err, wrong)
	}
	fmt.Fprintln(w, "It is mended, and published.")
	if err := post(ctx, w, s, "ada"); err != nil {
		return err
	}
	m, err := next(ctx, box.Mails)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  %s\n", shown(m))
	return nil
}

// leave unsubscribes by the link of a mail, as a mail program does by one click. The link is
// of the process before: the key is the same.
func leave(ctx context.Context, w io.Writer, s *service, m *netmail.Message, box *mailbox.Mailbox) error {
	link, err := url.Parse(strings.Trim(m.Header.Get("List-Unsubscribe"), "<>"))
	if err != nil {
		return err
	}
	if _, err := send(ctx, http.MethodPost, s.url+"/unsubscribe?"+link.RawQuery, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"); err != nil {
		return err
	}
	fmt.Fprintln(w, "Ada unsubscribes by the link of her first mail.")
	if err := post(ctx, w, s, "ada"); err != nil {
		return err
	}
	if n := len(box.Mails); n > 0 {
		return fmt.Errorf("%d mails were sent all the same", n)
	}
	return nil
}

// measure reads what the metrics of the second process say.
func measure(ctx context.Context, w io.Writer, s *service) error {
	text, err := send(ctx, http.MethodGet, s.url+"/metrics", "", "")
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "The metrics of the second process:")
	for _, line := range regexp.MustCompile(`(?m)^beckon_(sent|held)_total.*$`).FindAllString(text, -1) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	return nil
}

// post posts an event, and tells what was held.
func post(ctx context.Context, w io.Writer, s *service, user string) error {
	body := fmt.Sprintf(`{"event_name": "shipped-order", "user_id": %q, "metadata": {"order": "TX-%s"}}`, user, user)
	text, err := send(ctx, http.MethodPost, s.url+"/events", "application/json", body)
	if err != nil {
		return err
	}
	var res beckon.Result
	if err := res.UnmarshalJSON([]byte(text)); err != nil {
		return err
	}
	for _, h := range res.Held() {
		fmt.Fprintf(w, "  held for %s: %s, %s\n", user, h.Message, h.Reason)
	}
	return nil
}

func send(ctx context.Context, method, to, kind, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %s", method, to, res.Status, text)
	}
	return string(text), err
}

// shown is a mail in one line.
func shown(m *netmail.Message) string {
	kind, _, _ := strings.Cut(m.Header.Get("Content-Type"), ";")
	return fmt.Sprintf("mail to %s: %s (%s)", strings.Trim(m.Header.Get("To"), "<>"), m.Header.Get("Subject"), kind)
}

// next waits for what comes next.
func next[T any](ctx context.Context, from <-chan T) (v T, err error) {
	select {
	case v = <-from:
	case <-ctx.Done():
		err = ctx.Err()
	}
	return v, err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
