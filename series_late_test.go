package beckon_test

import (
	"fmt"
	"testing"
	"time"

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
