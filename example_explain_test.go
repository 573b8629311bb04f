package beckon_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/observe"
)

// Explain runs the decision and commits nothing: why would this message be
// held, and what did its rules see?
func ExampleEngine_Explain() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "share-it", Status: beckon.Live, Trigger: beckon.On("uploaded-video"),
		Audience: beckon.All(beckon.User("plan").Is("pro"), beckon.Did("uploaded-video").AtLeast(2)),
		Content:  beckon.Content{Body: "Share it?"},
	}}})
	event := beckon.Event{Name: "uploaded-video", UserID: "u1"}
	_, err := engine.Track(ctx, event)
	ok(err)

	traces, err := engine.Explain(ctx, event)
	ok(err)
	for _, t := range traces {
		fmt.Println(t.Message, t.Sent, t.Reason)
		for _, part := range t.Audience.Of {
			fmt.Println(" ", part.Matched, part.Rule, "seen:", part.Seen, "unknown:", part.Unknown)
		}
	}
	// Output:
	// share-it false audience
	//   false {"user":"plan","op":"is","value":"pro"} seen:  unknown: true
	//   false {"event":"uploaded-video","stat":"count","op":"at_least","value":2} seen: 1 unknown: false
}

func ExampleEngine_Explain_visit() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "need-help", Channel: beckon.Chat, Status: beckon.Live,
		Audience: beckon.PageURL().Contains("/pricing"), Content: beckon.Content{Body: "Any questions?"},
	}}})
	for _, url := range []string{"https://app.example/", "https://app.example/pricing"} {
		traces, err := engine.Explain(ctx, beckon.Visit{UserID: "u1", Page: &beckon.Page{URL: url}})
		ok(err)
		for _, t := range traces {
			fmt.Println(t.Message, t.Sent, t.Reason, t.Audience.Seen)
		}
	}
	// Output:
	// need-help false audience https://app.example/
	// need-help true  https://app.example/pricing
}

func ExampleEngine_Explain_update() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "upgraded", Status: beckon.Live, Trigger: beckon.OnChange("plan"),
		Audience: beckon.User("role").Is("user"), Content: beckon.Content{Body: "Welcome to {{ event.to }}"},
	}}})
	traces, err := engine.Explain(ctx, beckon.Contact{ID: "lead1", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
	ok(err)
	for _, t := range traces {
		fmt.Println(t.Message, t.Reason, "changed:", t.Where.Seen, "role:", t.Audience.Seen)
	}
	// Output:
	// upgraded audience changed: unknown → pro role: lead
}

func ExampleAtSweep() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "trial-ends", Channel: beckon.Email, Status: beckon.Live,
		Trigger: beckon.OnDate("trial_ends_at", beckon.Days(-3)), Content: beckon.Content{Body: "Three days left"},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{
		"trial_ends_at": beckon.Date(monday().AddDate(0, 0, 4)),
	}})
	ok(err)
	for range 2 {
		traces, err := engine.Explain(ctx, beckon.AtSweep(user("u1")))
		ok(err)
		for _, t := range traces {
			fmt.Println(now.Format(time.DateOnly), t.Message, t.Sent, t.Reason)
		}
		now = now.AddDate(0, 0, 1)
	}
	// Output:
	// 2026-03-02 trial-ends false filter
	// 2026-03-03 trial-ends true
}

func ExampleAtSend() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "new-pricing", Mode: beckon.OneOff, Channel: beckon.Email, Status: beckon.Live,
		Audience: beckon.User("seats").AtLeast(10), Content: beckon.Content{Body: "Our prices change"},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"seats": beckon.String("99")}})
	ok(err)
	traces, err := engine.Explain(ctx, beckon.AtSend(user("u1"), "new-pricing"))
	ok(err)
	for _, t := range traces {
		fmt.Println(t.Message, t.Reason, "seen:", t.Audience.Value, "- wanted:", t.Audience.Operand)
	}
	// Output:
	// new-pricing audience seen: the text "99" - wanted: the number 10
}

func ExampleAtSendTo() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{QuietHours: []beckon.QuietHours{{Windows: []beckon.Window{{From: "08:00", To: "10:00"}}}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1"})
	ok(err)
	word := beckon.Message{ID: "case-4711", Channel: beckon.SMS, Content: beckon.Content{Body: "It is fixed."}}
	traces, err := engine.Explain(ctx, beckon.AtSendTo(user("u1"), word))
	ok(err)
	for _, t := range traces {
		fmt.Println(t.Message, t.Reason, "- could be sent at", t.SendsAt.Format(time.TimeOnly))
	}
	// Output:
	// case-4711 quiet - could be sent at 10:00:00
}

func ExampleAtDue() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "cart", Channel: beckon.Email, Status: beckon.Live,
		Trigger: beckon.On("added-to-cart").Unless("checked-out", beckon.Hours(1), ""), Content: beckon.Content{Body: "Your {{ event.item }} waits"},
	}}})
	_, err := engine.Track(ctx, beckon.Event{Name: "added-to-cart", UserID: "u1", Metadata: beckon.Fields{{Key: "item", Value: beckon.String("lamp")}}})
	ok(err)
	now = now.Add(20 * time.Minute)
	traces, err := engine.Explain(ctx, beckon.AtDue(user("u1")))
	ok(err)
	for _, t := range traces {
		fmt.Println(t.Message, t.Reason, "unless", t.Waits.Unless, "until", t.Waits.Until.Format(time.TimeOnly))
		fmt.Println(t.Body, "- at", t.SendsAt.Format(time.TimeOnly))
	}
	// Output:
	// cart waiting unless [checked-out] until 10:00:00
	// Your lamp waits - at 10:00:00
}

