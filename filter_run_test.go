package beckon_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/randtest"
	"github.com/beckon-go/beckon/memstore"
)

// Z2: whether a store leaves contacts out or not, a run sends the same, writes
// the same and counts the same.
func TestRunsWithAndWithoutFilter(t *testing.T) {
	t.Parallel()
	filtered := 0
	check := func(rt rapid.TB, seed uint64) {
		var sums [2][]byte
		var logs [2][]string
		for i := range sums {
			r := rand.New(rand.NewPCG(seed, 2))
			plain := memstore.New()
			var store beckon.Store = plain
			watched := &filterStore{Store: plain}
			if i == 1 {
				store = watched
			}
			p := randomProgram(r)
			e, clock := populated(t, store, r, 60, p)
			logs[i] = runs(rt, e, clock, r)
			sums[i] = plain.Snapshot()
			if watched.out > 0 {
				filtered++
			}
		}
		if !slices.Equal(logs[0], logs[1]) {
			rt.Fatalf("without a filter\n%q\nwith\n%q", logs[0], logs[1])
		}
		if !bytes.Equal(sums[0], sums[1]) {
			rt.Fatalf("the contents of the store differ")
		}
	}
	rapid.Check(t, func(rt *rapid.T) { check(rt, rapid.Uint64().Draw(rt, "seed")) })
	// Few random worlds may have a filter that leaves something out: there are more.
	for seed := uint64(0); filtered < 10 && seed < 100; seed++ {
		check(t, seed)
	}
	if filtered < 10 {
		t.Errorf("in %d cases something was left out: this test shows little", filtered)
	}
}

// randomProgram returns ongoing emails, date rules, a one-off, a series, and a
// message on events, with random audiences that are mostly narrow.
func randomProgram(r *rand.Rand) beckon.Program {
	var p beckon.Program
	add := func(id string, f func(*beckon.Message)) {
		m := beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Audience: randtest.Rule(r, 2), Content: beckon.Content{Body: id}}
		f(&m)
		p.Messages = append(p.Messages, m)
	}
	for i := range 1 + r.IntN(3) {
		add(fmt.Sprint("ongoing", i), func(m *beckon.Message) {
			switch r.IntN(6) {
			case 0:
				m.Content.Body = "{{ company.plan }}"
			case 1:
				m.LiveAt = randtest.Epoch().Add(time.Duration(r.IntN(5)-2) * time.Hour)
			case 2:
				m.Status = beckon.Paused
			case 3:
				m.Control = 0.5
			case 4:
				m.Goal = &beckon.Goal{Rule: beckon.Did("paid").AtLeast(1), Within: beckon.Days(1)}
			}
		})
	}
	if r.IntN(2) == 0 {
		add("dated", func(m *beckon.Message) {
			m.Trigger = beckon.OnDate([]string{"ends_at", "created_at", "user_id", "last_seen_at"}[r.IntN(4)], beckon.Days(r.IntN(5)-2))
			if r.IntN(3) == 0 {
				m.Trigger = m.Trigger.Every([]beckon.Period{beckon.Daily, beckon.Weekly, beckon.Monthly, beckon.Yearly}[r.IntN(4)])
			}
		})
	}
	if r.IntN(2) == 0 {
		add("instant", func(m *beckon.Message) {
			m.Audience = beckon.Rule{}
			m.Trigger = beckon.OnDate([]string{"ends_at", "created_at", "last_contacted_at", "last_seen_at"}[r.IntN(4)], beckon.Hours(r.IntN(9)-4))
			if r.IntN(2) == 0 {
				m.Trigger = m.Trigger.Every(beckon.Daily)
			}
		})
	}
	add("news", func(m *beckon.Message) { m.Mode = beckon.OneOff })
	add("upload", func(m *beckon.Message) { m.Trigger = beckon.On("uploaded") })
	if r.IntN(2) == 0 {
		isPro := beckon.User("plan").Is("pro")
		p.Series = []beckon.Series{{
			ID: "course", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("invited")}, Exit: beckon.Did("paid").AtLeast(2),
			Blocks: []beckon.Block{
				{ID: "wait", Wait: beckon.Hours(1), Next: "rule"},
				{ID: "rule", Rule: &isPro, Yes: "mail", No: "mail", Within: beckon.Hours(1)},
				{ID: "mail", Message: &beckon.Message{ID: "lesson", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "lesson"}}},
			},
		}}
	}
	return p
}

