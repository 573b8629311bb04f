package beckon_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
)

// X3: a walk that goes round so often that one occasion does not take it all the way
// stays due, and the next Due goes on where it left off.
func TestLongRoundStaysDue(t *testing.T) {
	f := newFleet(t)
	stop := beckon.User("stop").Is(true)
	program := walkProgram(
		beckon.Block{ID: "second", Wait: beckon.Seconds(1), Next: "asks"},
		beckon.Block{ID: "asks", Rule: &stop, Within: beckon.Seconds(1), Yes: "m", No: "second"},
		says("m", ""),
	)
	w := f.process(&program)
	w.track(beckon.Event{Name: "go", UserID: "u"})
	f.clock.add(3 * time.Hour)
	for range 5 {
		w.due()
	}
	if at := w.walks("u")[0].Since; f.clock.now().Sub(at) > time.Second {
		t.Errorf("after five Dues the walk is at %v", at)
	}
	if _, err := w.Update(t.Context(), beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"stop": beckon.Bool(true)}}); err != nil {
		t.Fatal(err)
	}
	f.clock.add(time.Second)
	if w.due(); !w.walks("u")[0].Done {
		t.Errorf("it has not left the round: %+v", w.walks("u"))
	}
}

// X3: what fell due before an exit rule came true happens first, with the state as of
// then, so that a late Due, or another occasion that comes instead, leaves the outcome
// of one on time.
func TestExitDoesNotOutrunWhatWasDue(t *testing.T) {
	hour := beckon.Block{ID: "hour", Wait: beckon.Hours(1), Next: "m"}
	type step struct {
		at time.Duration
		do func(*outboxWorld) beckon.Result
	}
	tracks := func(name string) func(*outboxWorld) beckon.Result {
		return func(w *outboxWorld) beckon.Result { return w.track(beckon.Event{Name: name, UserID: "u"}) }
	}
	updates := func(plan string) func(*outboxWorld) beckon.Result {
		return func(w *outboxWorld) beckon.Result {
			res, err := w.Update(w.t.Context(), beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String(plan)}})
			w.must(err)
			return res
		}
	}
	bye := beckon.Did("bye").AtLeast(1)
	free := says("m", "")
	free.Message.Audience = beckon.Not(beckon.User("plan").Is("pro"))
	never := beckon.Did("never").AtLeast(1)
	notYet := beckon.Did("bye").Is(0)
	for _, c := range []struct {
		name   string
		exit   beckon.Rule
		blocks []beckon.Block
		steps  []step
		want   []string
	}{
		{"an event that comes later", bye, []beckon.Block{hour, says("m", "")}, []step{{3 * time.Hour, tracks("bye")}}, []string{"m"}},
		{"an event in the second in which it was due", bye, []beckon.Block{hour, says("m", "")}, []step{{time.Hour, tracks("bye")}}, []string{"m"}},
		{"an event before", bye, []beckon.Block{hour, says("m", "")}, []step{{time.Hour - time.Second, tracks("bye")}}, nil},
		{"an update, and an audience that it ends", beckon.User("plan").Is("pro"), []beckon.Block{hour, free}, []step{{3 * time.Hour, updates("pro")}}, []string{"m"}},
		{"time, after", beckon.Did("go").Last().MoreThanAgo(beckon.Hours(2)), []beckon.Block{hour, says("m", "")}, []step{{3 * time.Hour, nil}}, []string{"m"}},
		{"time, before", beckon.Did("go").Last().MoreThanAgo(beckon.Minutes(30)), []beckon.Block{hour, says("m", "")}, []step{{3 * time.Hour, nil}}, nil},
		{"time, between two", beckon.Did("go").Last().MoreThanAgo(beckon.Minutes(90)), []beckon.Block{
			hour,
			{ID: "m", Update: &beckon.Update{Attributes: beckon.Attributes{"a": beckon.Bool(true)}}, Next: "again"},
			{ID: "again", Wait: beckon.Hours(1), Next: "late"},
			says("late", ""),
		}, []step{{3 * time.Hour, nil}}, nil},
		{"what the walk sets, at the next that it comes to", beckon.User("a").Is(true), []beckon.Block{
			hour, {ID: "m", Update: &beckon.Update{Attributes: beckon.Attributes{"a": beckon.Bool(true)}}, Next: "at once"}, says("at once", ""),
		}, []step{{3 * time.Hour, nil}}, []string{"at once"}},
		{"a rule whose time is up", bye, []beckon.Block{
			{ID: "hour", Rule: &never, Within: beckon.Hours(1), Yes: "yes", No: "no"}, says("yes", ""), says("no", ""),
		}, []step{{3 * time.Hour, tracks("bye")}}, []string{"no"}},
		{"a rule behind a late message", bye, []beckon.Block{
			hour, says("m", "asks"), {ID: "asks", Rule: &notYet, Yes: "then"}, says("then", ""),
		}, []step{{3 * time.Hour, tracks("bye")}}, []string{"m", "then"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			program := walkProgram(c.blocks...)
			program.Series[0].Exit = c.exit
			for _, onTime := range []bool{true, false} {
				f := newFleet(t)
				w := f.process(&program)
				w.track(beckon.Event{Name: "go", UserID: "u"})
				sent := []string{}
				due := func() {
					some, _ := w.due()
					sent = append(sent, some...)
				}
				for _, s := range c.steps {
					for at := f.clock.now(); onTime && at.Before(noon.Add(s.at)); at = at.Add(10 * time.Minute) {
						f.clock.set(at)
						due()
					}
					f.clock.set(noon.Add(s.at))
					if onTime {
						due()
					}
					if s.do == nil {
						due()
						continue
					}
					for _, d := range s.do(w).Deliveries {
						sent = append(sent, d.Message)
					}
				}
				f.clock.add(24 * time.Hour)
				due()
				if fmt.Sprint(sent) != fmt.Sprint(c.want) && len(sent)+len(c.want) > 0 {
					t.Errorf("on time: %t; sent %v, want %v", onTime, sent, c.want)
				}
			}
		})
	}
}

