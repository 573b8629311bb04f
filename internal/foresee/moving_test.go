package foresee_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A foreseen is an engine with a clock, and what was asked of it.
type foreseen struct {
	t      *testing.T
	now    time.Time
	engine *beckon.Engine
}

func newForeseen(t *testing.T, program string, opts ...beckon.Option) *foreseen {
	t.Helper()
	f := &foreseen{t: t, now: time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)}
	var err error
	if f.engine, err = beckon.New(memstore.New(), append(opts, beckon.WithClock(func() time.Time { return f.now }))...); err != nil {
		t.Fatal(err)
	}
	p, err := beckon.ParseProgram([]byte(program))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.engine.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *foreseen) track(name string) {
	f.t.Helper()
	if _, err := f.engine.Track(f.t.Context(), beckon.Event{Name: name, UserID: who.UserID}); err != nil {
		f.t.Fatal(err)
	}
}

func (f *foreseen) update(c beckon.Contact) {
	f.t.Helper()
	c.UserID = who.UserID
	if _, err := f.engine.Update(f.t.Context(), c); err != nil {
		f.t.Fatal(err)
	}
}

// says returns what is explained of each message.
func (f *foreseen) says(m beckon.Moment) map[string]beckon.MessageTrace {
	f.t.Helper()
	list, err := f.engine.Explain(f.t.Context(), m)
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]beckon.MessageTrace{}
	for _, x := range list {
		out[x.Message] = x
	}
	return out
}

func message(id, rest string) string {
	return fmt.Sprintf(`{"id":%q,"channel":"chat","status":"live","content":{"body":"x"},%s}`, id, rest)
}

func program(messages ...string) string {
	list := ""
	for i, m := range messages {
		if i > 0 {
			list += ","
		}
		list += m
	}
	return `{"messages":[` + list + `]}`
}

// Z2: a time that the occasion itself would set is never longer ago. Where a rule asks for that,
// and sees it or not, the answer is never, and found at once; where it asks of what stands, an
// instant.
func TestOwnMoment(t *testing.T) {
	const whereDate = `"where":{"metadata":"starts_date","op":"more_than_ago","value":"1h"}`
	b := beckon.Event{Name: "b", UserID: who.UserID}
	hour := time.Hour
	for name, c := range map[string]struct {
		program string
		setUp   func(*foreseen)
		asked   beckon.Moment
		after   time.Duration // it is sent so long after it was asked; 0: never
	}{
		"the first event of a contact, made by it":    {message("m", `"trigger":{"event":"b"},"audience":{"user":"created_at","op":"more_than_ago","value":"1d"}`), nil, b, 0},
		"the first event of a contact, made before":   {message("m", `"trigger":{"event":"b"},"audience":{"user":"created_at","op":"more_than_ago","value":"1d"}`), func(f *foreseen) { f.update(beckon.Contact{}) }, b, 24*hour + time.Second},
		"first seen, never seen":                      {message("m", `"trigger":{"event":"b"},"audience":{"user":"first_seen_at","op":"more_than_ago","value":"1d"}`), nil, b, 0},
		"first, of the first":                         {message("m", `"trigger":{"event":"b"},"audience":{"event":"b","stat":"first","op":"more_than_ago","value":"1d"}`), nil, b, 0},
		"first, of the second":                        {message("m", `"trigger":{"event":"b"},"audience":{"event":"b","stat":"first","op":"more_than_ago","value":"1d"}`), func(f *foreseen) { f.track("b") }, b, 24*hour + time.Second},
		"last, long ago and not lately":               {message("m", `"trigger":{"event":"b"},"audience":{"all":[{"event":"b","stat":"last","op":"more_than_ago","value":"30d"},{"not":{"event":"b","stat":"last","op":"less_than_ago","value":"10m"}}]}`), func(f *foreseen) { f.track("b") }, b, 30*24*hour + time.Second},
		"last, of one who is not pro":                 {message("m", `"trigger":{"event":"b"},"audience":{"all":[{"user":"plan","op":"is","value":"pro"},{"event":"b","stat":"last","op":"more_than_ago","value":"1h"}]}`), func(f *foreseen) { f.track("b") }, b, 0},
		"last of those with a date, nobody is known":  {message("m", `"trigger":{"event":"b"},"audience":{"event":"b","stat":"last","op":"more_than_ago","value":"1d",`+whereDate+`}`), nil, b, 0},
		"first of those with a date, nothing came":    {message("m", `"trigger":{"event":"b"},"audience":{"event":"b","stat":"first","op":"more_than_ago","value":"1d",`+whereDate+`}`), func(f *foreseen) { f.update(beckon.Contact{}) }, b, 0},
		"a visit, first seen by it":                   {message("m", `"audience":{"user":"first_seen_at","op":"more_than_ago","value":"1d"}`), nil, beckon.Visit{UserID: who.UserID}, 0},
		"an update that makes the contact":            {message("m", `"trigger":{"attribute":"plan"},"audience":{"user":"created_at","op":"more_than_ago","value":"1d"}`), nil, beckon.Contact{UserID: who.UserID, Attributes: beckon.Attributes{"plan": beckon.String("pro")}}, 0},
		"no candidate any more, as the event is late": {message("m", `"trigger":{"enters":"s"},"schedule":{"windows":[{"from":"12:00","to":"13:00"}],"outside":"drop"}`), nil, b, 3 * hour},
	} {
		text := program(c.program)
		text = `{"segments":{"s":{"event":"b","stat":"last","op":"less_than_ago","value":"10m"}},` + text[1:]
		f := newForeseen(t, text)
		if c.setUp != nil {
			c.setUp(f)
		}
		x, start := f.says(c.asked)["m"], f.now
		if x.Sent || x.Unsure || c.after == 0 && (x.Never == "" || !x.SendsAt.IsZero()) || c.after != 0 && !x.SendsAt.Equal(start.Add(c.after)) {
			t.Errorf("%s: sends at %s, never %q, unsure %v", name, x.SendsAt, x.Never, x.Unsure)
			continue
		}
		if c.after == 0 {
			continue
		}
		for _, at := range []time.Duration{-time.Millisecond, 0} {
			f.now = start.Add(c.after + at)
			if sent := f.says(c.asked)["m"].Sent; sent != (at == 0) {
				t.Errorf("%s: at %s it is sent: %v", name, f.now, sent)
			}
		}
	}
}

