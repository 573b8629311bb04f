package beckon_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
)

// composing returns an engine at noon, without a program, that knows u.
func composing(t *testing.T, opts ...beckon.Option) (*beckontest.Kit, beckon.Identity) {
	t.Helper()
	kit := beckontest.New(t, beckon.Program{}, opts...)
	kit.At(noon)
	kit.Update(beckon.Contact{UserID: "u", Name: "Uma", Email: "u@b.example"})
	return kit, beckon.Identity{UserID: "u"}
}

func note(id string) beckon.Message {
	return beckon.Message{ID: id, Channel: beckon.Email, Content: beckon.Content{Subject: "For {{ user.name }}", Body: "Hello, {{ name }}"}}
}

// D14, D12: it needs no program.
func TestSendToWithoutProgram(t *testing.T) {
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u", Name: "Uma"}); err != nil {
		t.Fatal(err)
	}
	res, err := engine.SendTo(t.Context(), beckon.Identity{UserID: "u"}, note("hi"))
	if err != nil || len(res.Deliveries) != 1 || len(res.Held()) != 0 {
		t.Fatalf("got %+v, %v", res, err)
	}
	d := res.Deliveries[0]
	if d.Message != "hi" || d.Contact.UserID != "u" || d.Subject != "For Uma" || d.Body != "Hello, Uma" || d.Channel != beckon.Email || d.Sequence != 1 || !d.At.Equal(noon) || d.ID == "" {
		t.Errorf("got %+v", d)
	}
	totals, err := engine.Totals(t.Context(), "hi")
	if err != nil || totals.Sent != 1 || totals.Judged != 1 {
		t.Errorf("totals %+v, %v", totals, err)
	}
}

// K2: one id reaches a contact once, whatever it says the second time; others are
// reached by it.
func TestSendToOnce(t *testing.T) {
	kit, u := composing(t)
	kit.Update(beckon.Contact{UserID: "v"})
	kit.SendTo(u, note("hi")).WantSent("hi")
	again := note("hi")
	again.Content.Body, again.Channel, again.Transactional = "Other", beckon.SMS, true
	kit.Advance(24 * time.Hour)
	kit.SendTo(u, again).WantSent().WantHeld("hi", beckon.ReasonAlreadySent)
	kit.SendTo(beckon.Identity{UserID: "v"}, again).WantSent("hi")
	kit.SendTo(beckon.Identity{Email: "U@b.example"}, note("other")).WantSent("other")
	// What is given back was not sent.
	kit.Release(u, "hi")
	kit.SendTo(u, note("hi")).WantSent("hi")
}

// K2: no status is needed, and none keeps it from being sent; a pause or a stop of
// its id does (D7).
func TestSendToStatus(t *testing.T) {
	kit, u := composing(t)
	for i, status := range []beckon.Status{"", beckon.Draft, beckon.Live, beckon.Paused, beckon.Stopped} {
		m := note(fmt.Sprint("m", i))
		m.Status, m.LiveAt = status, noon.Add(time.Hour)
		kit.SendTo(u, m).WantSent(m.ID)
	}
	kit.Publish(beckon.Program{Messages: []beckon.Message{{ID: "x", Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}}}})
	kit.Pause("x")
	kit.SendTo(u, note("x")).WantSent().WantHeld("x", beckon.ReasonNotLive)
	kit.Resume("x")
	kit.SendTo(u, note("x")).WantSent("x")
	kit.Stop("x")
	kit.Update(beckon.Contact{UserID: "w"})
	kit.SendTo(beckon.Identity{UserID: "w"}, note("x")).WantSent().WantHeld("x", beckon.ReasonNotLive)
}

