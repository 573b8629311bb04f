// Command quickstart is a video app's first hour with beckon: events arrive as
// a client posts them, and each answer says what to send now and what was held
// back, with the reason. The clock is set by hand, so the output is always the
// same.
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

// program is what the app wants to say, and when.
func program() beckon.Program {
	return beckon.Program{
		Timezone: "Europe/Dublin",
		Messages: []beckon.Message{
			{
				// Each upload of more than two minutes, but at most once an hour.
				ID:        "upload-ready",
				Channel:   beckon.Banner,
				Status:    beckon.Live,
				Trigger:   beckon.On("upload-complete").Where(beckon.Metadata("duration").GreaterThan(2)),
				Frequency: beckon.Every(beckon.Hours(1)),
				Content: beckon.Content{
					Format: beckon.FormatHTML,
					Body:   `<p>Hello {{ user.name | fallback: "there" }}, {{ event.file_name }} is ready: {{ event.watch }}</p>`,
				},
			},
			{
				// The same event, for those who have somebody to share with.
				ID:       "share-it",
				Channel:  beckon.Chat,
				Status:   beckon.Live,
				Trigger:  beckon.On("upload-complete"),
				Audience: beckon.Did("invited-teammate").Last().LessThanAgo(beckon.Days(7)),
				Content:  beckon.Content{Body: `Share {{ event.file_name }} with your team?`},
			},
			{
				// Rich links and money come out in a plain form of their own.
				ID:      "receipt",
				Channel: beckon.Email,
				Status:  beckon.Live,
				Trigger: beckon.On("order-paid"),
				Content: beckon.Content{
					Subject: `Your order: {{ event.price }}`,
					Body:    `Thank you for order {{ event.order }}.`,
				},
			},
		},
	}
}

// posted are the bodies of one client's requests, and how long after nine in
// the morning each arrives.
func posted() []post {
	return []post{
		{0, `{"event_name": "upload-complete", "user_id": "u1",
			"metadata": {"file_name": "cat.mp4", "duration": 12.5, "watch": "https://video.example/w/1"}}`},
		{5 * time.Minute, `{"event_name": "order-paid", "user_id": "u1", "event_id": "order-18",
			"metadata": {"order": {"url": "https://shop.example/o/18", "value": "TX18"}, "price": {"amount": 34999, "currency": "eur"}}}`},
		{6 * time.Minute, `{"event_name": "order-paid", "user_id": "u1", "event_id": "order-18",
			"metadata": {"order": {"url": "https://shop.example/o/18", "value": "TX18"}, "price": {"amount": 34999, "currency": "eur"}}}`},
		{10 * time.Minute, `{"event_name": "Invited.Teammate", "user_id": "u1"}`},
		{20 * time.Minute, `{"event_name": "upload-complete", "user_id": "u1",
			"metadata": {"file_name": "dog.mp4", "duration": 3, "watch": "https://video.example/w/2"}}`},
		{30 * time.Minute, `{"event_name": " ", "metadata": {"a$b": 1, "nested": {"x": [1]}}}`},
		{40 * time.Minute, `{"event_name": "upload-complete", "user_id": "u1",
			"metadata": {"file_name": "teaser.mp4", "duration": 0.5}}`},
		{61 * time.Minute, `{"event_name": "upload-complete", "user_id": "u1",
			"metadata": {"file_name": "<script>alert(1)</script>.mp4", "duration": 61, "watch": "https://video.example/w/4?a=1&b=2"}}`},
	}
}

type post struct {
	after time.Duration
	body  string
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer) error {
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	now := start
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		return err
	}
	if err := engine.Publish(ctx, program()); err != nil {
		return err
	}

	fmt.Fprintln(w, "What the client posts, and what the app is told to send:")
	for _, p := range posted() {
		now = start.Add(p.after)
		fmt.Fprintf(w, "\n%s  %s\n", now.Format("15:04"), strings.Join(strings.Fields(p.body), " "))
		res, err := engine.TrackJSON(ctx, strings.NewReader(p.body))
		if err != nil {
			var list beckon.ErrorList
			if !errors.As(err, &list) {
				return err // the store failed
			}
			// Everything that is wrong with the event, at once; nothing was recorded.
			fmt.Fprintln(w, "       refused")
			for _, e := range list {
				fmt.Fprintf(w, "         %s %s\n", e.Code, e.Field)
			}
			continue
		}
		show(w, res)
	}

	fmt.Fprintln(w, "\nUploads at 0, 20, 40 and 61 minutes under \"once an hour\": the first and the fourth send.")
	fmt.Fprintln(w)
	if err := picture(ctx, w); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nIt worked. Read next examples/quickstart/main.go, the program that printed this, then README.md.")
	return nil
}

// show prints what the host is to do with a result.
func show(w io.Writer, res beckon.Result) {
	if res.Duplicate {
		fmt.Fprintln(w, "       already taken: nothing to do")
	}
	for _, d := range res.Deliveries {
		fmt.Fprintf(w, "       send %s number %d to %s by %s\n", d.Message, d.Sequence, d.Contact.UserID, d.Channel)
		if d.Subject != "" {
			fmt.Fprintf(w, "         %s\n", d.Subject)
		}
		fmt.Fprintf(w, "         %s\n", d.Body)
	}
	for _, h := range res.Held() {
		fmt.Fprintf(w, "       hold %s: %s", h.Message, h.Reason)
		if !h.RetryAt.IsZero() {
			fmt.Fprintf(w, ", could send at %s", h.RetryAt.UTC().Format("15:04"))
		}
		fmt.Fprintln(w)
	}
	for _, x := range res.Warnings {
		fmt.Fprintf(w, "       warning %s %s: %s\n", x.Code, x.Field, x.Message)
	}
}

// picture draws the hour, one column a minute.
func picture(ctx context.Context, w io.Writer) error {
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	now := start
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		return err
	}
	err = engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID:        "upload-ready",
		Status:    beckon.Live,
		Trigger:   beckon.On("upload-complete"),
		Frequency: beckon.Every(beckon.Hours(1)),
		Content:   beckon.Content{Body: "Your upload is ready"},
	}}})
	if err != nil {
		return err
	}

	const columns = 62
	sent, held, locked := blank(columns), blank(columns), blank(columns)
	last := 0 // the minute of the last send
	for _, minute := range []int{0, 20, 40, 61} {
		now = start.Add(time.Duration(minute) * time.Minute)
		res, err := engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: "u1"})
		if err != nil {
			return err
		}
		if len(res.Deliveries) > 0 {
			sent[minute] = '#'
			last = minute
		}
		for _, h := range res.Held() {
			held[minute] = 'o'
			until := int(h.RetryAt.Sub(start) / time.Minute)
			for i := last; i < until; i++ {
				locked[i] = '-'
			}
		}
	}
	fmt.Fprintln(w, "  minute  0         10        20        30        40        50        60")
	fmt.Fprintf(w, "  sent    %s\n", trim(sent))
	fmt.Fprintf(w, "  held    %s\n", trim(held))
	fmt.Fprintf(w, "  locked  %s\n", trim(locked))
	return nil
}

func blank(n int) []byte { return []byte(strings.Repeat(" ", n)) }

func trim(row []byte) string { return strings.TrimRight(string(row), " ") }
