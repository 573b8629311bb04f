// Command explain answers a support team's question: why did she not get the message?
// It prints the rules as a tree with the values they saw, then what the next sweep
// would do, and how often each reason has occurred so far.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

func program() beckon.Program {
	return beckon.Program{
		Timezone: "Europe/Dublin",
		Segments: map[string]beckon.Rule{
			"power-users": beckon.Did("uploaded-video").Within(beckon.Days(7)).AtLeast(3),
		},
		Messages: []beckon.Message{
			{
				ID: "share-tip", Channel: beckon.Chat, Status: beckon.Live, Priority: 10,
				Trigger: beckon.On("uploaded-video").Where(beckon.Metadata("duration").AtLeast(60)),
				Audience: beckon.All(
					beckon.User("plan").In("pro", "team"),
					beckon.Any(
						beckon.Segment("power-users"),
						beckon.Did("invited-teammate").Last().LessThanAgo(beckon.Days(30)),
					),
				),
				Content: beckon.Content{Body: "Share {{ event.file_name }} with your team?"},
			},
			{
				ID: "uploaded", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("uploaded-video"),
				Frequency: beckon.Every(beckon.Hours(1)),
				Content:   beckon.Content{Body: "{{ event.file_name }} is ready"},
			},
			{
				ID: "come-back", Channel: beckon.Email, Status: beckon.Live,
				Audience: beckon.User("last_seen_at").MoreThanAgo(beckon.Days(14)),
				Content:  beckon.Content{Subject: "We have missed you", Body: "Here is what is new."},
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

func run(ctx context.Context, w io.Writer) error {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		return err
	}
	if err := engine.Publish(ctx, program()); err != nil {
		return err
	}
	ada := beckon.Identity{UserID: "ada"}
	if _, err := engine.Update(ctx, beckon.Contact{UserID: ada.UserID, Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
		return err
	}
	if _, err := engine.Visit(ctx, beckon.Visit{UserID: ada.UserID}); err != nil {
		return err
	}
	upload := func(file string) beckon.Event {
		return beckon.Event{UserID: "ada", Name: "uploaded-video", Metadata: beckon.Fields{
			{Key: "file_name", Value: beckon.String(file)}, {Key: "duration", Value: beckon.Number(95)},
		}}
	}
	for i, file := range []string{"cat.mp4", "dog.mp4"} {
		now = now.Add(10 * time.Minute)
		res, err := engine.Track(ctx, upload(file))
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "upload %d: %d sent, %d held\n", i+1, len(res.Deliveries), len(res.Held()))
	}

	// What would one more upload bring, now? Explain runs the same decision and
	// commits nothing, so it can be asked as often as one likes.
	now = now.Add(10 * time.Minute)
	fmt.Fprintf(w, "\none more upload at %s would\n", now.Format("15:04"))
	traces, err := engine.Explain(ctx, upload("teaser.mp4"))
	if err != nil {
		return err
	}
	show(w, traces)

	// Where no message listens to the event, a note says so.
	fmt.Fprintln(w, "\na mistyped upload would")
	mistyped := upload("teaser.mp4")
	mistyped.Name = "upload-video"
	if traces, err = engine.Explain(ctx, mistyped); err != nil {
		return err
	}
	show(w, traces)

	fmt.Fprintln(w, "\nthe next sweep would")
	if traces, err = engine.Explain(ctx, beckon.AtSweep(ada)); err != nil {
		return err
	}
	show(w, traces)

	// Totals count what was decided. The questions above are not among it.
	fmt.Fprintln(w, "\nso far")
	for _, m := range program().Messages {
		t, err := engine.Totals(ctx, m.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  %-10s judged %d, sent %d", m.ID, t.Judged, t.Sent)
		reasons := make([]string, 0, len(t.Held))
		for reason, n := range t.Held {
			reasons = append(reasons, fmt.Sprintf(", %s %d", reason, n))
		}
		slices.Sort(reasons)
		fmt.Fprintln(w, strings.Join(reasons, ""))
	}
	return nil
}

func show(w io.Writer, traces []beckon.MessageTrace) {
	for _, t := range traces {
		switch {
		case t.Note != "":
			fmt.Fprintf(w, "  %s\n", t.Note)
		case t.Sent:
			fmt.Fprintf(w, "  send %s: %s\n", t.Message, t.Body)
		case t.RetryAt != nil:
			fmt.Fprintf(w, "  hold %s: %s until %s (%d sent, last at %s)\n",
				t.Message, t.Reason, t.RetryAt.Format("15:04"), t.Sends, t.LastSent.Format("15:04"))
		default:
			fmt.Fprintf(w, "  hold %s: %s\n", t.Message, t.Reason)
		}
		for _, part := range []struct {
			name string
			rule *beckon.RuleTrace
		}{{"where", t.Where}, {"audience", t.Audience}} {
			if part.rule != nil {
				fmt.Fprintf(w, "    %s\n", part.name)
				tree(w, *part.rule, "      ")
			}
		}
	}
}

// tree prints a rule: "+" holds, "-" does not. Every part is judged, also where
// the group was decided before it, so that one sees all there is to mend.
func tree(w io.Writer, rule beckon.RuleTrace, indent string) {
	mark := "-"
	if rule.Matched {
		mark = "+"
	}
	fmt.Fprintf(w, "%s%s %s", indent, mark, rule.Rule)
	switch {
	case rule.Unknown:
		fmt.Fprint(w, "  (never, or not known)")
	case len(rule.Of) == 0:
		fmt.Fprintf(w, "  (is %s)", rule.Seen)
	}
	if rule.Problem != "" {
		fmt.Fprintf(w, "  (%s)", rule.Problem)
	}
	fmt.Fprintln(w)
	for _, inner := range rule.Of {
		tree(w, inner, indent+"  ")
	}
}
