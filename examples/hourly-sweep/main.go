// Command hourly-sweep sends one email to the contacts that match, out of 600. Its
// worker dies in the middle, and the sweep goes on where it stopped: nobody is left
// out, and nobody gets the email twice.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

const contacts = 600

// program has an ongoing email: once to everyone who matches now, or later.
func program() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "trial-tips", Channel: beckon.Email, Mode: beckon.Ongoing, Status: beckon.Live,
		Audience: beckon.All(
			beckon.User("plan").Is("trial"),
			beckon.User("signed_up_at").MoreThanAgo(beckon.Days(3)),
		),
		Content: beckon.Content{Subject: "Three things to try", Body: `Hi {{ user.name }}, did you know …`},
	}}}
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) error {
	now := time.Date(2026, time.March, 9, 10, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		return err
	}
	if err := engine.Publish(ctx, program()); err != nil {
		return err
	}
	// Of every five contacts four are on trial, and of those three signed up
	// long enough ago: 360 match.
	for i := range contacts {
		plan, signedUp := "trial", now.AddDate(0, 0, -7)
		switch i % 5 {
		case 0:
			plan = "pro"
		case 1:
			signedUp = now.AddDate(0, 0, -1)
		}
		_, err := engine.Update(ctx, beckon.Contact{
			UserID: fmt.Sprintf("u%03d", i),
			Name:   fmt.Sprintf("Customer %d", i),
			Attributes: beckon.Attributes{
				"plan": beckon.String(plan), "signed_up_at": beckon.Date(signedUp),
			},
		})
		if err != nil {
			return err
		}
	}

	// A dry run first: how many will it be? Counting takes no cap and writes
	// nothing.
	n, err := engine.Count(ctx, program().Messages[0].Audience)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "of %d contacts %d match\n\n", contacts, n)

	got := map[string]int{}
	s := &sweep{out: w, got: got, limit: 200}
	if err := s.run(ctx, engine); !errors.Is(err, errStopped) {
		return fmt.Errorf("the worker was to stop, got %w", err)
	}
	fmt.Fprintf(w, "the worker stops after %d mails; it had saved a cursor after %d contacts\n\n", s.sent, s.saved.Done)

	// The next worker resumes at the saved cursor. The page in which the first
	// one stopped is looked at again: those who got the mail are not sent it
	// twice, for the record of each says so, not the cursor.
	now = now.Add(10 * time.Minute)
	rest := &sweep{out: w, got: got, before: s.saved.Done}
	if err := rest.run(ctx, engine, beckon.ResumeAt(s.saved.Cursor)); err != nil {
		return err
	}
	twice := 0
	for _, times := range got {
		if times > 1 {
			twice++
		}
	}
	fmt.Fprintf(w, "%d and %d are %d mails to %d people, %d of them twice\n\n", s.sent, rest.sent, s.sent+rest.sent, len(got), twice)

	// An hour later there is nothing left to do.
	now = now.Add(time.Hour)
	again := &sweep{out: w, got: got}
	if err := again.run(ctx, engine); err != nil {
		return err
	}
	fmt.Fprintf(w, "the next sweep sends %d\n\n", again.sent)
	return check(ctx, w, engine, &now)
}

// A sweep is one worker's pass over all contacts.
type sweep struct {
	out    io.Writer
	got    map[string]int
	before int64 // contacts that an earlier worker has looked at: Done counts those of one run
	limit  int   // mails after which the worker stops; 0: none
	sent   int
	saved  beckon.Progress // the last page that is done: what a worker keeps in its database
}

var errStopped = errors.New("the worker was told to stop")

func (s *sweep) run(ctx context.Context, engine *beckon.Engine, opts ...beckon.RunOption) error {
	opts = append(opts, beckon.OnProgress(func(p beckon.Progress) {
		s.saved = p
		done := s.before + p.Done
		bar := strings.Repeat("#", int(done*30/contacts))
		fmt.Fprintf(s.out, "  [%-30s] %3d looked at, %3d sent by this worker\n", bar, done, s.sent)
	}))
	for d, err := range engine.Sweep(ctx, opts...) {
		if err != nil {
			return err
		}
		s.got[d.Contact.UserID]++ // here a mail server would take it
		s.sent++
		if s.sent == s.limit {
			return errStopped
		}
	}
	return nil
}

// check asks for one contact now, as after an upgrade of his: no need to wait
// for the next full hour.
func check(ctx context.Context, w io.Writer, engine *beckon.Engine, now *time.Time) error {
	who := beckon.Identity{UserID: "u000"}
	for _, plan := range []string{"pro", "trial"} {
		contact := beckon.Contact{UserID: who.UserID, Attributes: beckon.Attributes{"plan": beckon.String(plan)}}
		if _, err := engine.Update(ctx, contact); err != nil {
			return err
		}
		for {
			res, err := engine.Check(ctx, who)
			var refused *beckon.Error
			if errors.Is(err, beckon.ErrCheckTooSoon) && errors.As(err, &refused) {
				// Once in 15 minutes; the error says when it would do.
				fmt.Fprintf(w, "check on %s: too soon, at %s\n", plan, refused.RetryAt.Format("15:04"))
				*now = refused.RetryAt
				continue
			}
			if err != nil {
				return err
			}
			for _, d := range res.Deliveries {
				fmt.Fprintf(w, "check on %s: send %s\n", plan, d.Message)
			}
			for _, h := range res.Held() {
				fmt.Fprintf(w, "check on %s: hold %s: %s\n", plan, h.Message, h.Reason)
			}
			break
		}
	}
	return nil
}
