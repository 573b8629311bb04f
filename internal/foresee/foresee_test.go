package foresee_test

import (
	"encoding/json"
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/explain"
)

var cases = flag.Int("cases", 400, "how many decisions of a message TestExplainAgrees explains")

var firstSeed = flag.Uint64("seed", 1, "the first seed of TestExplainAgrees")

// Z2: what Explain says of a moment is what is decided when it comes; and each message that is
// held is sent at the instant that Explain names, and not a millisecond earlier.
func TestExplainAgrees(t *testing.T) {
	n, named, never, unknown, refused := 0, 0, 0, 0, 0
	composed := map[beckon.Reason]int{}
	for seed := *firstSeed; n < *cases && !t.Failed(); seed++ {
		w := newWorld(t, seed)
		for range 12 {
			w.now = w.now.Add(pick(w.r, 0, time.Second, 61*time.Second, 10*time.Minute, time.Hour, 5*time.Hour, 1234567*time.Millisecond))
			m := w.moment()
			w.log = append(w.log, w.now.Format(time.RFC3339Nano)+" "+m.name)
			traces, err := w.engine.Explain(t.Context(), m.asked)
			if err != nil {
				if _, really := m.do(t.Context(), w.engine); really == nil || really.Error() != err.Error() {
					t.Fatalf("seed %d, %s: explained %v, decided %v", seed, m.name, err, really)
				}
				refused++
				continue
			}
			var before *fork
			for i := range traces {
				x := &traces[i]
				if x.Message == "" {
					continue
				}
				n++
				if strings.HasPrefix(m.name, "send to") {
					composed[x.Reason]++
				}
				if before == nil {
					before = w.fork()
				}
				if x.Unsure {
					unknown++
					t.Logf("seed %d, %s, %s: %s", seed, m.name, x.Message, x.Never)
				}
				if x.SendsAt.IsZero() {
					never++
				} else if !x.Sent {
					named++
				}
				w.sendsWhenItSays(m, x)
			}
			var own []beckon.MessageTrace
			got, err := m.do(beckon.WithTraces(t.Context(), &own), w.engine)
			if err != nil {
				t.Fatalf("seed %d, %s: %v", seed, m.name, err)
			}
			w.agrees(m, traces, got)
			w.sameAsOwn(m, traces, own)
			if t.Failed() {
				text, _ := json.MarshalIndent(w.program, "", " ")
				t.Logf("seed %d:\n%s\n%s", seed, strings.Join(w.log, "\n"), text)
				return
			}
		}
	}
	if *cases >= 400 && (named < n/20 || never < n/20) {
		t.Errorf("of %d cases %d are sent later and %d never: the test tests little", n, named, never)
	}
	if *cases >= 400 && (refused == 0 || composed[""] == 0 || len(composed) < 4) {
		t.Errorf("%d are refused, and of composed messages there are %v: the test tests little", refused, composed)
	}
	if unknown > n/1000 {
		t.Errorf("of %d cases %d are not known", n, unknown)
	}
	t.Logf("%d cases, %d sent later, %d never, %d of them not known, %d refused, composed %v", n, named, never, unknown, refused, composed)
}

// agrees compares traces with what was decided.
func (w *world) agrees(m moment, traces []beckon.MessageTrace, got made) {
	var want made
	for i := range traces {
		x := &traces[i]
		switch {
		case x.Message == "":
		case x.Sent:
			want.sent = append(want.sent, sentAs(x.Message, x.CompanyID, x.Body))
		case m.name == "due" && x.Waits != nil && !x.Waits.Due, x.Reason == "": // it waits on, or was cancelled
		default:
			want.held = append(want.held, heldAs(x.Message, x.Reason, x.RetryAt, x.Cap))
		}
	}
	for _, list := range []*[]string{&want.sent, &want.held, &got.sent, &got.held} {
		slices.Sort(*list)
	}
	if !slices.Equal(want.sent, got.sent) || !slices.Equal(want.held, got.held) {
		w.t.Errorf("seed %d, %s at %s:\nexplained %q held %q\ndecided   %q held %q", w.seed, m.name, w.now.Format(time.RFC3339Nano), want.sent, want.held, got.sent, got.held)
	}
}

// sameAsOwn compares traces with those of the very decision.
func (w *world) sameAsOwn(m moment, traces, own []beckon.MessageTrace) {
	switch m.asked.(type) {
	case beckon.Event, beckon.Visit, beckon.Contact:
	default:
		if !strings.HasPrefix(m.name, "send to") {
			return
		}
	}
	plain := func(list []beckon.MessageTrace) string {
		list = slices.DeleteFunc(append([]beckon.MessageTrace{}, list...), func(x beckon.MessageTrace) bool { return x.Message == "" })
		for i := range list {
			list[i].SendsAt, list[i].DueBefore, list[i].SendsBy, list[i].Never, list[i].Unsure, list[i].Waits = time.Time{}, time.Time{}, "", "", false, nil
		}
		text, err := json.Marshal(list)
		if err != nil {
			w.t.Fatal(err)
		}
		return string(text)
	}
	if want, got := plain(traces), plain(own); want != got {
		w.t.Errorf("seed %d, %s at %s:\nexplained %s\nits own   %s", w.seed, m.name, w.now.Format(time.RFC3339Nano), want, got)
	}
}

