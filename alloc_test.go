package beckon_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/throttle"
)

// TestTrackHeldDoesNotAllocate: an event whose messages are all held costs no
// allocation, given a known contact, a known name and a store that keeps events in
// memory of its own. One that is sent costs its text, its id and the list that it stands in.
func TestTrackHeldDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	text := beckon.Content{Body: "hello {{ user.name | fallback: 'you' }}"}
	live := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	message := func(id string, edit func(*beckon.Message)) beckon.Message {
		m := beckon.Message{ID: id, Status: beckon.Live, LiveAt: live, Trigger: beckon.On("uploaded"), Content: text}
		edit(&m)
		return m
	}
	program := beckon.Program{
		Caps: []beckon.Cap{{ID: "one", Tag: "capped", Max: 1, Within: beckon.Days(1)}},
		Messages: []beckon.Message{
			message("throttled", func(m *beckon.Message) { m.Frequency = &beckon.Frequency{Every: beckon.Days(365)} }),
			message("max", func(m *beckon.Message) { m.Frequency = &beckon.Frequency{Every: beckon.Seconds(0), Max: 1} }),
			message("audience", func(m *beckon.Message) { m.Audience = beckon.User("plan").Is("pro") }),
			message("counted", func(m *beckon.Message) { m.Audience = beckon.Did("uploaded").Within(beckon.Hours(1)).AtMost(1) }),
			message("source", func(m *beckon.Message) { m.Channel = beckon.Banner }),
			message("draft", func(m *beckon.Message) { m.Status = beckon.Draft }),
			message("night", func(m *beckon.Message) {
				m.Schedule = &beckon.Schedule{Timezone: "Europe/Dublin", Windows: []beckon.Window{{From: "01:00", To: "02:00"}}}
			}),
			message("cap", func(m *beckon.Message) {
				m.Tags, m.Frequency = []string{"capped"}, &beckon.Frequency{Every: beckon.Seconds(0)}
			}),
			message("other", func(m *beckon.Message) { m.Trigger = beckon.On("other") }),
		},
	}
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := engine.Publish(ctx, program); err != nil {
		t.Fatal(err)
	}
	event := beckon.Event{Name: "uploaded", UserID: "u1", Source: beckon.SourceREST, Metadata: beckon.Fields{
		{Key: "name", Value: beckon.String("a.mp4")}, {Key: "size", Value: beckon.Number(12)}, {Key: "public", Value: beckon.Bool(true)},
	}}
	var res beckon.Result
	track := func() {
		now = now.Add(time.Second)
		if res, err = engine.Track(ctx, event); err != nil {
			t.Fatal(err)
		}
	}
	for range 3000 { // the windowed counter, the event log and the cap fill up
		track()
	}
	if len(res.Deliveries) != 0 || len(res.Held()) != 8 {
		t.Fatalf("want eight held, got %v sent and %v", res.Deliveries, res.Held())
	}
	if n := testing.AllocsPerRun(2000, track); n != 0 {
		t.Errorf("Track of an event whose messages are all held: %v allocations, want 0", n)
	}
	sent, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	if err := sent.Publish(ctx, beckon.Program{Messages: []beckon.Message{
		message("sent", func(m *beckon.Message) { m.Frequency = &beckon.Frequency{Every: beckon.Seconds(0)} }),
	}}); err != nil {
		t.Fatal(err)
	}
	held := engine
	engine = sent
	for range 3000 {
		track()
	}
	if len(res.Deliveries) != 1 {
		t.Fatalf("want one delivery, got %v", res.Deliveries)
	}
	if n := testing.AllocsPerRun(2000, track); n > 3 {
		t.Errorf("Track of an event with one message sent: %v allocations, want 3", n)
	}
	// From a posted body: those of its texts that are new.
	const body = `{"event_name":"uploaded","user_id":"u1","source":"rest","metadata":{"name":"a.mp4","size":12,"public":true}}`
	reader := strings.NewReader(body)
	posted := func() {
		now = now.Add(time.Second)
		reader.Reset(body)
		if res, err = held.TrackJSON(ctx, reader); err != nil {
			t.Fatal(err)
		}
	}
	for range 3000 {
		posted()
	}
	if len(res.Deliveries) != 0 || len(res.Held()) != 8 {
		t.Fatalf("want eight held, got %v sent and %v", res.Deliveries, res.Held())
	}
	if n := testing.AllocsPerRun(2000, posted); n > 1 {
		t.Errorf("TrackJSON of an event whose messages are all held: %v allocations, want 1", n)
	}
	unsized := &struct{ io.Reader }{reader}
	streamed := func() {
		now = now.Add(time.Second)
		reader.Reset(body)
		if res, err = held.TrackJSON(ctx, unsized); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(2000, streamed); n > 1 {
		t.Errorf("TrackJSON from a reader that does not tell its size: %v allocations, want 1", n)
	}
}

