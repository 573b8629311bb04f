package replay_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/replay"
)

// drawWhole draws a program that also has messages for visits and sweeps, a message that waits,
// one on a segment, and a series.
func drawWhole(t *rapid.T) beckon.Program {
	p := drawProgram(t)
	if rapid.Bool().Draw(t, "holds") {
		p.Messages[0].Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "10:00", To: "11:30"}, {From: "15:00", To: "23:00"}}, Outside: beckon.OutsideHold}
	}
	body := beckon.Content{Body: "x"}
	p.Messages = append(p.Messages,
		beckon.Message{ID: "seen", Status: beckon.Live, Audience: beckon.User("plan").Is("pro"), Frequency: beckon.Every(beckon.Hours(rapid.IntRange(1, 9).Draw(t, "again"))), Content: body},
		beckon.Message{ID: "swept", Status: beckon.Live, Channel: beckon.Email, Audience: beckon.Did("b").AtLeast(1), Content: body},
		beckon.Message{ID: "left", Status: beckon.Live, Trigger: beckon.On("a").Unless("b", beckon.Hours(1), ""), Content: body},
		beckon.Message{ID: "entered", Status: beckon.Live, Trigger: beckon.OnEnter("many"), Content: body},
		beckon.Message{ID: "changed", Status: beckon.Live, Trigger: beckon.OnChange("plan"), Content: body})
	return p
}

// drawSteps draws what happens as steps of a recording, in order of time.
func drawSteps(t *rapid.T) (steps []map[string]any) {
	now, who := monday, rapid.SampledFrom([]string{"u1", "u2", "u3"})
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "minutes")) * time.Minute)
		user := map[string]any{"user_id": who.Draw(t, "who")}
		step := map[string]any{"at": now.Format(time.RFC3339)}
		switch verb := rapid.SampledFrom([]string{"track", "track", "track", "contact", "visit", "sweep", "due", "merge", "unsubscribe", "pause", "resume"}).Draw(t, "verb"); verb {
		case "track":
			user["event_name"] = rapid.SampledFrom([]string{"a", "b", "c", " "}).Draw(t, "name") // one is refused
			user["metadata"] = map[string]any{"n": rapid.IntRange(0, 9).Draw(t, "n")}
			step[verb] = user
		case "contact":
			user["attributes"] = map[string]any{"plan": rapid.SampledFrom([]string{"pro", "free"}).Draw(t, "plan")}
			step[verb] = user
		case "visit":
			step[verb] = user
		case "sweep", "due":
			step[verb] = map[string]any{}
		case "merge":
			step[verb] = map[string]any{"from": map[string]any{"anonymous_id": "v"}, "into": user}
		case "unsubscribe":
			user["from"] = "email"
			step[verb] = user
		default:
			step[verb] = map[string]any{"message": "m0"}
		}
		steps = append(steps, step)
	}
	return steps
}

func linesOf(t *rapid.T, steps []map[string]any) iter.Seq2[replay.Step, error] {
	var b strings.Builder
	for _, s := range steps {
		line, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return replay.Lines(strings.NewReader(b.String()))
}

// do carries a step out as a host would, and reports whether it was refused.
func (l *liver) do(step map[string]any) (refused bool) {
	ctx := context.Background()
	at, _ := time.Parse(time.RFC3339, step["at"].(string))
	l.now = at
	for verb, arg := range step {
		raw, _ := json.Marshal(arg)
		var who beckon.Identity
		_ = json.Unmarshal(raw, &who)
		var res beckon.Result
		var err error
		switch verb {
		case "at":
			continue
		case "track":
			var ev beckon.Event
			if err = json.Unmarshal(raw, &ev); err == nil {
				res, err = l.engine.Track(ctx, ev)
			}
		case "contact":
			var c beckon.Contact
			if err = json.Unmarshal(raw, &c); err == nil {
				res, err = l.engine.Update(ctx, c)
			}
		case "visit":
			res, err = l.engine.Visit(ctx, beckon.Visit{UserID: who.UserID})
		case "sweep":
			for d, err := range l.engine.Sweep(ctx) {
				l.take(beckon.Result{Deliveries: []beckon.Delivery{d}}, err)
			}
		case "due":
			l.due()
		case "merge":
			var arg struct{ From, Into beckon.Identity }
			_ = json.Unmarshal(raw, &arg)
			res, err = l.engine.Merge(ctx, arg.From, arg.Into)
		case "unsubscribe":
			err = l.engine.Unsubscribe(ctx, who, "email")
		case "pause":
			err = l.engine.Pause(ctx, "m0")
		case "resume":
			err = l.engine.Resume(ctx, "m0")
		default:
			l.Fatal(verb)
		}
		if refused = err != nil; !refused {
			l.take(res, nil)
		}
	}
	return refused
}

// A replay decides as an engine that saw the same live, decision by decision.
func TestReplayIsLive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program, steps := drawWhole(t), drawSteps(t)
		l, refused := live(t, program), 0
		for _, s := range steps {
			if l.do(s) {
				refused++
			}
		}
		var list []decided
		report, err := replay.Run(context.Background(), program, linesOf(t, steps), replay.OnOutcome(func(out *replay.Outcome) {
			list = append(list, decisions(out.At, out.Deliveries, out.Held)...)
		}))
		if err != nil || report.Steps != len(steps) || report.Refused != refused {
			t.Fatalf("%d of %d refused, want %d of %d; %v", report.Refused, report.Steps, refused, len(steps), err)
		}
		if diff := gocmp.Diff(sortDecided(l.list), sortDecided(list)); diff != "" {
			t.Errorf("live (-) and replayed (+):\n%s", diff)
		}
		if diff := gocmp.Diff(summed(list), report.Summary); diff != "" {
			t.Errorf("decisions (-) and summary (+):\n%s", diff)
		}
	})
}

