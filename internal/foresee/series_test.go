package foresee_test

import (
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/explain"
)

// walks returns where the contact stands in each series.
func (f *foreseen) walks() map[string]explain.Walk {
	f.t.Helper()
	list, err := f.engine.ExplainSeries(f.t.Context(), who)
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]explain.Walk{}
	for _, w := range list {
		out[w.Series] = w
	}
	return out
}

// X4: what is left of the entries that are allowed, also if a later program allows fewer, and
// from when on a walk may begin again, that instant included.
func TestEntriesLeft(t *testing.T) {
	series := func(rest string) string {
		return `{"series":[{"id":"s","status":"live","reenter":true,` + rest + `,"entry":{"trigger":{"event":"go"}},"blocks":[{"id":"end","exit":true}]}]}`
	}
	f := newForeseen(t, series(`"max_entries":2`))
	for left := 2; left > 0; left-- {
		f.track("go")
		w := f.walks()["s"]
		if w.Entry == nil || w.Entry.Left != left-1 || w.Entry.Spent != (left == 1) {
			t.Fatalf("%+v", w.Entry)
		}
	}
	if e := f.walks()["s"].Entry; e.Why != "it has been entered 2 times, which is the most" {
		t.Error(e.Why)
	}
	publish := func(text string) {
		t.Helper()
		p, err := beckon.ParseProgram([]byte(text))
		if err == nil {
			err = f.engine.Publish(t.Context(), p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	publish(series(`"max_entries":1`))
	if e := f.walks()["s"].Entry; e.Left != 0 || !e.Spent {
		t.Errorf("of fewer: %+v", e)
	}
	publish(series(`"reenter_after":"1d"`))
	again := f.now.Add(24 * time.Hour)
	for at, waits := range map[time.Time]bool{again.Add(-time.Millisecond): true, again: false} {
		f.now = at
		if e := f.walks()["s"].Entry; strings.HasPrefix(e.Why, "it may be entered again from") != waits || !e.From.Equal(again) {
			t.Errorf("%s: %+v", at, e)
		}
	}
}

// X1: what a walk next sends is its own, whatever other walks send before; a rule that counts since
// the entry does so from the entry on.
func TestNextOfEachWalk(t *testing.T) {
	walk := func(id, wait string) string {
		return `{"id":"` + id + `","status":"live","entry":{"trigger":{"event":"go"}},"blocks":[{"id":"w","wait":"` + wait + `","next":"m"},{"id":"m","message":{"id":"` + id + `-mail","channel":"email","status":"live","content":{"subject":"s","body":"x"}}}]}`
	}
	f := newForeseen(t, `{"series":[`+walk("slow", "2h")+`,`+walk("fast", "1h")+`,
		{"id":"counts","status":"live","entry":{"trigger":{"event":"go"}},"blocks":[{"id":"r","rule":{"event":"did","stat":"count","op":"at_least","value":2,"since":"entry"},"within":"3d"}]}]}`)
	f.track("did")
	f.now = f.now.Add(time.Minute)
	start := f.now
	f.track("go")
	f.now = start.Add(time.Minute)
	f.track("did")
	f.now = start.Add(2 * time.Minute)
	list := f.walks()
	for series, after := range map[string]time.Duration{"slow": 2 * time.Hour, "fast": time.Hour} {
		if w := list[series]; w.NextMessage != series+"-mail" || !w.NextAt.Equal(start.Add(after)) {
			t.Errorf("%s sends %q at %s", series, w.NextMessage, w.NextAt)
		}
	}
	if w := list["counts"]; w.Rule == nil || !strings.Contains(w.Rule.Value, "1") || w.Rule.Matched || w.NextMessage != "" {
		t.Errorf("%+v", w.Rule)
	}
}

// What goes live later is sent from then on; what is due at the very instant is not due before it.
func TestEdgesOfInstants(t *testing.T) {
	f := newForeseen(t, program(
		message("later", `"trigger":{"event":"b"},"live_at":"2026-03-02T15:00:00Z"`),
		message("a", `"trigger":{"event":"a"},"schedule":{"windows":[{"from":"12:00","to":"13:00"}],"outside":"hold"}`),
		message("b", `"trigger":{"event":"b"},"frequency":{"every":"3h"}`),
		message("birthday", `"mode":"triggered","trigger":{"date":"born"}`),
		message("quiet", `"trigger":{"event":"b"},"schedule":{"stop":"2026-03-02T08:00:00Z","windows":[{"from":"07:00","to":"08:00"}]}`),
	))
	f.update(beckon.Contact{Attributes: beckon.Attributes{"born": beckon.String("2020-01-01")}})
	f.track("b")
	f.track("a")
	b := beckon.Event{Name: "b", UserID: who.UserID}
	list := f.says(b)
	if x := list["later"]; !x.SendsAt.Equal(f.now.Add(6*time.Hour)) || x.Reason != beckon.ReasonNotLive || x.SendsBy != explain.OnEvent || !x.DueBefore.Equal(f.now.Add(3*time.Hour)) {
		t.Errorf("later: at %s by %s, due before %s", x.SendsAt, x.SendsBy, x.DueBefore)
	}
	if x := list["b"]; !x.SendsAt.Equal(f.now.Add(3*time.Hour)) || !x.DueBefore.IsZero() {
		t.Errorf("b: at %s, due before %s", x.SendsAt, x.DueBefore)
	}
	if x := list["quiet"]; x.Never != "its schedule does not open any more" {
		t.Errorf("what has stopped: %q", x.Never)
	}
	if x := f.says(beckon.Visit{UserID: who.UserID})["birthday"]; x.Reason != beckon.ReasonFilter || x.Never != "no day to come is one for its date" {
		t.Errorf("a date that is over: %s, %q", x.Reason, x.Never)
	}
}

// S3: quiet hours that never end are said to be that, and those that only leave a schedule no
// room, too.
func TestNeverQuiet(t *testing.T) {
	f := newForeseen(t, `{"quiet_hours":[{"channels":["chat"],"windows":[{"from":"00:00","to":"24:00"}]}],`+program(
		message("plain", `"trigger":{"event":"b"}`), message("scheduled", `"trigger":{"event":"b"},"schedule":{"windows":[{"from":"08:00","to":"20:00"}]}`),
		message("shut", `"trigger":{"event":"b"},"schedule":{"windows":[{"from":"12:00","to":"20:00"}]}`),
	)[1:])
	for id, want := range map[string]string{
		"plain": "the quiet hours never end", "scheduled": "the quiet hours never end while its schedule is open", "shut": "its schedule does not open any more, or only in quiet hours",
	} {
		if x := f.says(beckon.Event{Name: "b", UserID: who.UserID})[id]; x.Never != want {
			t.Errorf("%s: %s, %q", id, x.Reason, x.Never)
		}
	}
}
