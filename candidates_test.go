package beckon

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// candidateAudience is one of few, so that neighbors often have the same, or
// begin with the same.
func candidateAudience(random *rand.Rand) Rule {
	pool := []Rule{
		User("plan").In("pro", "team"), User("plan").IsNot("free"), User("seats").AtLeast(3), User("seats").Between(1, 9),
		Did("e").AtLeast(2), Not(User("vip").Is(true)), Any(User("seats").Is(4), User("vip").Is(true)), User("tags").ContainsAny("a"),
	}
	n := random.IntN(4)
	parts := make([]Rule, 0, n)
	for range n {
		at := random.IntN(len(pool))
		if random.IntN(2) == 0 {
			at = min(len(parts), 2) // what most begin with
		}
		parts = append(parts, pool[at])
	}
	if n == 0 {
		return Rule{}
	}
	return All(parts...)
}

// candidateProgram has n messages. Of many, all begin with the same condition.
func candidateProgram(random *rand.Rand, n int) Program {
	var p Program
	for i := range n {
		m := Message{
			ID: fmt.Sprintf("m%03d", i), Status: Live, LiveAt: testNow.Add(-time.Hour), Trigger: On("e"), Audience: candidateAudience(random),
			Frequency: &Frequency{Every: Seconds(0)}, Content: Content{Body: "hello"},
		}
		if n > 100 {
			m.Audience = All(User("plan").In("pro", "team"), User("seats").Between(0, random.IntN(9)))
		}
		switch random.IntN(max(12, n/3)) {
		case 0:
			m.Status = Paused
		case 1:
			m.LiveAt = testNow.Add(time.Hour)
		case 2:
			m.Trigger = On("e").Where(Metadata("n").AtLeast(2))
		case 3:
			m.Trigger = On("other")
		case 4:
			m.Frequency = &Frequency{Max: 1}
		}
		p.Messages = append(p.Messages, m)
	}
	return p
}

// A judgement is all that comes of an event that can differ.
type judgement struct {
	sent   []string
	held   []Held
	totals []store.Increment
	failed int
}

func judgeCandidates(t *testing.T, e *Engine, rec *store.Record) (j judgement) {
	t.Helper()
	d := e.newDecision(decide.OnTrack, testNow.UnixMilli())
	ev := Event{Name: "e", UserID: "u", Metadata: Fields{{Key: "n", Value: Number(2)}}}
	var form event.Event
	ev.lower(&form)
	if _, err := e.admit(d, &form, event.Options{}); err != nil {
		t.Fatal(err)
	}
	var c store.Changes
	if err := d.Decide(rec, &c); err != nil {
		t.Fatal(err)
	}
	for i := range d.Out.Deliveries {
		j.sent = append(j.sent, d.Out.Deliveries[i].Message)
	}
	j.held, j.totals, j.failed = raiseHeld(&d.Out.Held), c.Totals, len(d.Out.Failures)
	return j
}

// Whether candidates are judged together or each by itself, the same comes of
// it, in the same order: also where some are not live, have more to be asked,
// or break.
func TestCandidatesTogetherAndAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	random := rand.New(rand.NewPCG(7, 7))
	shared, eligible, broken := 0, 0, 0
	for round := range 400 {
		e, err := New(struct{ Store }{}, WithClock(func() time.Time { return testNow }))
		if err != nil {
			t.Fatal(err)
		}
		n := 40
		if round%20 == 1 {
			n = 400
		}
		p, faults := compile(candidateProgram(random, n), &e.cfg)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		e.states.Set(decide.NewState(p, nil, nil, e.zones))
		concerns := p.Events["e"]
		for i := range concerns.Quick {
			if concerns.Quick[i].Shared != nil {
				shared++
			}
		}
		attributes := []store.Attribute{
			store.NewAttribute("plan", String([]string{"pro", "free", "team"}[random.IntN(3)])), store.NewAttribute("seats", Number(random.IntN(8))),
			store.NewAttribute("tags", List("b", "a")), store.NewAttribute("vip", Bool(random.IntN(2) == 0)),
		}
		rec := &store.Record{Key: store.Key{Kind: store.KindUser, ID: "u"}, Exists: true, Profile: &store.Profile{Attributes: attributes[random.IntN(2):]}}
		rec.Stats = []store.Stats{{Name: concerns.Name, Count: uint64(random.IntN(4)), First: 1, Last: 2}}
		if round%4 == 0 { // the rule of one message breaks wherever it is asked
			m := concerns.Candidates[random.IntN(len(concerns.Candidates))]
			if m.AsksAudience() && concerns.Quick[m.Place-concerns.First].Shared == nil {
				broken++
				l := &m.Audience.Program.Instructions[0]
				l.Op, l.Whole = rule.OpGeneric, nil
			}
		}
		together := judgeCandidates(t, e, rec)
		concerns.Quick = nil
		alone := judgeCandidates(t, e, rec)
		if !reflect.DeepEqual(together, alone) {
			t.Fatalf("round %d: together\n%+v\nalone\n%+v", round, together, alone)
		}
		if len(alone.sent)+len(alone.held) != len(concerns.Candidates) {
			t.Fatalf("%d sent and %d held of %d", len(alone.sent), len(alone.held), len(concerns.Candidates))
		}
		eligible += len(alone.sent)
		if alone.failed > 1 {
			t.Errorf("round %d: %d failed", round, alone.failed)
		}
	}
	if shared < 1000 || eligible < 1000 || broken < 10 {
		t.Errorf("%d shared, %d sent, %d broken: the test does not reach what it is for", shared, eligible, broken)
	}
}