// D14: consent, caps and schedule hold. K2: what is held is dropped.
func TestSendToIsJudged(t *testing.T) {
	kit, u := composing(t)
	kit.Publish(beckon.Program{
		Timezone:    "Europe/Dublin",
		OfficeHours: &beckon.OfficeHours{Windows: []beckon.Window{{From: "09:00", To: "17:00"}}},
		Segments:    map[string]beckon.Rule{"known": beckon.User("name").HasAnyValue(), "rich": beckon.User("plan").Is("pro")},
		Caps:        []beckon.Cap{{ID: "two", Channel: beckon.Email, Max: 2, Within: beckon.Hours(24)}},
		Messages:    []beckon.Message{{ID: "mine", Status: beckon.Live, Channel: beckon.Email, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}}},
	})
	with := func(id string, change func(*beckon.Message)) beckon.Message {
		m := note(id)
		change(&m)
		return m
	}
	// Schedule: dropped, also where the message asks to be held. It takes nothing.
	kit.At(noon.Add(6 * time.Hour))
	office := with("office", func(m *beckon.Message) {
		m.Schedule = &beckon.Schedule{OfficeHours: true, Outside: beckon.OutsideHold}
	})
	out := kit.SendTo(u, office).WantSent().WantHeld("office", beckon.ReasonSchedule)
	if held := out.Held; len(held) != 1 || !held[0].RetryAt.IsZero() {
		t.Errorf("what is dropped says when it goes out: %+v", held)
	}
	kit.At(noon.Add(24 * time.Hour))
	kit.Due().WantSent()
	kit.SendTo(u, office).WantSent("office")

	// Consent, also by tag.
	kit.Unsubscribe(u, "email:promo")
	promo := func(m *beckon.Message) { m.Tags = []string{"promo"} }
	kit.SendTo(u, with("promo", promo)).WantSent().WantHeld("promo", beckon.ReasonUnsubscribed)
	kit.SendTo(u, with("bill", func(m *beckon.Message) { promo(m); m.Transactional = true })).WantSent("bill")

	// Caps: shared with the program's messages, both ways.
	out = kit.SendTo(u, note("third")).WantSent().WantHeld("third", beckon.ReasonCapped)
	if held := out.Held; held[0].RetryAt.IsZero() {
		t.Errorf("capped, and no room ever: %+v", held)
	}
	kit.Track(beckon.Event{Name: "e", UserID: "u"}).WantSent().WantHeld("mine", beckon.ReasonCapped)
	kit.SendTo(u, with("free", func(m *beckon.Message) { m.ExemptFromCaps = true })).WantSent("free")

	// Audience, with the program's segments; missing values; the control group.
	kit.Advance(48 * time.Hour)
	kit.SendTo(u, with("s1", func(m *beckon.Message) { m.Audience = beckon.Segment("known") })).WantSent("s1")
	kit.SendTo(u, with("s2", func(m *beckon.Message) { m.Audience = beckon.Segment("rich") })).WantSent().WantHeld("s2", beckon.ReasonAudience)
	kit.SendTo(u, with("s3", func(m *beckon.Message) {
		m.Content = beckon.Content{Body: "{{ user.plan }}", Missing: beckon.MissingHold}
	})).WantSent().WantHeld("s3", beckon.ReasonMissingValue)
	for range 2 {
		reason := beckon.ReasonControl
		if kit.Totals("s4").Control == 1 {
			reason = beckon.ReasonAlreadySent // decided once
		}
		kit.SendTo(u, with("s4", func(m *beckon.Message) { m.Control = 1 })).WantSent().WantHeld("s4", reason)
	}
}

// A7: a rule that counts what no rule of the program counts is filled from the events
// that are kept.
func TestSendToCounts(t *testing.T) {
	kit, u := composing(t)
	for range 3 {
		kit.Track(beckon.Event{Name: "bought", UserID: "u"})
		kit.Advance(time.Hour)
	}
	counting := func(id string, n int) beckon.Message {
		m := note(id)
		m.Audience = beckon.Did("bought").Within(beckon.Days(1)).AtLeast(n)
		return m
	}
	kit.SendTo(u, counting("four", 4)).WantSent().WantHeld("four", beckon.ReasonAudience)
	kit.SendTo(u, counting("three", 3)).WantSent("three")
	kit.Track(beckon.Event{Name: "bought", UserID: "u"})
	kit.SendTo(u, counting("four", 4)).WantSent("four")
}

// D2: company data is that of the first company, once.
func TestSendToCompany(t *testing.T) {
	kit, u := composing(t)
	kit.Update(beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "a", Name: "Acme"}, {CompanyID: "b", Name: "Bell"}}})
	m := note("deal")
	m.Content.Body = "For {{ company.name }}"
	out := kit.SendTo(u, m).WantSent("deal")
	if d := out.Deliveries[0]; d.Body != "For Acme" || d.CompanyID != "a" || len(out.Held) != 0 {
		t.Errorf("got %+v", d)
	}
	kit.Update(beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "a", Remove: true}}})
	kit.SendTo(u, m).WantSent().WantHeld("deal", beckon.ReasonAlreadySent)
}