// runs makes some runs over all contacts, with events between them, and tells
// what came of them.
func runs(t rapid.TB, e *beckon.Engine, clock *randtest.Clock, r *rand.Rand) (log []string) {
	ctx := context.Background()
	for range 4 {
		for d, err := range e.Sweep(ctx) {
			log = append(log, fmt.Sprint("swept ", d.Message, d.Contact, d.CompanyID, d.Sequence, err))
		}
		for d, err := range e.Send(ctx, "news", []beckon.RunOption{nil, beckon.Sample(3)}[r.IntN(2)]) {
			log = append(log, fmt.Sprint("sent ", d.Message, d.Contact, d.CompanyID, d.Sequence, err))
		}
		for d, err := range e.Due(ctx) {
			log = append(log, fmt.Sprint("due ", d.Message, d.Contact, d.CompanyID, d.Sequence, err))
		}
		for range 4 {
			clock.At = clock.At.Add(time.Duration(r.Int64N(int64(8 * time.Hour))))
			if err := randtest.Act(ctx, e, r, clock.At); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, id := range []string{"ongoing0", "ongoing1", "ongoing2", "dated", "instant", "news", "lesson"} {
		totals, err := e.Totals(ctx, id)
		log = append(log, fmt.Sprint(id, totals, err))
	}
	return log
}

// Z2: who wants to be told of everyone held is told of everyone.
func TestFilterNotWithOnHeld(t *testing.T) {
	t.Parallel()
	store := &filterStore{Store: memstore.New()}
	e, _ := populated(t, store, rand.New(rand.NewPCG(1, 1)), 40, beckon.Program{Messages: []beckon.Message{
		{ID: "m", Channel: beckon.Email, Status: beckon.Live, Audience: beckon.User("plan").Is("nobody's"), Content: beckon.Content{Body: "x"}},
	}})
	held, told := int64(0), int64(0)
	for _, opts := range [][]beckon.RunOption{nil, {beckon.OnHeld(func(beckon.Identity, beckon.Held) { told++ })}} {
		for _, err := range e.Sweep(t.Context(), opts...) {
			t.Fatal(err)
		}
		after, err := e.Totals(t.Context(), "m")
		if err != nil {
			t.Fatal(err)
		}
		n := after.Held[beckon.ReasonAudience]
		if held == 0 {
			held = n
		}
		if n != held || n == 0 {
			t.Errorf("%d held, before %d", n, held)
		}
	}
	if told != held || store.out != held {
		t.Errorf("%d held, %d told of, %d left out", held, told, store.out)
	}
}

// Progress counts whom a store left out: the run is done with them.
func TestFilterProgress(t *testing.T) {
	t.Parallel()
	store := &filterStore{Store: memstore.New()}
	e, _ := populated(t, store, rand.New(rand.NewPCG(3, 1)), 1, beckon.Program{})
	for i := range 700 {
		if _, err := e.Update(t.Context(), beckon.Contact{UserID: fmt.Sprint("n", i), Attributes: beckon.Attributes{"n": beckon.Number(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	var last beckon.Progress
	n := 0
	for _, err := range e.Match(t.Context(), beckon.User("n").AtLeast(690), beckon.OnProgress(func(p beckon.Progress) { last = p })) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 10 || last.Done < 700 || store.out < 690 {
		t.Errorf("%d match, %d done, %d left out", n, last.Done, store.out)
	}
}