// What is shared is asked once, and what candidates have in common is no more
// than what both need.
func TestCandidatesShare(t *testing.T) {
	pro, seats, other := User("plan").Is("pro"), User("seats").AtLeast(3), User("seats").AtLeast(4)
	texts, sameTexts := User("plan").In("a", "b"), User("plan").In("a", "b")
	for _, tt := range []struct {
		name string
		a, b Rule
		want int
	}{
		{"the first of two", All(pro, seats), All(pro, other), 1},
		{"both", All(pro, seats), All(pro, seats), 2},
		{"all of one", pro, All(pro, seats), 1},
		{"none", All(pro, seats), All(other, pro), 0},
		{"negated alike", All(Not(pro), seats), All(Not(pro), seats), 2},
		{"negated in one", All(Not(pro), seats), All(pro, seats), 0},
		{"not needed", Any(pro, seats), Any(pro, seats), 0},
		{"needed before what is not", All(pro, Any(seats, other)), All(pro, Any(other, seats)), 1},
		{"lists", All(texts, seats), All(sameTexts, other), 1},
		{"other lists", All(texts, seats), All(User("plan").In("a", "c"), seats), 0},
		{"other values", All(User("n").In(1, 2), seats), All(User("n").In(1, 3), seats), 0},
		{"values", All(User("n").In(1, 2), seats), All(User("n").In(1, 2), other), 1},
		{"attributes", All(User("a").Is("x"), seats), All(User("b").Is("x"), seats), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := defaultConfig()
			messages := []Message{{ID: "a", Trigger: On("e"), Audience: tt.a}, {ID: "b", Trigger: On("e"), Audience: tt.b}}
			p, faults := compile(Program{Messages: messages}, &cfg)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			a, b := p.ByID["a"].Audience.Program.Start, p.ByID["b"].Audience.Program.Start
			if got := a.Common(b); got != tt.want {
				t.Errorf("%d in common, want %d", got, tt.want)
			}
			if q := p.Events["e"].Quick; (q[0].Shared != nil) != (tt.want > 0) || q[0].Shared != q[1].Shared || q[0].Until != 1+min(tt.want, 1) {
				t.Errorf("%+v", q)
			}
		})
	}
}

// Rows of held candidates are what was held, one by one, however they are noted.
func TestHeldRows(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	const n = 3 * math.MaxUint16
	messages := make([]*plan.Message, n)
	for i := range messages {
		messages[i] = &plan.Message{ID: fmt.Sprint(i), Place: i}
	}
	l := decide.HeldList{Plan: &plan.Plan{ByPlace: messages}}
	l.Expect(n)
	l.Hold(messages[0], "", plan.HeldAudience, 0, 0)
	l.HoldMany(1, n-5, plan.HeldAudience)
	l.Hold(messages[n-4], "", plan.HeldFilter, 0, 0)
	l.Hold(messages[n-3], "", plan.HeldFilter, 5, 0)
	l.Hold(messages[n-2], "acme", plan.HeldFilter, 5, 0)
	l.Hold(messages[n-1], "", plan.HeldFilter, 5, 0)
	if l.Count != n || l.Rows > decide.InlineHeld || l.Overflow != nil {
		t.Errorf("%d candidates in %d rows, %d of them not inline", l.Count, l.Rows, len(l.Overflow))
	}
	for i, h := range (&Result{held: l}).Held() {
		want := Held{Message: fmt.Sprint(i), Reason: ReasonAudience}
		if i >= n-4 {
			want.Reason = ReasonFilter
		}
		if i >= n-3 {
			want.RetryAt = time.UnixMilli(5).UTC()
		}
		if i == n-2 {
			want.CompanyID = "acme"
		}
		if h != want {
			t.Fatalf("%d: %+v, want %+v", i, h, want)
		}
	}
	// Each for another reason than the one before: one allocation holds them.
	l = decide.HeldList{Plan: &plan.Plan{ByPlace: messages}}
	l.Expect(50)
	for i := range 50 {
		l.Hold(messages[i], "", plan.Reason(1+i%2), 0, 0)
		if i == decide.InlineHeld && cap(l.Overflow) != 50-decide.InlineHeld {
			t.Errorf("room for %d, want %d", cap(l.Overflow), 50-decide.InlineHeld)
		}
	}
	if got := (&Result{held: l}).Held(); len(got) != 50 || l.Rows != 50 || slices.ContainsFunc(got, func(h Held) bool { return h.RetryAt != (time.Time{}) }) {
		t.Errorf("%d in %d rows: %+v", len(got), l.Rows, got)
	}
}