// X3: a walk that was over before the event that begins one leaves room for it, however
// late that shows.
func TestEntryAfterAWalkThatWasOver(t *testing.T) {
	program := walkProgram(beckon.Block{ID: "hour", Wait: beckon.Hours(1), Next: "m"}, says("m", ""))
	program.Series[0].Reenter = true
	for _, onTime := range []bool{true, false} {
		f := newFleet(t)
		w := f.process(&program)
		w.track(beckon.Event{Name: "go", UserID: "u"})
		f.clock.add(time.Hour)
		n := 0
		if onTime {
			sent, _ := w.due()
			n += len(sent)
		}
		n += len(w.track(beckon.Event{Name: "go", UserID: "u"}).Deliveries)
		f.clock.add(time.Hour)
		sent, _ := w.due()
		if n += len(sent); n != 2 {
			t.Errorf("on time: %t; %d sent", onTime, n)
		}
	}
}

// walkTotals counts where the walks of a series stand (X4).
func walkTotals(s walkSeries, people []*walkPerson) beckon.SeriesTotals {
	t := beckon.SeriesTotals{Blocks: map[string]int64{}, Status: beckon.Live}
	for i, p := range people {
		if p == nil || slices.Contains(people[:i], p) {
			continue
		}
		w, walked := p.walks[s.id]
		if !walked {
			continue
		}
		t.Entered, t.Exited, t.Finished = t.Entered+int64(w.entries), t.Exited+int64(w.exits), t.Finished+int64(w.entries-w.exits)
		if w.block >= 0 {
			t.Blocks[fmt.Sprint("b", w.block)]++
			t.Finished--
		}
	}
	return t
}

