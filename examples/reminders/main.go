// Command reminders tells contacts of what is about to happen: a banner on each visit in
// the last three days of a trial, until it is paid, and an SMS one hour before an
// appointment, unless the booking is cancelled.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

func program() beckon.Program {
	return beckon.Program{
		Timezone: "Europe/Dublin",
		Messages: []beckon.Message{
			{
				ID: "trial-ends", Channel: beckon.Banner, Status: beckon.Live,
				Audience: beckon.All(
					beckon.User("trial_ends_at").LessThanAhead(beckon.Days(3)),
					beckon.User("plan").IsNot("pro"),
				),
				// An ongoing message goes once; with a frequency it goes again to all who
				// match then. No distance at all is on each visit.
				Frequency: beckon.Every(beckon.Seconds(0)),
				Content:   beckon.Content{Body: "Your trial ends on {{ trial_ends_at }}"},
			},
			{
				ID: "appointment", Channel: beckon.SMS, Status: beckon.Live,
				// The date is the event's own, so each booking waits for itself. A
				// cancellation is looked for up to that instant.
				Trigger: beckon.On("booked").
					ForDate("starts_date", beckon.Hours(-1)).
					Unless("cancelled", beckon.Duration{}, "booking_id"),
				Content: beckon.Content{Body: "In an hour: {{ event.what }}"},
			},
		},
	}
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A step happens at an instant.
type step struct {
	at string
	do string // visit, pay, book, cancel or due
	// of a booking
	id, what, starts string
}

func run(ctx context.Context, w io.Writer) error {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		return err
	}
	if err := engine.Publish(ctx, program()); err != nil {
		return err
	}
	if _, err := engine.Update(ctx, beckon.Contact{UserID: "ada", Attributes: beckon.Attributes{"trial_ends_at": beckon.String("2026-03-06")}}); err != nil {
		return err
	}
	for _, s := range []step{
		{at: "2026-03-02T10:00:00Z", do: "visit"}, // four days before
		{at: "2026-03-03T10:00:00Z", do: "visit"},
		{at: "2026-03-03T11:00:00Z", do: "book", id: "b1", what: "Haircut", starts: "2026-03-03T16:00:00Z"},
		{at: "2026-03-03T11:05:00Z", do: "book", id: "b2", what: "Dentist", starts: "2026-03-03T17:00:00Z"},
		{at: "2026-03-03T12:00:00Z", do: "cancel", id: "b1"},
		{at: "2026-03-03T15:00:00Z", do: "due"}, // the haircut's hour
		{at: "2026-03-03T16:00:00Z", do: "due"}, // the dentist's
		{at: "2026-03-04T10:00:00Z", do: "visit"},
		{at: "2026-03-04T11:00:00Z", do: "pay"},
		{at: "2026-03-05T10:00:00Z", do: "visit"},
	} {
		if now, err = time.Parse(time.RFC3339, s.at); err != nil {
			return err
		}
		sent, held, err := s.take(ctx, engine)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s  %s %s\n", now.Format("Jan 2 15:04"), s.do, s.id)
		for _, d := range sent {
			fmt.Fprintf(w, "             send %s by %s: %s\n", d.Message, d.Channel, d.Body)
		}
		for _, h := range held {
			until := ""
			if !h.RetryAt.IsZero() {
				until = " until " + h.RetryAt.Format("15:04")
			}
			fmt.Fprintf(w, "             hold %s: %s%s\n", h.Message, h.Reason, until)
		}
	}
	return nil
}

func (s step) take(ctx context.Context, engine *beckon.Engine) (sent []beckon.Delivery, held []beckon.Held, err error) {
	var res beckon.Result
	switch s.do {
	case "visit":
		res, err = engine.Visit(ctx, beckon.Visit{UserID: "ada"})
	case "pay":
		res, err = engine.Update(ctx, beckon.Contact{UserID: "ada", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
	case "book":
		starts, bad := time.Parse(time.RFC3339, s.starts)
		if bad != nil {
			return nil, nil, bad
		}
		res, err = engine.Track(ctx, beckon.Event{Name: "booked", UserID: "ada", Metadata: beckon.Fields{
			beckon.F("booking_id", s.id), beckon.F("what", s.what), beckon.F("starts_date", starts),
		}})
	case "cancel":
		res, err = engine.Track(ctx, beckon.Event{Name: "cancelled", UserID: "ada", Metadata: beckon.Fields{beckon.F("booking_id", s.id)}})
	default:
		for d, bad := range engine.Due(ctx) {
			if bad != nil {
				return nil, nil, bad
			}
			sent = append(sent, d)
		}
		return sent, nil, nil
	}
	return res.Deliveries, res.Held(), err
}