// Each message has its share of what is looked at: one whose turns are many does not keep it
// from the others.
func TestShares(t *testing.T) {
	const busy = `"trigger":{"event":"b"},"priority":9,"audience":{"event":"a","stat":"count","op":"at_most","value":%d,"where":{"metadata":"n","op":"is_not","value":{"trigger":"n"}}}`
	list := []string{message("z", `"trigger":{"event":"b"},"audience":{"event":"a","stat":"last","op":"more_than_ago","value":"20d"}`)}
	for i := range 100 { // one look costs more than a share
		list = append(list, message(fmt.Sprint("m", i), fmt.Sprintf(busy, i)))
	}
	f := newForeseen(t, program(list...), beckon.WithRecentEvents(1000))
	for range 1000 {
		f.track("a")
		f.now = f.now.Add(time.Second)
	}
	last, unsure := f.now.Add(-time.Second), 0
	f.now = f.now.Add(time.Hour)
	for id, x := range f.says(beckon.Event{Name: "b", UserID: who.UserID}) {
		switch {
		case id == "z":
			if !x.SendsAt.Equal(last.Add(20*24*time.Hour + time.Second)) {
				t.Errorf("%s: %s, %q", id, x.SendsAt, x.Never)
			}
		case x.Unsure:
			unsure++
		default:
			t.Errorf("%s: %s, %q", id, x.SendsAt, x.Never)
		}
	}
	if unsure != 100 {
		t.Errorf("only %d are too much: the test tests little", unsure)
	}
}

// D12, T6: where it would have to wait and too much waits, the hour at which it need not wait is
// named, or that at which there is room.
func TestWaitingFull(t *testing.T) {
	for rest, after := range map[string]time.Duration{
		`"frequency":{"every":"0s"},"schedule":{"windows":[{"from":"12:00","to":"13:00"}],"outside":"hold"}`: 3 * time.Hour,
		`"frequency":{"every":"0s"}`: 4 * time.Hour,
	} {
		text := program(message("m", `"trigger":{"event":"b"},`+rest))
		f := newForeseen(t, text, beckon.WithHoldsLimit(1))
		if after == 4*time.Hour {
			f.update(beckon.Contact{SnoozedUntil: f.now.Add(after)})
		}
		f.track("b")
		b := beckon.Event{Name: "b", UserID: who.UserID}
		x, start := f.says(b)["m"], f.now
		if x.Reason != beckon.ReasonWaitingFull || !x.SendsAt.Equal(start.Add(after)) {
			t.Errorf("%s: %s, sends at %s, never %q", rest, x.Reason, x.SendsAt, x.Never)
		}
		for _, at := range []time.Duration{-time.Millisecond, 0} {
			f.now = start.Add(after + at)
			if sent := f.says(b)["m"].Sent; sent != (at == 0) {
				t.Errorf("%s: at %s it is sent: %v", rest, f.now, sent)
			}
		}
	}
}

