package decide

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// What is done for many at once comes to what it does one by one.

func TestJoinedAtOnce(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		var list []string
		for i := range dice.IntN(20) {
			list = append(list, fmt.Sprint("c", i))
		}
		want := slices.Clone(list)
		var changes []Joining
		for range rows.Few + 1 + dice.IntN(40) {
			j := Joining{ID: fmt.Sprint("c", dice.IntN(30)), Leaves: dice.IntN(2) == 0}
			changes = append(changes, j)
			want = joined(want, []Joining{j})
		}
		if got := joined(slices.Clone(list), changes); !slices.Equal(got, want) {
			t.Fatalf("%v and %v: got %v, want %v", list, changes, got, want)
		}
	}
}

// T5: the newest values of each rule and company stay.
func TestTrimDates(t *testing.T) {
	var list []store.DateState
	for i := range maxDateMarks + 10 {
		for _, rule := range []string{"b", "a", "c"} {
			for _, company := range []string{"", "x"} {
				if company == "" || i%2 == 0 {
					list = append(list, store.DateState{Message: rule, Company: company, Value: int64(i)})
				}
			}
		}
	}
	got := trimDates(list)
	count := map[store.DateState]int{}
	for i, x := range got {
		if i > 0 && compareDates(got[i-1], x) == 0 && got[i-1].Value >= x.Value || i > 0 && compareDates(got[i-1], x) > 0 {
			t.Fatalf("%v stands behind %v", x, got[i-1])
		}
		count[store.DateState{Message: x.Message, Company: x.Company}]++
		if x.Company == "" && x.Value < 10 {
			t.Errorf("%v stays", x)
		}
	}
	for _, rule := range []string{"a", "b", "c"} {
		if n, m := count[store.DateState{Message: rule}], count[store.DateState{Message: rule, Company: "x"}]; n != maxDateMarks || m != (maxDateMarks+10)/2 {
			t.Errorf("%s: %d and %d", rule, n, m)
		}
	}
}

// T6: who is asked often knows what follows as who looks at each event.
func TestFollowLog(t *testing.T) {
	dice := rand.New(rand.NewPCG(2, 2))
	names := []unique.Handle[string]{unique.Make("a"), unique.Make("b")}
	for range 300 {
		var events []store.LoggedEvent
		for i := range dice.IntN(30) {
			e := store.LoggedEvent{Seq: uint64(i), Name: names[dice.IntN(2)], Arrived: 1000 * int64(dice.IntN(10)), Import: dice.IntN(5) == 0}
			for k := range dice.IntN(3) {
				e.Metadata = append(e.Metadata, value.Field{Key: []string{"k", "K", "l"}[(k+dice.IntN(2))%3], Value: value.Number(dice.IntN(3))})
			}
			events = append(events, e)
		}
		many := followLog{events: events, asked: rows.Few}
		for range 20 {
			m := &plan.Message{Wait: &plan.Wait{Within: 4000, Followers: []plan.Follower{{Event: names[dice.IntN(2)], Within: 4000}}}}
			if dice.IntN(2) == 0 {
				m.Wait.Followers = append(m.Wait.Followers, plan.Follower{Event: names[dice.IntN(2)], Within: 1000 * int64(1+dice.IntN(4))})
			}
			h := store.Hold{Absence: true, Order: uint64(dice.IntN(30)), Event: store.LoggedEvent{Arrived: 1000 * int64(dice.IntN(10))}}
			h.Due = h.Event.Arrived + int64(dice.IntN(5000))
			if dice.IntN(2) == 0 {
				m.Wait.Same, h.Keyed = []string{"k", "l"}[dice.IntN(2)], true
				if dice.IntN(4) > 0 {
					h.Same, h.HasSame = sameValue(value.Number(dice.IntN(3))), true
				}
			}
			for _, seq := range []uint64{0, h.Order + 1} {
				few := followLog{events: events}
				if got, want := many.follows(&h, m, &patience{}, seq), few.follows(&h, m, &patience{}, seq); got != want {
					t.Fatalf("%+v after %+v, of %+v: got %v, want %v", m.Wait, h, events, got, want)
				}
			}
		}
	}
}