// A delivery costs the outbox its row, for which there is mostly room.
func TestOutboxAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	ctx := context.Background()
	engine, _, now := fullOutbox(t, 1)
	track := func() {
		*now = now.Add(time.Second)
		if res, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: "u"}); err != nil || len(res.Deliveries) != 1 {
			t.Fatal(res, err)
		}
	}
	for range 2000 { // the log of sends fills up
		track()
	}
	if n := testing.AllocsPerRun(1000, track); n > 3 {
		t.Errorf("%v allocations to send one more, want 3", n)
	}
}

// One string costs one allocation: itself.
func TestRenderAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a pool forgets at random")
	}
	vars := beckon.Vars{
		User:  beckon.Attributes{"name": beckon.String("Ada <b>")},
		Event: beckon.Fields{{Key: "link", Value: beckon.Link("https://h.example/?a&b")}, {Key: "n", Value: beckon.Number(7)}, {Key: "price", Value: beckon.Monetary(34999, "eur")}, {Key: "at", Value: beckon.Date(time.Unix(1389913941, 0))}},
	}
	for _, format := range []beckon.Format{beckon.FormatText, beckon.FormatHTML} {
		r, err := beckon.NewRenderer(beckon.Content{
			Format: format, Subject: "For {{ name }}\n",
			Body: `{{ name }} {{ event.link }} {{ event.n }} {{ event.price }} {{ event.price | money: "de" }} {{ event.at | date: "2 Jan 2006" }} {{ x | fallback: "y" }}`,
		}, beckon.WithRenderIsolation())
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() {
			if _, err := r.Render(vars); err != nil {
				t.Fatal(err)
			}
		}); n > 2 {
			t.Errorf("%s: %v allocations for a subject and a body, want 2", format, n)
		}
	}
}

// Into memory that is there a body costs none, and is what Render returns.
func TestAppendBody(t *testing.T) {
	vars := beckon.Vars{User: beckon.Attributes{"name": beckon.String("Ada <b>")}}
	for _, c := range []struct {
		content beckon.Content
		missing bool
		want    string
	}{
		{beckon.Content{Format: beckon.FormatHTML, Subject: "{{ name }}", Body: "<p>{{ name }}, {{ x | fallback: '&' }}</p>"}, false, "<p>Ada &lt;b&gt;, &amp;</p>"},
		{beckon.Content{Body: "fixed\n"}, false, "fixed\n"},
		{beckon.Content{Body: "{{ name }}{{ x }}"}, true, "Ada <b>"},
		{beckon.Content{Subject: "{{ x }}", Body: "{{ name }}"}, false, "Ada <b>"},
		{beckon.Content{Subject: "{{ x }}", Body: "{{ name }}", Missing: beckon.MissingHold}, true, ""},
	} {
		r, err := beckon.NewRenderer(c.content)
		if err != nil {
			t.Fatal(err)
		}
		out, missing, err := r.AppendBody([]byte("before "), vars)
		if err != nil || missing != c.missing || string(out) != "before "+c.want {
			t.Errorf("%+v: %q, missing %v, %v", c.content, out, missing, err)
		}
		whole, err := r.Render(vars)
		if err != nil || whole.Body != c.want {
			t.Errorf("%+v: Render gives %q, %v", c.content, whole.Body, err)
		}
		if n := testing.AllocsPerRun(100, func() { out, _, _ = r.AppendBody(out[:0], vars) }); n != 0 && !raceEnabled {
			t.Errorf("%+v: %v allocations", c.content, n)
		}
	}
	r, err := beckon.NewRenderer(beckon.Content{Body: "{{ name }}"}, beckon.WithRenderLimits(beckon.RenderLimits{RenderedSize: 7}))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // what stands before does not count
		if out, _, err := r.AppendBody([]byte("before "), vars); err != nil || string(out) != "before Ada <b>" {
			t.Errorf("at the limit: %q, %v", out, err)
		}
	}
	vars.User["name"] = beckon.String("Ada <b>!")
	if out, _, err := r.AppendBody([]byte("before "), vars); !errors.Is(err, beckon.ErrRenderTooLarge) || string(out) != "before " {
		t.Errorf("over the limit: %q, %v", out, err)
	}
}

// A permit costs no allocation, whether it is given or not, once the key is known.
func TestThrottlerDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a pool forgets at random")
	}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	throttler, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{Every: beckon.Seconds(1)}, throttle.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	allowed := 0
	take := func() {
		now = now.Add(500 * time.Millisecond)
		p, err := throttler.Take(ctx, "+353 1 555 0100")
		if err != nil {
			t.Fatal(err)
		}
		if p.Allowed {
			allowed++
		}
	}
	if n := testing.AllocsPerRun(1000, take); n != 0 || allowed != 501 {
		t.Errorf("%v allocations a question, %d of 1001 allowed", n, allowed)
	}
}