// summed counts decisions, as plainly as can be.
func summed(list []decided) replay.Summary {
	s := replay.Summary{Sent: map[string]int64{}, Held: map[string]map[beckon.Reason]int64{}, Days: map[string]map[string]int64{}}
	contacts := map[string]bool{}
	for _, d := range list {
		if d.Reason != "" {
			if s.Held[d.Message] == nil {
				s.Held[d.Message] = map[beckon.Reason]int64{}
			}
			s.Held[d.Message][d.Reason]++
			continue
		}
		s.Sent[d.Message]++
		contacts[d.Contact] = true
		day := time.UnixMilli(d.At).UTC().Format(time.DateOnly)
		if s.Days[day] == nil {
			s.Days[day] = map[string]int64{}
		}
		s.Days[day][d.Message]++
	}
	s.Contacts = len(contacts)
	return s
}

// What two programs differ in is what two runs of their own differ in; a program does not
// differ from itself.
func TestDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second, steps := drawWhole(t), drawWhole(t), drawSteps(t)
		runs := [2]map[string]int{}
		for i, program := range []beckon.Program{first, second} {
			runs[i] = map[string]int{}
			_, err := replay.Run(context.Background(), program, linesOf(t, steps), replay.OnOutcome(func(out *replay.Outcome) {
				for _, d := range out.Deliveries {
					runs[i][fmt.Sprint(d.At.UnixMilli(), " ", cmp.Or(d.Contact.UserID, d.Contact.AnonymousID), " ", d.Message)]++
				}
			}))
			if err != nil {
				t.Fatal(err)
			}
		}
		want := replay.Difference{Added: map[string]int64{}, Removed: map[string]int64{}}
		all, contacts := maps.Clone(runs[0]), [2]map[string]bool{{}, {}}
		maps.Copy(all, runs[1])
		either := map[string]bool{}
		for send := range all {
			parts := strings.Fields(send)
			n := runs[1][send] - runs[0][send]
			switch {
			case n > 0:
				want.Added[parts[2]] += int64(n)
				contacts[0][parts[1]] = true
			case n < 0:
				want.Removed[parts[2]] -= int64(n)
				contacts[1][parts[1]] = true
			default:
				continue
			}
			either[parts[1]] = true
		}
		want.AddedContacts, want.RemovedContacts, want.Contacts = len(contacts[0]), len(contacts[1]), len(either)
		report, err := replay.Run(context.Background(), first, linesOf(t, steps), replay.Against(second))
		if err != nil {
			t.Fatal(err)
		}
		got := *report.Difference
		shown := map[[2]string]int64{}
		for _, x := range got.Examples {
			shown[[2]string{x.Message, string(x.Change)}]++
			n := runs[0][fmt.Sprint(x.At.UnixMilli(), " ", x.Contact, " ", x.Message)] - runs[1][fmt.Sprint(x.At.UnixMilli(), " ", x.Contact, " ", x.Message)]
			if x.Change == replay.Added && n >= 0 || x.Change == replay.Removed && n <= 0 {
				t.Errorf("an example of nothing: %+v", x)
			}
		}
		for change, counts := range map[replay.Change]map[string]int64{replay.Added: got.Added, replay.Removed: got.Removed} {
			for m, n := range counts {
				if shown[[2]string{m, string(change)}] != min(n, replay.MaxExamples) {
					t.Errorf("%d examples of %s %s, of %d", shown[[2]string{m, string(change)}], change, m, n)
				}
			}
		}
		got.Examples = nil
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("two runs (-) and one of both (+):\n%s", diff)
		}
		same, err := replay.Run(context.Background(), first, linesOf(t, steps), replay.Against(first))
		if d := same.Difference; err != nil || len(d.Added)+len(d.Removed)+d.Contacts+len(d.Examples) > 0 || gocmp.Diff(same.Summary, *same.Other) != "" {
			t.Errorf("against itself: %+v, %v", d, err)
		}
	})
}
