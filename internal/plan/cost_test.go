package plan

import (
	"fmt"
	"strings"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// What one occasion may have to judge is limited, and a segment counts once.
func TestOccasionBudget(t *testing.T) {
	t.Parallel()
	audience := &rule.Compiled{Conditions: make([]rule.Condition, 999)}
	most := MaxConditions / 1000
	segment := &rule.Compiled{Conditions: make([]rule.Condition, 1), Segments: []*rule.Segment{{Rule: &rule.Compiled{Conditions: make([]rule.Condition, 10_000)}}}}
	def := &rule.CounterDef{Def: "go", Event: unique.Make("go"), Where: audience}
	event := func(m *Message, _ int) { m.Mode, m.Event, m.Where = Triggered, unique.Make("go"), audience }
	for _, c := range []struct {
		name     string
		n        int
		set      func(m *Message, i int)
		counters []*rule.CounterDef
		series   int
		want     string
	}{
		{"event", most, event, nil, 0, ""},
		{"event, one more", most + 1, event, nil, 0, fmt.Sprintf("messages[%d]", most)},
		{"event, and a counter", most, event, []*rule.CounterDef{def}, 0, fmt.Sprintf("messages[%d]", most-1)},
		{"event, and a series", most, event, nil, 1, fmt.Sprintf("messages[%d]", most-1)},
		{"two events", most + 1, func(m *Message, i int) {
			event(m, i)
			m.Event = unique.Make(fmt.Sprint("go", i%2))
		}, nil, 0, ""},
		{"visit", most + 1, func(m *Message, _ int) { m.Mode, m.Channel, m.Audience = Ongoing, store.Banner, audience }, nil, 0, fmt.Sprintf("messages[%d]", most)},
		{"sweep", most + 1, func(m *Message, _ int) { m.Mode, m.Channel, m.Audience = Ongoing, store.Email, audience }, nil, 0, fmt.Sprintf("messages[%d]", most)},
		{"segment", 10 * most, func(m *Message, i int) {
			event(m, i)
			m.Where, m.Audience = nil, segment
		}, nil, 0, ""},
	} {
		var faults fault.List
		p := &Plan{ByID: map[string]*Message{}, Events: map[string]*Event{}}
		for i := range c.n {
			m := &Message{ID: fmt.Sprintf("m%06d", i), Path: fmt.Sprintf("messages[%d]", i)}
			c.set(m, i)
			p.Messages = append(p.Messages, m)
		}
		for range c.series {
			p.Series = append(p.Series, &Series{Blocks: []Block{{Rule: audience}}})
		}
		p.Index(c.counters)
		p.Budget(&faults)
		if got := strings.Join(faultPaths(faults), " "); got != c.want {
			t.Errorf("%s: faults at %q, want %q", c.name, got, c.want)
		}
	}
}

func faultPaths(faults fault.List) (out []string) {
	for _, e := range faults {
		out = append(out, e.Path)
	}
	return out
}