// Observers are told as of any send.
func TestSendToIsObserved(t *testing.T) {
	var told []observe.Decision
	kit, u := composing(t, beckon.WithObserver(observe.Observer{Decided: func(_ context.Context, d observe.Decision) { told = append(told, d) }}))
	kit.SendTo(u, note("hi"))
	kit.SendTo(u, note("hi"))
	if len(told) != 2 || !told[0].Sent || told[1].Reason != beckon.ReasonAlreadySent {
		t.Fatalf("got %+v", told)
	}
	for _, d := range told {
		if d.Occasion != observe.OnSend || !d.Composed || d.Message != "hi" || d.Channel != beckon.Email || d.Contact.UserID != "u" {
			t.Errorf("got %+v", d)
		}
	}
}

// What a program has under way is no concern of a composed message: a walk does not
// move, a message that waits waits on.
func TestSendToLeavesTheRest(t *testing.T) {
	kit, u := composing(t)
	kit.Publish(beckon.Program{
		Messages: []beckon.Message{
			{ID: "late", Status: beckon.Live, Trigger: beckon.On("cart").Unless("paid", beckon.Hours(1), ""), Content: beckon.Content{Body: "x"}},
			{ID: "now", Status: beckon.Live, Content: beckon.Content{Body: "x"}},
		},
		Series: []beckon.Series{{ID: "s", Status: beckon.Live, Entry: beckon.Entry{Audience: beckon.All()}, Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Hours(1), Next: "end"}, {ID: "end", Message: &beckon.Message{ID: "in-s", Content: beckon.Content{Body: "x"}}},
		}}},
	})
	kit.Track(beckon.Event{Name: "cart", UserID: "u"})
	kit.Advance(2 * time.Hour)
	kit.SendTo(u, note("hi")).WantSent("hi")
	x, _, err := kit.Engine.Export(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Waiting) != 1 || len(x.Series) != 1 || x.Series[0].Block != "wait" {
		t.Errorf("got %+v, %+v", x.Waiting, x.Series)
	}
	kit.Due().WantSent("late", "in-s")
}

