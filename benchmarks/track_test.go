package benchmarks

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
)

// trackMessages gives so many messages that send each time, and six that are
// held each time, for as many reasons as there are without waiting.
func trackMessages(sent int) []beckon.Message {
	text := beckon.Content{Subject: "Upload", Body: "hello {{ user.name | fallback: 'you' }}, {{ event.file_name | fallback: 'your file' }} is there"}
	message := func(id string, edit func(*beckon.Message)) beckon.Message {
		m := beckon.Message{ID: id, Status: beckon.Live, LiveAt: start.AddDate(0, -1, 0), Trigger: beckon.On("uploaded"), Content: text}
		edit(&m)
		return m
	}
	var list []beckon.Message
	for i := range sent {
		list = append(list, message(fmt.Sprintf("sent-%d", i), func(m *beckon.Message) { m.Frequency = &beckon.Frequency{Every: beckon.ZeroDuration} }))
	}
	for i := range 2 {
		list = append(list,
			message(fmt.Sprintf("throttled-%d", i), func(m *beckon.Message) { m.Frequency = &beckon.Frequency{Every: 365 * beckon.Day} }),
			message(fmt.Sprintf("audience-%d", i), func(m *beckon.Message) {
				m.Audience = beckon.All(beckon.Did("uploaded").AtLeast(1), beckon.User("plan").Is("pro"))
			}),
			message(fmt.Sprintf("max-%d", i), func(m *beckon.Message) { m.Frequency = &beckon.Frequency{Every: beckon.ZeroDuration, Max: 1} }),
		)
	}
	return append(list, message("other", func(m *beckon.Message) { m.Trigger = beckon.On("other") }))
}

// trackBody is a posted event with metadata.
const trackBody = `{"event_name":"uploaded","user_id":"u1","metadata":{"file_name":"holiday-2026.mp4","size":1234567,"duration":12.75,"public":true}}`

// trackCases are the ways to track: what each sends and holds once warm.
func trackCases(tb testing.TB) []struct {
	name       string
	track      func() beckon.Result
	sent, held int
} {
	ctx := context.Background()
	var cases []struct {
		name       string
		track      func() beckon.Result
		sent, held int
	}
	for sent, name := range []string{"held", "one-sent", "two-sent"} {
		engine := newEngine(tb, nil, trackMessages(sent)...)
		event := beckon.Event{Name: "uploaded", UserID: "u1"}
		for _, json := range []bool{false, true} {
			track := func() beckon.Result {
				res, err := engine.Track(ctx, event)
				check(tb, err)
				return res
			}
			full := name
			if json {
				full += "-json"
				track = func() beckon.Result {
					res, err := engine.TrackJSON(ctx, strings.NewReader(trackBody))
					check(tb, err)
					return res
				}
			}
			for range 2100 { // logs and memories of repeats fill up
				track()
			}
			cases = append(cases, struct {
				name       string
				track      func() beckon.Result
				sent, held int
			}{full, track, sent, 6})
		}
	}
	return cases
}

func TestTrackSendsAndHolds(t *testing.T) {
	for _, c := range trackCases(t) {
		if res := c.track(); len(res.Deliveries) != c.sent || len(res.Held()) != c.held {
			t.Errorf("%s: %d sent and %d held, want %d and %d", c.name, len(res.Deliveries), len(res.Held()), c.sent, c.held)
		}
	}
}

// BenchmarkTrack is a whole event in memory, from the call or from the posted
// body: decided against six messages and those that send, rendered, counted and recorded.
func BenchmarkTrack(b *testing.B) {
	for _, c := range trackCases(b) {
		b.Run(c.name, func(b *testing.B) { measure(b, func() { c.track() }) })
	}
}