// F4: numbers are used again from the lowest on, each once.
func TestNumbersOfMany(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 3))
	for range 100 {
		var free []store.FreeSequence
		for m := range 10 {
			for _, n := range dice.Perm(6)[:dice.IntN(6)] {
				free = append(free, store.FreeSequence{Message: fmt.Sprint("m", m), Sequence: uint32(n + 1)})
			}
		}
		d := &Decision{Record: &store.Record{Exists: true, Profile: &store.Profile{FreeSequences: slices.Clone(free)}}, Changes: &store.Changes{}}
		want := slices.Clone(free)
		for range 30 {
			message := fmt.Sprint("m", dice.IntN(12))
			lowest := -1
			for i, f := range want {
				if f.Message == message && (lowest < 0 || f.Sequence < want[lowest].Sequence) {
					lowest = i
				}
			}
			n, released := d.takeNumber(message)
			if released != (lowest >= 0) || released && n != want[lowest].Sequence {
				t.Fatalf("%s of %v: got %d, %v", message, want, n, released)
			}
			if released {
				want = slices.Delete(want, lowest, lowest+1)
			}
		}
		d.putLate()
		if got := d.current().FreeSequences; !slices.Equal(got, want) {
			t.Fatalf("%v are left, want %v", got, want)
		}
	}
}

// F4, K: many sends that are given back at once leave what they leave one by one.
func TestReleaseOfMany(t *testing.T) {
	dice := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		rec := &store.Record{Exists: true, Profile: &store.Profile{}}
		counts := map[rowName]int{}
		for i := range 60 {
			s := store.SendLogEntry{
				ID: fmt.Sprint("d", i), At: int64(dice.IntN(1000)), Message: fmt.Sprint("m", dice.IntN(8)), Company: fmt.Sprint(dice.IntN(2)), Sequence: uint32(i), Date: int64(dice.IntN(3)),
			}
			rec.SendLog = append(rec.SendLog, s)
			counts[rowName{message: s.Message, company: s.Company}]++
			if dice.IntN(2) == 0 {
				rec.Apply(&store.Changes{Pending: []store.Pending{{Delivery: store.Delivery{ID: s.ID, Attempt: 1}}}})
			}
			rec.Profile.Dates = append(rec.Profile.Dates, store.DateState{Message: s.Message, Company: s.Company, Value: s.Date})
		}
		for name, n := range counts {
			rec.SendStats = append(rec.SendStats, store.SendStats{Message: name.message, Company: name.company, Count: uint32(n + dice.IntN(2)), Last: 2000, Prior: 5})
			rec.Profile.Goals = append(rec.Profile.Goals, store.GoalState{Message: name.message, Control: dice.IntN(3) == 0})
		}
		slices.SortFunc(rec.SendStats, store.SendStats.Compare)
		slices.SortFunc(rec.Profile.Goals, compareGoals)
		var one, many store.Changes
		r := newReleasing(rec, &many, rows.Few+1)
		for range 50 {
			id := fmt.Sprint("d", dice.IntN(70))
			if a, b := Release(rec, &one, id, 0), r.take(id); a != b {
				t.Fatalf("%s: %v one by one, %v at once", id, a, b)
			}
		}
		r.end()
		if !slices.Equal(one.SendStats, many.SendStats) || !slices.Equal(one.SendLogDrop, many.SendLogDrop) || !slices.Equal(one.Totals, many.Totals) {
			t.Fatalf("one by one %+v, at once %+v", one, many)
		}
		p, q := one.Profile, many.Profile
		if !slices.Equal(p.FreeSequences, q.FreeSequences) || !slices.Equal(p.Dates, q.Dates) || !slices.Equal(p.Goals, q.Goals) || !slices.Equal(one.PendingDrop, many.PendingDrop) {
			t.Fatalf("one by one %+v, at once %+v", p, q)
		}
		left := rec.Pending.Len() - len(many.PendingDrop)
		rec.Apply(&many)
		for p := range rec.Pending.All() {
			if slices.Contains(many.SendLogDrop, p.Delivery.ID) {
				t.Fatalf("%s is pending, and was given back", p.Delivery.ID)
			}
		}
		if rec.Pending.Len() != left || left == 0 || len(many.PendingDrop) == 0 {
			t.Fatalf("%d are pending, %d left the outbox", rec.Pending.Len(), len(many.PendingDrop))
		}
	}
}

