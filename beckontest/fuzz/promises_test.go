package fuzz

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

func u1() beckon.Identity { return beckon.Identity{UserID: "u1"} }

// What no engine does is told apart from what it does.
func TestPromisesBreak(t *testing.T) {
	mail := &beckon.Message{ID: "ready", Channel: beckon.Email, Status: beckon.Live, Tags: []string{"promo"}}
	program := uploads(func(*beckon.Program) {})
	w := newWitness(&program)
	w.halted["ready"], w.halted["series walk"] = true, true
	fine := &beckon.Contact{SnoozedUntil: start, Unsubscribed: []string{"push", "email:news", "sms:promo"}}
	for name, tt := range map[string]struct {
		got  error
		want string
	}{
		"a panic":              {nothingBreaks(Step{Errors: []*beckon.Error{{Code: "panic", Message: "index out of range"}}}), "panic: index out of range"},
		"a foreign error":      {nothingBreaks(Step{Errors: []*beckon.Error{{Code: "error", Message: "EOF"}}}), "error: EOF"},
		"failed":               {nothingBreaks(Step{Held: []beckon.Held{{Message: "m", Reason: beckon.ReasonFailed}}}), `to judge or render "m" broke`},
		"refused":              {nothingBreaks(Step{Errors: []*beckon.Error{{Code: beckon.ErrCheckTooSoon}}, Held: []beckon.Held{{Reason: beckon.ReasonCapped}}}), ""},
		"paused":               {w.live(mail, &beckon.Delivery{}), "it is paused or stopped"},
		"a paused series":      {w.live(&beckon.Message{ID: "hello"}, &beckon.Delivery{Series: "walk"}), "it is paused or stopped"},
		"another is paused":    {w.live(&beckon.Message{ID: "other", Status: beckon.Live}, &beckon.Delivery{}), ""},
		"snoozed":              {wanted(mail, start.Add(-time.Millisecond), fine), "the contact is snoozed until 2026"},
		"snoozed until now":    {wanted(mail, start, fine), ""},
		"refused as a whole":   {wanted(mail, start, &beckon.Contact{Unsubscribed: []string{"email"}}), "has unsubscribed from email"},
		"refused by a tag":     {wanted(mail, start, &beckon.Contact{Unsubscribed: []string{"email:promo"}}), "has unsubscribed from email:promo"},
		"transactional, asked": {wanted(&beckon.Message{Channel: beckon.Email, Transactional: true}, start, &beckon.Contact{Unsubscribed: []string{"email"}, SnoozedUntil: start.Add(1)}), ""},
	} {
		if text := errorText(tt.got); !strings.Contains(text, tt.want) || tt.want == "" && text != "" {
			t.Errorf("%s: got %q, want %q", name, text, tt.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// What Explain has said is held against what was done.
func TestExplainedDiffers(t *testing.T) {
	program := uploads(func(*beckon.Program) {})
	w := newWitness(&program)
	at := start
	why := []beckon.MessageTrace{{Message: "ready", Reason: beckon.ReasonCapped, Cap: "day", RetryAt: &at}, {Message: "hello", Series: "walk", Sent: true}}
	held := func(h beckon.Held) Step { return Step{Held: []beckon.Held{h}} }
	out := &scenario.Outcome{Result: &scenario.Result{}}
	for name, tt := range map[string]struct {
		step Step
		want string
	}{
		"the same":         {held(beckon.Held{Message: "ready", Reason: beckon.ReasonCapped, Cap: "day", RetryAt: start}), ""},
		"another reason":   {held(beckon.Held{Message: "ready", Reason: beckon.ReasonAudience}), `of "ready" Explain says "held capped by day until 2026-03-02T09:00:00Z", and it is "held audience"`},
		"another cap":      {held(beckon.Held{Message: "ready", Reason: beckon.ReasonCapped, Cap: "week", RetryAt: start}), "by week"},
		"another time":     {held(beckon.Held{Message: "ready", Reason: beckon.ReasonCapped, Cap: "day"}), `and it is "held capped by day"`},
		"sent":             {Step{Sent: []beckon.Delivery{{Message: "ready"}}}, `and it is "sent"`},
		"no candidate":     {Step{}, `and it is ""`},
		"for a company":    {held(beckon.Held{Message: "ready", CompanyID: "acme", Reason: beckon.ReasonCapped}), `of "ready" Explain says`},
		"one of a series":  {Step{Sent: []beckon.Delivery{{Message: "hello", Series: "walk"}}, Held: []beckon.Held{{Message: "ready", Reason: beckon.ReasonCapped, Cap: "day", RetryAt: start}, {Message: "hello"}}}, ""},
		"one that is more": {Step{Held: []beckon.Held{{Message: "ready", Reason: beckon.ReasonCapped, Cap: "day", RetryAt: start}, {Message: "post", Reason: beckon.ReasonAudience}}}, `of "post" Explain says "", and it is "held audience"`},
	} {
		if got := errorText(w.explained(tt.step, out, why)); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	for name, err := range map[string]error{
		"a repeat":         w.explained(Step{}, &scenario.Outcome{Result: &scenario.Result{Duplicate: true}}, why),
		"a refusal":        w.explained(Step{}, &scenario.Outcome{}, why),
		"no explanation":   w.explained(held(beckon.Held{Message: "ready"}), out, nil),
		"a company's data": func() error { w.skip = true; return w.explained(Step{}, out, why) }(),
	} {
		if err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// An instant at which a message could be sent is wrong if it is too early or too late.
func TestForetold(t *testing.T) {
	program := uploads(func(p *beckon.Program) { p.Messages[0].Frequency = beckon.Every(beckon.Hours(1)) })
	player, err := scenario.NewPlayer(t.Context(), program, start)
	if err != nil {
		t.Fatal(err)
	}
	step := func(at time.Time) scenario.Step {
		s, err := scenario.ParseStep(json.RawMessage(`{"at":"` + at.Format(time.RFC3339) + `","track":{"event_name":"upload","user_id":"u1"}}`))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	player.Do(t.Context(), step(start))
	next := step(start.Add(time.Minute))
	for name, tt := range map[string]struct {
		at   time.Time
		want string
	}{
		"exact":     {start.Add(time.Hour), ""},
		"too early": {start.Add(time.Hour - time.Millisecond), "0s before, that it is sent is false"},
		"too late":  {start.Add(time.Hour + time.Millisecond), "1ms before, that it is sent is true"},
		"unknown":   {time.Time{}, ""},
	} {
		why := []beckon.MessageTrace{{Message: "ready", Reason: beckon.ReasonThrottled, SendsAt: tt.at}}
		if got := errorText(foretold(t.Context(), player, next, why)); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// Totals that are not what was handed out are found.
func TestTotalsDiffer(t *testing.T) {
	program := uploads(func(*beckon.Program) {})
	player, err := scenario.NewPlayer(t.Context(), program, start)
	if err != nil {
		t.Fatal(err)
	}
	w := newWitness(&program)
	if err := w.totals(t.Context()); err != nil {
		t.Errorf("before the first step: %v", err)
	}
	w.engine = player.Engine()
	if _, err := w.engine.Track(t.Context(), beckon.Event{Name: "upload", UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if got := errorText(w.totals(t.Context())); got != `of "ready" the totals say that 1 are sent, and 0 were` {
		t.Errorf("got %q", got)
	}
	w.handed = []string{"ready"}
	if err := w.totals(t.Context()); err != nil {
		t.Error(err)
	}
}

// The clock on the wall is within windows as they are written.
func TestWithin(t *testing.T) {
	monday := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		window beckon.Window
		after  time.Duration // from Monday on
		want   bool
	}{
		{beckon.Window{From: "09:00", To: "17:00"}, 9 * time.Hour, true},
		{beckon.Window{From: "09:00", To: "17:00"}, 17*time.Hour - time.Millisecond, true},
		{beckon.Window{From: "09:00", To: "17:00"}, 17 * time.Hour, false},
		{beckon.Window{From: "09:00", To: "24:00"}, 24*time.Hour - 1, true},
		{beckon.Window{Days: []beckon.Weekday{"tue"}, From: "09:00", To: "17:00"}, 10 * time.Hour, false},
		{beckon.Window{Days: []beckon.Weekday{"mon"}, From: "22:00", To: "02:00"}, 25 * time.Hour, true},
		{beckon.Window{Days: []beckon.Weekday{"mon"}, From: "22:00", To: "02:00"}, time.Hour, false},
		{beckon.Window{Days: []beckon.Weekday{"mon"}, From: "22:00", To: "02:00"}, 26 * time.Hour, false},
		{beckon.Window{Days: []beckon.Weekday{"mon"}, From: "22:00", To: "02:00"}, 22 * time.Hour, true},
	} {
		if got := within([]beckon.Window{tt.window}, monday.Add(tt.after), time.UTC); got != tt.want {
			t.Errorf("%v after Monday began, in %v: got %t", tt.after, tt.window, got)
		}
	}
	if w := newWitness(&beckon.Program{Timezone: "Asia/Tokyo"}); w.zone("Mars", true, &beckon.Contact{}).String() != "Asia/Tokyo" || w.zone("", true, &beckon.Contact{Timezone: "Europe/Dublin"}).String() != "Europe/Dublin" {
		t.Error("another zone")
	}
	if newWitness(&beckon.Program{}).zone("", false, &beckon.Contact{}) != time.UTC {
		t.Error("without a zone it is not UTC")
	}
}

// A contact has one name, whatever it is called by.
func TestContact(t *testing.T) {
	program := uploads(func(*beckon.Program) {})
	player, err := scenario.NewPlayer(t.Context(), program, start)
	if err != nil {
		t.Fatal(err)
	}
	w := newWitness(&program)
	w.engine = player.Engine()
	for want, who := range map[string]beckon.Identity{"user u1": u1(), "lead 7": {ID: "7"}, "address a@b.example": {Email: "a@b.example"}, "visitor v1": {AnonymousID: "v1"}} {
		if got := w.contact(t.Context(), who); got != "" {
			t.Errorf("before it is there: %s", got)
		}
		if _, err := w.engine.Update(t.Context(), beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}); err != nil {
			t.Fatal(err)
		}
		if got := w.contact(t.Context(), who); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The witness keeps up with what steps change: who is one with whom, what is paused, and
// whose sends are gone.
func TestWitnessKeepsUp(t *testing.T) {
	program := uploads(func(*beckon.Program) {})
	player, err := scenario.NewPlayer(t.Context(), program, start)
	if err != nil {
		t.Fatal(err)
	}
	w := newWitness(&program)
	w.engine = player.Engine()
	for _, tt := range []struct {
		step   string
		sends  string // whose they are
		halted bool   // whether ready is
	}{
		{`"track":{"event_name":"upload","anonymous_id":"v1"}`, "visitor v1, visitor v1", false},
		{`"track":{"event_name":"upload","user_id":"u1"}`, "visitor v1, visitor v1, user u1, user u1", false},
		{`"merge":{"from":{"anonymous_id":"nobody"},"into":{"user_id":"u1"}}`, "visitor v1, visitor v1, user u1, user u1", false},
		{`"merge":{"from":{"anonymous_id":"v1"},"into":{"user_id":"u1"}}`, "user u1, user u1, user u1, user u1", false},
		{`"pause":{"message":"ready"}`, "user u1, user u1, user u1, user u1", true},
		{`"resume":{"message":"ready"}`, "user u1, user u1, user u1, user u1", false},
		{`"pause":{"series":"walk"}`, "user u1, user u1, user u1, user u1", false},
		{`"stop":{"message":"ready"}`, "user u1, user u1, user u1, user u1", true},
		{`"resume":{"message":"ready"}`, "user u1, user u1, user u1, user u1", true},
		{`"delete":{"user_id":"u1"}`, "", true},
	} {
		step, err := scenario.ParseStep(json.RawMessage(`{"at":"2026-03-02T09:00:00Z",` + tt.step + `}`))
		if err != nil {
			t.Fatal(err)
		}
		w.before(t.Context(), &step)
		out := player.Do(t.Context(), step)
		s := Step{At: start, Verb: step.Verb(), Errors: out.Errors}
		if out.Result != nil {
			s.Sent = out.Result.Deliveries
		}
		if err := w.sent(t.Context(), s); err != nil {
			t.Errorf("%s: %v", tt.step, err)
		}
		var whose []string
		for _, x := range w.sends {
			whose = append(whose, x.contact)
		}
		if got := strings.Join(whose, ", "); got != tt.sends || w.halted["ready"] != tt.halted {
			t.Errorf("%s: the sends are those of %q, ready is halted: %t", tt.step, got, w.halted["ready"])
		}
	}
}