func ExampleEngine_ExplainSeries() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Series: []beckon.Series{{
		ID: "onboarding", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("signed-up")},
		Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Days(1), Next: "hello"},
			{ID: "hello", Message: &beckon.Message{ID: "hello", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "Hello"}}},
		},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u2"})
	ok(err)
	_, err = engine.Track(ctx, beckon.Event{Name: "signed-up", UserID: "u1"})
	ok(err)
	for _, id := range []string{"u1", "u2"} {
		walks, err := engine.ExplainSeries(ctx, user(id))
		ok(err)
		fmt.Println(id, walks[0].State)
		fmt.Println(walks[0].String())
	}
	// Output:
	// u1 walking
	// In the series “onboarding” the contact stands at “wait” since 2 Mar 2026 09:00:00 UTC. There it waits until 3 Mar 2026 09:00:00 UTC. If nothing but time passes it next sends “hello” at 3 Mar 2026 09:00:00 UTC.
	// u2 never_began
	// The contact has not begun the series “onboarding”. The event signed-up, which begins it, has never come.
}

// Why is what a support desk asks.
func ExampleEngine_Why() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{
		Caps: []beckon.Cap{{ID: "push-per-day", Channel: beckon.Push, Max: 1, Within: beckon.Days(1)}},
		Messages: []beckon.Message{
			{ID: "ready", Channel: beckon.Push, Status: beckon.Live, Trigger: beckon.On("uploaded"), Content: beckon.Content{Body: "{{ event.file }} is ready"}},
			{ID: "pro", Name: "For professionals", Channel: beckon.Push, Status: beckon.Live, Trigger: beckon.On("uploaded"), Audience: beckon.User("seats").AtLeast(10), Content: beckon.Content{Body: "Hi"}},
		},
	})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"seats": beckon.String("99")}})
	ok(err)
	_, err = engine.Track(ctx, beckon.Event{Name: "uploaded", UserID: "u1", Metadata: beckon.Fields{{Key: "file", Value: beckon.String("cat.mp4")}}})
	ok(err)
	now = now.Add(2 * time.Hour)
	for _, id := range []string{"ready", "pro"} {
		why, err := engine.Why(ctx, user("u1"), id)
		ok(err)
		fmt.Println(why.String())
	}
	// Output:
	// Suppose that the event “uploaded” comes now as it came last, at 2 Mar 2026 09:00:00 UTC.
	// “ready” is not sent: the limit “push-per-day” across messages has no room. The limit “push-per-day” allows 1 in 1d over push, and 1 went out: “ready” at 2 Mar 2026 09:00:00 UTC. If nothing else changes it could be sent at 3 Mar 2026 09:00:00 UTC, if the event came then. The contact has had it once before, last at 2 Mar 2026 09:00:00 UTC.
	// Suppose that the event “uploaded” comes now as it came last, at 2 Mar 2026 09:00:00 UTC.
	// “For professionals” (pro) is not sent: the contact is not in its audience: the contact's “seats” must be at least the number 10, but the text "99" is not a number. Time alone does not bring it about: the contact is not in the audience, and time alone does not change that.
}

func ExampleWithTraces() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "share-it", Status: beckon.Live, Trigger: beckon.On("uploaded-video"),
		Audience: beckon.Did("uploaded-video").AtLeast(2), Content: beckon.Content{Body: "Share it?"},
	}}})
	var traces []beckon.MessageTrace
	res, err := engine.Track(beckon.WithTraces(ctx, &traces), beckon.Event{Name: "uploaded-video", UserID: "u1"})
	ok(err)
	for _, t := range traces {
		fmt.Println(len(res.Deliveries), t.Message, t.Reason, t.Audience.Value, "- wanted:", t.Audience.Operand)
	}
	// Output:
	// 0 share-it audience the number 0 - wanted: the number 2
}

// Every candidate judged is one that was sent or one that was held.
func ExampleEngine_Totals() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "upload-ready", Status: beckon.Live, Trigger: beckon.On("upload-complete"),
		Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
		Goal:      &beckon.Goal{Rule: beckon.Did("shared-video").AtLeast(1), Within: beckon.Days(7)},
		Content:   beckon.Content{Body: "Ready"},
	}}})
	for range 4 {
		_, err := engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: "u1"})
		ok(err)
		now = now.Add(20 * time.Minute)
	}
	_, err := engine.Track(ctx, beckon.Event{Name: "shared-video", UserID: "u1"})
	ok(err)

	t, err := engine.Totals(ctx, "upload-ready")
	ok(err)
	fmt.Println("judged", t.Judged, "sent", t.Sent, "held", t.Held, "converted", t.Converted)
	// Output:
	// judged 4 sent 2 held map[throttled:2] converted 1
}

// The last decisions of a contact are kept: why did they not get it, and when was that?
func ExampleEngine_Decisions() {
	ctx, now := context.Background(), monday()
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "upload-ready", Status: beckon.Live, Trigger: beckon.On("upload-complete"),
		Frequency: &beckon.Frequency{Every: beckon.Hours(1)}, Content: beckon.Content{Body: "It is ready."},
	}}}
	engine := running(&now, program, beckon.WithDecisions(50))
	for range 3 {
		_, err := engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: "u1"})
		ok(err)
		now = now.Add(20 * time.Minute)
	}
	past, err := engine.Decisions(ctx, beckon.Identity{UserID: "u1"})
	ok(err)
	form, err := json.Marshal(program)
	ok(err)
	for _, x := range past {
		fmt.Println(x.At.Format("15:04"), x.Occasion, x.Event, x.Message, x.Sent, x.Reason, x.Count, x.Program == observe.ProgramID(form))
	}
	// Output:
	// 09:40 event upload-complete upload-ready false throttled 2 true
	// 09:00 event upload-complete upload-ready true  1 true
}