// D14: a contact remembers a limited number of composed messages, and forgets first what was
// sent the longest ago, control groups too. What a program has sent is never forgotten,
// also where a composed message had its id before.
func TestSendToRemembersSome(t *testing.T) {
	kept := memstore.New()
	program := often()
	w := newOutbox(t, kept, program, beckon.WithComposedLimit(3), beckon.WithPendingLimit(1000))
	who := beckon.Identity{UserID: "u"}
	if _, err := w.Update(t.Context(), beckon.Contact{UserID: "u", Name: "Uma"}); err != nil {
		t.Fatal(err)
	}
	send := func(id string) string {
		t.Helper()
		w.clock.add(time.Second)
		m := note(id)
		if strings.HasPrefix(id, "control") {
			m.Control = 1
		}
		res, err := w.SendTo(t.Context(), who, m)
		if err != nil {
			t.Fatal(err)
		}
		if held := res.Held(); len(held) == 1 {
			return string(held[0].Reason)
		}
		return "sent"
	}
	rows := func() (ids []string) {
		t.Helper()
		x, _, err := w.Export(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range x.Sends {
			ids = append(ids, s.Message)
		}
		return ids
	}
	w.one("u") // of the program
	for _, id := range []string{"z", "control-y", "x"} {
		if got, want := send(id), map[bool]string{true: "control", false: "sent"}[id == "control-y"]; got != want {
			t.Errorf("%s: %s", id, got)
		}
	}
	if got := []string{send("x"), send("z"), send("control-y")}; !slices.Equal(got, []string{"already_sent", "already_sent", "already_sent"}) {
		t.Errorf("all three are remembered: %q", got)
	}
	if got := send("w") + " " + send("x") + " " + send("control-y") + " " + send("z"); got != "sent already_sent already_sent sent" {
		t.Errorf("z, the oldest, is forgotten alone: %s", got)
	}
	for i := range 100 {
		if got := send(fmt.Sprint("note-", i)); got != "sent" {
			t.Fatalf("note-%d: %s", i, got)
		}
	}
	if got := rows(); !slices.Equal(got, []string{"m", "note-97", "note-98", "note-99"}) {
		t.Errorf("remembered are %q", got)
	}
	if got := send("m"); got != "already_sent" {
		t.Errorf("what the program has sent: %s", got)
	}

	// The program sends what was composed before, and so it stays.
	program.Messages[0].ID = "note-99"
	if err := w.Publish(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Hour)
	w.one("u")
	for i := range 10 {
		send(fmt.Sprint("more-", i))
	}
	if got := rows(); !slices.Equal(got, []string{"m", "more-7", "more-8", "more-9", "note-99"}) {
		t.Errorf("remembered are %q", got)
	}

	// A merge keeps what both remember, and the next one is cut to the limit.
	other := beckon.Identity{UserID: "v"}
	if _, err := w.Update(t.Context(), beckon.Contact{UserID: "v", Name: "Vi"}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"more-9", "note-99", "only-v"} {
		w.clock.add(time.Second)
		if _, err := w.SendTo(t.Context(), other, note(id)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Merge(t.Context(), other, who); err != nil {
		t.Fatal(err)
	}
	if got := rows(); !slices.Equal(got, []string{"m", "more-7", "more-8", "more-9", "note-99", "only-v"}) {
		t.Errorf("after the merge: %q", got)
	}
	send("last")
	if got := rows(); !slices.Equal(got, []string{"last", "m", "more-9", "note-99", "only-v"}) {
		t.Errorf("after one more: %q", got)
	}
}

// Z2, D14: AtSendTo explains what SendTo decides: without a program, with the same errors, and
// nothing is recorded. Where a message of the program with the same id waits, the composed one
// does not.
func TestExplainSendTo(t *testing.T) {
	now := noon
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	u, ctx := beckon.Identity{UserID: "u"}, t.Context()
	both := func(who beckon.Identity, m beckon.Message) (traces []beckon.MessageTrace, res beckon.Result) {
		t.Helper()
		for range 2 { // the first takes nothing
			var refused error
			if traces, refused = engine.Explain(ctx, beckon.AtSendTo(who, m)); refused != nil {
				if _, err := engine.SendTo(ctx, who, m); err == nil || err.Error() != refused.Error() {
					t.Errorf("explained %v, decided %v", refused, err)
				}
				return nil, res
			}
		}
		var own []beckon.MessageTrace
		res, err := engine.SendTo(beckon.WithTraces(ctx, &own), who, m)
		if err != nil || len(traces) != 1 || len(own) != 1 || traces[0].Sent != (len(res.Deliveries) == 1) || traces[0].Sent != own[0].Sent || traces[0].Reason != own[0].Reason {
			t.Fatalf("explained %+v, decided %+v, %v", traces, own, err)
		}
		return traces, res
	}
	both(u, note("hi")) // nobody is known
	both(beckon.Identity{}, note("hi"))
	refused := note("hi")
	refused.Trigger, refused.Audience = beckon.On("e"), beckon.Segment("nope")
	both(u, refused)
	if _, err := engine.Update(ctx, beckon.Contact{UserID: "u", Name: "Uma"}); err != nil {
		t.Fatal(err)
	}
	traces, res := both(u, note("hi"))
	if x := traces[0]; !x.Sent || x.Message != "hi" || x.Subject != "For Uma" || x.Sends != 0 || x.Occasion != "send" || !x.SendsAt.Equal(now) || res.Deliveries[0].Sequence != 1 {
		t.Errorf("%+v", x)
	}
	if traces, _ = both(u, note("hi")); traces[0].Reason != beckon.ReasonAlreadySent || traces[0].Never == "" {
		t.Errorf("%+v", traces[0])
	}
	waits := beckon.Message{ID: "later", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{waits}, QuietHours: []beckon.QuietHours{{Windows: []beckon.Window{{From: "11:00", To: "13:00"}}}}}); err != nil {
		t.Fatal(err)
	}
	if res, err := engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"}); err != nil || len(res.Held()) != 1 {
		t.Fatal(res, err)
	}
	if traces, _ = both(u, note("later")); traces[0].Reason != beckon.ReasonQuiet || traces[0].Waits != nil || traces[0].SendsBy != "send" || !traces[0].SendsAt.Equal(now.Add(time.Hour)) {
		t.Errorf("%+v", traces[0])
	}
}