// X1, X3, X4, C2: what series send, on whatever occasion, and however late, is what
// the model says; merges too, whichever call of the store fails in them.
func TestWalkModel(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	people := []beckon.Identity{{UserID: "u1"}, {AnonymousID: "a"}, {Email: "e@example.com"}}
	checkOften(t, func(t *rapid.T) {
		var list []walkSeries
		var program beckon.Program
		program.Topics = []beckon.Topic{{ID: "news"}}
		program.QuietHours = []beckon.QuietHours{{Timezone: "UTC", Windows: []beckon.Window{{From: "12:01", To: "12:02"}}}}
		for i := range rapid.IntRange(1, 2).Draw(t, "series") {
			s, out := drawWalkSeries(t, fmt.Sprint("s", i))
			list, program.Series = append(list, s), append(program.Series, out)
		}
		store, clock := newFaultStore(), &hand{}
		clock.set(noon)
		engine, err := beckon.New(store, beckon.WithClock(clock.now), beckon.WithOutbox())
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, program); err != nil {
			t.Fatal(err)
		}
		var person [3]*walkPerson
		var sent []string // by the model
		took := map[string]bool{}
		var got []string
		take := func(list []beckon.Delivery, err error) {
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range list {
				if !took[d.ID] {
					took[d.ID] = true
					got = append(got, d.Message)
				}
			}
		}
		agree := func(what string) {
			slices.Sort(sent)
			slices.Sort(got)
			if !slices.Equal(sent, got) {
				t.Fatalf("%s at %s: sent %v, want %v", what, clock.now().Sub(noon), got, sent)
			}
			for _, s := range list {
				totals, err := engine.SeriesTotals(ctx, s.id)
				want := walkTotals(s, person[:])
				stand := totals.Entered - totals.Finished - totals.Exited
				for _, n := range totals.Blocks {
					stand -= n
				}
				if stand != 0 {
					t.Fatalf("%s: totals of %s do not add up: %+v", what, s.id, totals)
				}
				// A walk that has itself made its exit rule true stands until the contact's next
				// occasion, which a Due is not, or a merge that ends it.
				if exits := s.exit != nil && s.exit.name == "set-"+s.id; what != "the end" || exits {
					totals, want = beckon.SeriesTotals{Entered: totals.Entered}, beckon.SeriesTotals{Entered: want.Entered}
				}
				if err != nil || !reflect.DeepEqual(totals, want) {
					t.Fatalf("%s at %s: totals of %s %+v, want %+v, %v", what, clock.now().Sub(noon), s.id, totals, want, err)
				}
			}
		}
		at := func(i int) *walkPerson {
			if person[i] == nil {
				person[i] = newWalkPerson()
			}
			return person[i]
		}
		due := func() {
			for d, err := range engine.Due(ctx) {
				take([]beckon.Delivery{d}, err)
			}
			for i, p := range person {
				if p != nil && !slices.Contains(person[:i], p) {
					sent = append(sent, p.occasion(list, p.now.clone(), clock.now().Unix(), "", false)...)
				}
			}
		}
		for range rapid.IntRange(1, 25).Draw(t, "ops") {
			i := rapid.IntRange(0, len(people)-1).Draw(t, "who")
			who, now := people[i], clock.now().Unix()
			op := rapid.SampledFrom([]string{"track", "track", "visit", "update", "update", "choose", "due", "sweep", "merge", "time", "time"}).Draw(t, "op")
			switch op {
			case "track":
				name, imported := rapid.SampledFrom([]string{"go", "go", "e", "x"}).Draw(t, "name"), rapid.IntRange(0, 3).Draw(t, "import") == 0
				res, err := engine.Track(ctx, beckon.Event{Name: name, UserID: who.UserID, Email: who.Email, AnonymousID: who.AnonymousID, Import: imported})
				take(res.Deliveries, err)
				p := at(i)
				before := p.now.clone()
				p.now.events = append(p.now.events, walkEvent{name, now})
				if imported {
					name = ""
				}
				sent = append(sent, p.occasion(list, before, now, name, false)...)
			case "visit":
				res, err := engine.Visit(ctx, beckon.Visit{UserID: who.UserID, Email: who.Email, AnonymousID: who.AnonymousID})
				take(res.Deliveries, err)
				p := at(i)
				sent = append(sent, p.occasion(list, p.now.clone(), now, "", false)...)
			case "update":
				a := fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "a"))
				ends := now + int64(rapid.IntRange(-2, 20).Draw(t, "ends"))
				res, err := engine.Update(ctx, beckon.Contact{UserID: who.UserID, Email: who.Email, AnonymousID: who.AnonymousID, Attributes: beckon.Attributes{"a": beckon.String(a), "ends": beckon.Number(ends)}})
				take(res.Deliveries, err)
				p := at(i)
				before := p.now.clone()
				p.now.attributes["a"], p.now.ends = a, ends
				sent = append(sent, p.occasion(list, before, now, "", false)...)
			case "choose":
				news := rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "news")
				wanted := news == "yes"
				res, err := engine.Update(ctx, beckon.Contact{UserID: who.UserID, Email: who.Email, AnonymousID: who.AnonymousID, Topics: map[string]*bool{"news": &wanted}})
				take(res.Deliveries, err)
				p := at(i)
				p.news = news
				sent = append(sent, p.occasion(list, p.now.clone(), now, "", false)...)
			case "due":
				due()
			case "sweep":
				for d, err := range engine.Sweep(ctx) {
					take([]beckon.Delivery{d}, err)
				}
				if person[i] != nil {
					res, err := engine.Check(ctx, who)
					if err == nil {
						take(res.Deliveries, nil)
					}
				}
			case "time":
				clock.add(time.Duration(rapid.IntRange(0, 15).Draw(t, "seconds")) * time.Second)
			case "merge":
				into := rapid.IntRange(0, len(people)-1).Draw(t, "into")
				if person[i] != nil && person[i] != person[into] {
					person[i].merge(at(into), list, now, func(joined *walkPerson) {
						from, to := person[i], person[into]
						for k := range person {
							if person[k] == from || person[k] == to {
								person[k] = joined
							}
						}
						sent = append(sent, joined.occasion(list, joined.now.clone(), now, "", false)...)
					})
				}
				failed := false
				if rapid.Bool().Draw(t, "fails") {
					store.arm(rapid.IntRange(1, 10).Draw(t, "call"), rapid.SampledFrom([]fault{failBefore, failAfter, failFromHere, failPastHere}).Draw(t, "how"))
					res, err := engine.Merge(ctx, who, people[into])
					store.heal()
					if failed = err != nil; !failed {
						take(res.Deliveries, nil)
					}
				}
				res, err := engine.Merge(ctx, who, people[into])
				take(res.Deliveries, err)
				if failed { // what was decided and not returned is in the outbox
					for d, err := range engine.Outbox(ctx) {
						take([]beckon.Delivery{d}, err)
					}
				}
			}
			agree(op)
		}
		clock.add(40 * time.Second)
		due()
		agree("the last Due")
		for i, p := range person {
			if p != nil && !slices.Contains(person[:i], p) {
				res, err := engine.Visit(ctx, beckon.Visit{UserID: people[i].UserID, Email: people[i].Email, AnonymousID: people[i].AnonymousID})
				take(res.Deliveries, err)
				sent = append(sent, p.occasion(list, p.now.clone(), clock.now().Unix(), "", false)...)
			}
		}
		agree("the end")
	})
}
