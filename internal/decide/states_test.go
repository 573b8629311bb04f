package decide

import (
	"maps"
	"strconv"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/internal/plan"
)

// D7, E10, X4: what many calls change becomes one state when somebody next decides, and that
// has all of it. A state that was loaded before never changes.
func TestStatesAreMadeWhenAsked(t *testing.T) {
	archived := func(names ...string) map[unique.Handle[string]]bool {
		out := map[unique.Handle[string]]bool{}
		for _, name := range names {
			out[unique.Make(name)] = true
		}
		return out
	}
	p := &plan.Plan{}
	for i := range 3 {
		p.Messages = append(p.Messages, &plan.Message{ID: "m" + strconv.Itoa(i), Place: i, Status: plan.Live, LiveAt: 1})
	}
	before := &State{
		Plan: p, Live: make([]Liveness, len(p.Messages)), Since: make([]int64, len(p.Messages)),
		Archived: archived("old", "kept"), Series: map[string]plan.Status{"a": plan.Paused},
	}
	for _, m := range p.Messages {
		before.SetLive(m, MessageState{})
	}
	var states States
	states.Set(before)

	pause := func(i int, status plan.Status) {
		states.Note(func(n *Noted) { n.Message(p.Messages[i], MessageState{Status: status}) })
	}
	pause(0, plan.Paused)
	pause(1, plan.Paused)
	pause(1, "")
	pause(2, plan.Stopped)
	states.Note(func(n *Noted) { n.SeriesStatus("b", plan.Stopped) })
	states.Note(func(n *Noted) { n.Archive("old", false) })
	states.Note(func(n *Noted) { n.Archive("new", true) })
	if states.current.Load() != nil || states.Plan() != p {
		t.Error("a state was made, though nobody decides")
	}
	after := states.Load()
	for i, want := range []plan.Status{plan.Paused, plan.Live, plan.Stopped} {
		if got, _ := after.Live[i].Status(); got != want {
			t.Errorf("message %d is %s, want %s", i, got, want)
		}
		if was, _ := before.Live[i].Status(); was != plan.Live {
			t.Errorf("message %d was %s before", i, was)
		}
	}
	if want := map[string]plan.Status{"a": plan.Paused, "b": plan.Stopped}; !maps.Equal(after.Series, want) || len(before.Series) != 1 {
		t.Errorf("series %v, before %v", after.Series, before.Series)
	}
	if !maps.Equal(after.Archived, archived("kept", "new")) || !maps.Equal(before.Archived, archived("old", "kept")) {
		t.Errorf("archived %v, before %v", after.Archived, before.Archived)
	}
	if states.Load() != after {
		t.Error("a state was made twice, though nothing was noted")
	}
	pause(0, "")
	states.Set(before)
	if states.Load() != before {
		t.Error("what was noted before outlives a publication")
	}
}