// C2: of many rows on both sides none is lost or doubled, and all stay in order.
func TestMergeOfMany(t *testing.T) {
	record := func(id string, from int) *store.Record {
		p := &store.Profile{Created: 1}
		rec := &store.Record{Key: store.Key{Kind: store.KindUser, ID: id}, Exists: true, Profile: p}
		for i := from; i < from+40; i++ {
			name := fmt.Sprintf("n%03d", i)
			rec.Stats = append(rec.Stats, store.Stats{Name: unique.Make(name), Count: 1, First: int64(i), Last: int64(i)})
			rec.SendStats = append(rec.SendStats, store.SendStats{Message: name, Count: 2, Last: 7})
			rec.SendLog = append(rec.SendLog, store.SendLogEntry{ID: id + name, At: int64(i), Message: name, Sequence: 1})
			rec.Counters = append(rec.Counters, store.Counter{Def: name, Count: 1, First: 3, Last: 3, Times: []int64{3}, Keep: 2})
			p.Attributes = append(p.Attributes, store.NewAttribute(name, value.String(id)))
			p.SeriesStates = append(p.SeriesStates, store.SeriesState{Series: name, Block: id})
			p.Goals = append(p.Goals, store.GoalState{Message: name, Until: int64(from), Sent: int64(from)})
			p.FreeSequences = append(p.FreeSequences, store.FreeSequence{Message: name, Sequence: 3})
			p.Companies, p.Aliases = append(p.Companies, name), append(p.Aliases, store.Key{Kind: store.KindUser, ID: name})
			p.Unsubscribed, p.Matched = append(p.Unsubscribed, name), append(p.Matched, name)
		}
		return rec
	}
	into, from := record("a", 0), record("b", 20)
	from.Profile.Own().MoveWins = true
	var c store.Changes
	m := Merger{Limits: &Limits{}, State: &State{Plan: &plan.Plan{Loc: time.UTC}}, Now: 1, At: 1, Into: into, From: from, Changes: &c}
	m.Merge()
	got := *into
	got.Apply(&c)
	p := got.Profile
	if len(got.Stats) != 60 || len(got.SendStats) != 60 || len(got.SendLog) != 80 || len(got.Counters) != 60 || len(p.Attributes) != 61 ||
		len(p.SeriesStates) != 60 || len(p.Goals) != 60 || len(p.FreeSequences) != 80 || len(p.Companies) != 60 || len(p.Aliases) != 61 || len(p.Unsubscribed) != 60 || len(p.Matched) != 60 {
		t.Fatalf("%d names, %d attributes, %d companies", len(got.Stats), len(p.Attributes), len(p.Companies))
	}
	for i := range 60 {
		name, both := fmt.Sprintf("n%03d", i), i >= 20 && i < 40
		count := 1
		if both {
			count = 2
		}
		if s := got.Stats[i]; s.Name.Value() != name || int(s.Count) != count || s.First != int64(i) {
			t.Errorf("%+v", s)
		}
		if s := got.SendStats[i]; s.Message != name || int(s.Count) != 2*count {
			t.Errorf("%+v", s)
		}
		if k := got.Counters[i]; k.Def != name || int(k.Count) != count || len(k.Times) != count {
			t.Errorf("%+v", k)
		}
		winner := "b"
		if i < 20 {
			winner = "a"
		}
		if a, w := p.Attributes[i], p.SeriesStates[i]; a.Name.Value() != name || a.Value.Text() != winner || w.Series != name || w.Block != winner {
			t.Errorf("%s %v, %+v", a.Name.Value(), a.Value, w)
		}
		if g := p.Goals[i]; g.Message != name || both && (g.Until != 20 || g.Sent != 0) {
			t.Errorf("%+v", g)
		}
	}
	for _, s := range got.SendLog {
		if want := s.ID[0] == 'b' && s.Message < "n040"; want != (s.Sequence == 4) { // two sent, one given back
			t.Errorf("%+v", s)
		}
	}
	if !slices.IsSorted(p.Unsubscribed) || !slices.IsSorted(p.Matched) || p.Companies[0] != "n020" {
		t.Errorf("%v %v %v", p.Unsubscribed, p.Matched, p.Companies)
	}
}