// sendsWhenItSays checks the instant of one trace, in copies of the world.
func (w *world) sendsWhenItSays(m moment, x *beckon.MessageTrace) {
	t := w.t
	say := func(format string, args ...any) {
		text, _ := json.MarshalIndent(x, "", " ")
		t.Errorf("seed %d, %s at %s, %s: "+format+"\n%s", append(append([]any{w.seed, m.name, w.now.Format(time.RFC3339Nano), x.Message}, args...), text)...)
	}
	at := func(instant time.Time) made {
		f := w.fork()
		f.now = instant
		got, err := m.do(t.Context(), f.engine)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	sends := func(got made) bool {
		return slices.ContainsFunc(got.sent, func(s string) bool { return strings.HasPrefix(s, sentAs(x.Message, x.CompanyID, "")) })
	}
	switch {
	case x.Sent:
		if !x.SendsAt.Equal(w.now) || x.SendsBy != x.Occasion {
			say("it is sent, and could be at %s", x.SendsAt)
		}
	case x.SendsBy == explain.OnDue:
		sent, earlier := w.dueOnTime(m, x)
		if !sent || earlier {
			say("by Due at %s it is sent: %v; before: %v", x.SendsAt.Format(time.RFC3339Nano), sent, earlier)
		}
	case !x.SendsAt.IsZero():
		if due := w.fork().nextDue(); !x.DueBefore.Equal(later(due, w.now, x.SendsAt)) {
			say("something is due at %s", due)
		}
		if got := at(x.SendsAt); !sends(got) {
			say("at %s it is not sent: %q", x.SendsAt.Format(time.RFC3339Nano), got.held)
		}
		if got := at(x.SendsAt.Add(-time.Millisecond)); sends(got) {
			say("it is sent before %s", x.SendsAt.Format(time.RFC3339Nano))
		}
		if x.SendsAt.After(w.now) {
			if between := w.now.Add(time.Duration(w.r.Int64N(int64(x.SendsAt.Sub(w.now))))).Truncate(time.Millisecond); sends(at(between)) {
				say("it is sent at %s already", between.Format(time.RFC3339Nano))
			}
		}
	case x.Never == "":
		say("there is neither an instant, nor why there is none")
	case x.Unsure:
	case x.Series == "" && x.Waits == nil && m.name != "due":
		for range 2 {
			if later := w.now.Add(time.Duration(w.r.Int64N(int64(20 * 24 * time.Hour)))).Truncate(time.Millisecond); sends(at(later)) {
				say("it never is, and is sent at %s", later.Format(time.RFC3339Nano))
			}
		}
	}
}

// later returns an instant, or another that is later; zero if the first is zero or not before
// an end.
func later(at, from, end time.Time) time.Time {
	switch {
	case at.IsZero() || !at.Before(end):
		return time.Time{}
	case at.Before(from):
		return from
	}
	return at
}

// dueOnTime makes the moment, runs Due whenever something is due, and says whether that sends
// the message at its instant, and whether it did before.
func (w *world) dueOnTime(m moment, x *beckon.MessageTrace) (sent, earlier bool) {
	f, text := w.fork(), sentAs(x.Message, x.CompanyID, x.Body)
	if m.name != "due" {
		if _, err := m.do(w.t.Context(), f.engine); err != nil {
			w.t.Fatal(err)
		}
	}
	// Where several wait that say the same, it cannot be seen which of them was sent.
	alike := w.repeats(x.Message)
	run := func(at time.Time) bool {
		f.now = at
		var got made
		got, err := got.take(f.engine.Due(w.t.Context()))
		if err != nil {
			w.t.Fatal(err)
		}
		return got.has(text)
	}
	again := 0
	for range 20_000 {
		due := f.nextDue()
		if due.IsZero() || !due.Before(x.SendsAt) {
			break
		}
		if due.Before(f.now) {
			due = f.now
		}
		if again++; !due.Equal(f.now) {
			again = 0
		} else if again > 3 { // it waits for its second to be over, until when others may be due
			due, again = due.Add(time.Millisecond), 3
		}
		if !due.Before(x.SendsAt) {
			break
		}
		earlier = run(due) || earlier
	}
	if before := x.SendsAt.Add(-time.Millisecond); before.After(w.now) {
		earlier = run(before) || earlier
	}
	return run(x.SendsAt), earlier && !alike
}