// What lies beyond the year 9999 is never, and said to be; a message that was stopped is
// stopped for good (D7).
func TestNever(t *testing.T) {
	f := newForeseen(t, program(
		message("date", `"trigger":{"date":"ends_at","offset":"1d"},"mode":"triggered"`),
		message("rule", `"trigger":{"event":"b"},"audience":{"user":"ends_at","op":"more_than_ago","value":"1d"}`),
		message("stopped", `"trigger":{"event":"b"}`), message("paused", `"trigger":{"event":"b"}`),
	))
	f.update(beckon.Contact{Attributes: beckon.Attributes{"ends_at": beckon.String("9999-12-31")}})
	for id, call := range map[string]func() error{
		"stopped": func() error { return f.engine.Stop(t.Context(), "stopped") }, "paused": func() error { return f.engine.Pause(t.Context(), "paused") },
	} {
		if err := call(); err != nil {
			t.Fatal(id, err)
		}
	}
	b := beckon.Event{Name: "b", UserID: who.UserID}
	for id, want := range map[string]string{
		"rule": "it could be sent only after the year 9999", "stopped": "the message is stopped, which is final", "paused": "the message is paused, and somebody has to resume it",
	} {
		if x := f.says(b)[id]; x.Never != want || x.SendsBy != "" || x.Unsure {
			t.Errorf("%s: %q by %q", id, x.Never, x.SendsBy)
		}
	}
	if x := f.says(beckon.Visit{UserID: who.UserID})["date"]; x.Never != "it could be sent only after the year 9999" || x.SendsBy != "" {
		t.Errorf("%q by %q", x.Never, x.SendsBy)
	}
}

// What is due before the same occasion once more is told, for it may take the room: here it does.
func TestDueBefore(t *testing.T) {
	text := program(
		message("a", `"trigger":{"event":"a"},"frequency":{"every":"0s"},"schedule":{"windows":[{"from":"12:00","to":"13:00"}],"outside":"hold"}`),
		message("b", `"trigger":{"event":"b"},"frequency":{"every":"5h"}`),
	)
	f := newForeseen(t, `{"caps":[{"id":"c","max":2,"within":"1d"}],`+text[1:])
	f.track("b")
	b := beckon.Event{Name: "b", UserID: who.UserID}
	start := f.now
	if x := f.says(b)["b"]; !x.SendsAt.Equal(start.Add(5*time.Hour)) || !x.DueBefore.IsZero() {
		t.Errorf("nothing waits: %s, due before %s", x.SendsAt, x.DueBefore)
	}
	f.track("a")
	x := f.says(b)["b"]
	if noon := start.Add(3 * time.Hour); !x.SendsAt.Equal(start.Add(5*time.Hour)) || !x.DueBefore.Equal(noon) {
		t.Errorf("a waits: %s, due before %s", x.SendsAt, x.DueBefore)
	}
	if text := x.String(); !strings.Contains(text, "Something else is due for the contact before, at 2 Mar 2026 12:00:00 UTC") {
		t.Error(text)
	}
	f.now = x.DueBefore
	for _, err := range f.engine.Due(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	f.now = x.SendsAt
	if x := f.says(b)["b"]; x.Sent || x.Reason != beckon.ReasonCapped {
		t.Errorf("with Due it is %s", x.Reason)
	}
}

// T8: whether the occasion has the contact cross depends on what it records itself: on an event
// that counts only once its date has passed, on a visit that begins a session.
func TestCrossingLater(t *testing.T) {
	enters := message("m", `"trigger":{"enters":"s"},"schedule":{"windows":[{"from":"%s","to":"24:00"}],"outside":"drop"}`)
	of := func(any, from string) string {
		text := program(fmt.Sprintf(enters, from))
		return `{"segments":{"s":{"any":[` + any + `]}},` + text[1:]
	}
	count := func(op string) string {
		return `{"event":"a","stat":"count","op":"at_least","value":1,"where":{"metadata":"starts_date","op":` + op + `}}`
	}
	event := newForeseen(t, of(count(`"less_than_ahead","value":"1h"`)+","+count(`"more_than_ago","value":"3h"`), "12:00"))
	visit := newForeseen(t, of(`{"user":"ends_at","op":"less_than_ahead","value":"5m"},{"user":"session_count","op":"at_least","value":2}`, "09:10"))
	start := event.now
	visit.update(beckon.Contact{Attributes: beckon.Attributes{"ends_at": beckon.Date(start.Add(5 * time.Minute))}})
	seen := beckon.Visit{UserID: who.UserID}
	visit.now = start.Add(-time.Minute)
	if _, err := visit.engine.Visit(t.Context(), seen); err != nil {
		t.Fatal(err)
	}
	visit.now = start.Add(time.Second)
	for name, c := range map[string]struct {
		f     *foreseen
		asked beckon.Moment
		want  time.Time
	}{
		"event": {event, beckon.Event{Name: "a", UserID: who.UserID, Metadata: beckon.Fields{{Key: "starts_date", Value: beckon.Date(start.Add(30 * time.Minute))}}}, start.Add(3*time.Hour + 30*time.Minute + time.Second)},
		"visit": {visit, seen, start.Add(29*time.Minute + time.Millisecond)},
	} {
		if x := c.f.says(c.asked)["m"]; x.Reason != beckon.ReasonSchedule || !x.SendsAt.Equal(c.want) {
			t.Errorf("%s: %s, sends at %s, want %s: %s", name, x.Reason, x.SendsAt, c.want, x.Never)
		}
		for _, at := range []time.Duration{-time.Millisecond, 0} {
			c.f.now = c.want.Add(at)
			if sent := c.f.says(c.asked)["m"].Sent; sent != (at == 0) {
				t.Errorf("%s: at %s it is sent: %v", name, c.f.now, sent)
			}
		}
	}
}
