package benchmarks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// growthSizes are what each kind of BenchmarkGrowth is measured at: four times as
// much each.
func growthSizes() []int { return []int{250, 1000, 4000} }

// BenchmarkGrowth is what grows with what a program, or who sends events, may make
// large. Each is to cost in proportion: four times as much, about four times.
func BenchmarkGrowth(b *testing.B) {
	for _, g := range []struct {
		name string
		make func(b *testing.B, n int) (do func())
	}{
		{"sends-of-one-event", growSends},
		{"maximum-of-a-full-cap", growCap},
		{"caps-and-messages-publish", growCapsPublish},
		{"caps-and-messages-track", growCapsTrack},
		{"messages-of-one-segment-publish", growSegmentPublish},
		{"messages-of-one-segment-track", growSegmentTrack},
		{"segments-in-segments", growChains},
		{"misspelt-segments", growMisspelt},
		{"mixed-faults", growFaults},
		{"long-variables", growVariables},
		{"messages-that-wait", growWaiting},
		{"bytes-that-wait", growWaitingBytes},
		{"event-names-publish", growNamesPublish},
		{"event-names-due", growNamesDue},
		{"acknowledge-one-by-one", growAcknowledge},
		{"acknowledge-random", growAcknowledgeRandom},
	} {
		b.Run(g.name, func(b *testing.B) {
			for _, n := range growthSizes() {
				do := g.make(b, n)
				b.Run(strconv.Itoa(n), func(b *testing.B) { measure(b, each(do)) })
			}
		})
	}
}

// growthMessages returns n messages that are live for the event "go", each time.
func growthMessages(n int) []beckon.Message {
	list := make([]beckon.Message, n)
	for i := range list {
		list[i] = beckon.Message{
			ID: fmt.Sprintf("m%05d", i), Status: beckon.Live, Trigger: beckon.On("go"),
			Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "x"},
		}
	}
	return list
}

func growthEngine(b *testing.B, p beckon.Program) *beckon.Engine {
	b.Helper()
	engine, err := beckon.New(memstore.New(), beckon.WithClock(atStart), beckon.WithoutRecentEvents())
	check(b, err)
	check(b, engine.Publish(context.Background(), p))
	return engine
}

// growthTrack tracks an event for which so many messages go out.
func growthTrack(b *testing.B, engine *beckon.Engine, sent int) {
	res, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
	check(b, err)
	if len(res.Deliveries) != sent {
		b.Fatalf("%d deliveries, want %d", len(res.Deliveries), sent)
	}
}

func growSends(b *testing.B, n int) func() {
	engine := growthEngine(b, beckon.Program{Messages: growthMessages(n)})
	return func() { growthTrack(b, engine, n) }
}

func growCap(b *testing.B, n int) func() {
	engine := growthEngine(b, beckon.Program{
		Messages: growthMessages(1), Caps: []beckon.Cap{{ID: "c", Max: n, Within: beckon.Days(1)}},
	})
	for range n {
		growthTrack(b, engine, 1)
	}
	return func() { growthTrack(b, engine, 0) }
}

// growthCaps has a cap for each message, by its tag, and one for all of them.
func growthCaps(n int) beckon.Program {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range n {
		tag := "t" + strconv.Itoa(i)
		p.Messages[i].Tags = []string{tag}
		p.Caps = append(p.Caps, beckon.Cap{ID: "all-" + tag, Max: n + i, Within: beckon.Hours(1 + i%48)},
			beckon.Cap{ID: tag, Tag: tag, Max: 2, Within: beckon.Days(1)})
	}
	return p
}

func growCapsPublish(b *testing.B, n int) func() {
	p := growthCaps(n)
	return func() { growthEngine(b, p) }
}

func growCapsTrack(b *testing.B, n int) func() {
	engine := growthEngine(b, growthCaps(n))
	growthTrack(b, engine, n)
	return func() { growthTrack(b, engine, 0) }
}

// growthSegment has messages that all use one segment of 990 conditions.
func growthSegment(n int) beckon.Program {
	var list []beckon.Rule
	for i := range 990 {
		list = append(list, beckon.User("a"+strconv.Itoa(i)).Is("v"))
	}
	p := beckon.Program{Messages: growthMessages(n), Segments: map[string]beckon.Rule{"big": beckon.Any(list...)}}
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.All(beckon.User("b"+strconv.Itoa(i)).IsUnknown(), beckon.Segment("big"))
	}
	return p
}

func growSegmentPublish(b *testing.B, n int) func() {
	p := growthSegment(n)
	return func() { growthEngine(b, p) }
}

func growSegmentTrack(b *testing.B, n int) func() {
	engine := growthEngine(b, growthSegment(n))
	return func() { growthTrack(b, engine, 0) }
}

// growChains has segments, each with up to 30 others in it.
func growChains(b *testing.B, n int) func() {
	p := beckon.Program{Segments: map[string]beckon.Rule{}}
	for i := range n {
		list := []beckon.Rule{beckon.User("plan").Is("pro")}
		for k := 0; k < 30 && i%3 > 0; k++ {
			list = append(list, beckon.Segment("s"+strconv.Itoa((i+21*k)%(n-n%3)/3*3+i%3-1)))
		}
		p.Segments["s"+strconv.Itoa(i)] = beckon.Any(list...)
	}
	return func() { growthEngine(b, p) }
}

// refused publishes what cannot be.
func refused(b *testing.B, document string) func() {
	engine := growthEngine(b, beckon.Program{})
	return func() {
		p, err := beckon.ParseProgram([]byte(document))
		if err == nil {
			err = engine.Publish(context.Background(), p)
		}
		if err == nil {
			b.Fatal("it is accepted")
		}
	}
}

// growthFaults returns a document of n segments and of n messages that mean them.
func growthFaults(n int, message string) string {
	var segments, messages []string
	for i := range n {
		segments = append(segments, fmt.Sprintf(`"segment-%d":{"user":"plan","op":"is","value":"pro"}`, i))
		messages = append(messages, fmt.Sprintf(`{"id":"m%d","trigger":{"event":"e"},%s"audience":{"segment":"segmnt-%d"}}`, i, message, i))
	}
	return `{"segments":{` + strings.Join(segments, ",") + `},"messages":[` + strings.Join(messages, ",") + `]}`
}

func growMisspelt(b *testing.B, n int) func() { return refused(b, growthFaults(n, "")) }

func growFaults(b *testing.B, n int) func() { return refused(b, growthFaults(n, `"chanel":"chat",`)) }

func growVariables(b *testing.B, n int) func() {
	variable := `{{ user.` + strings.Repeat("x", 2000) + ` }}{{ event.price | money: "de-DE" }}`
	p := beckon.Program{Messages: growthMessages(n / 50)}
	for i := range p.Messages {
		p.Messages[i].Content = beckon.Content{Body: strings.Repeat(variable, 50)}
	}
	return func() { growthEngine(b, p) }
}

func growthWaiting(b *testing.B, n int) *beckon.Engine {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Trigger = beckon.On("go").Unless("stop", beckon.Hours(1), "")
	}
	return growthEngine(b, p)
}

func growWaiting(b *testing.B, n int) func() {
	engine := growthWaiting(b, n)
	return func() { growthTrack(b, engine, 0) }
}

// growWaitingBytes has a large event wait for ten messages, n bytes at a time.
func growWaitingBytes(b *testing.B, n int) func() {
	engine := growthWaiting(b, 10)
	var fields beckon.Fields
	for i := range 16 {
		fields = append(fields, beckon.Field{Key: "k" + strconv.Itoa(i), Value: beckon.String(strings.Repeat("x", n/16))})
	}
	return func() {
		_, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1", Metadata: fields})
		check(b, err)
	}
}

// growthNames returns an engine whose store knows n event names, each sent once.
func growthNames(b *testing.B, n int) *beckon.Engine {
	engine := growthEngine(b, beckon.Program{Messages: growthMessages(1)})
	for i := range n {
		_, err := engine.Track(context.Background(), beckon.Event{Name: "name-" + strconv.Itoa(i), AnonymousID: "v" + strconv.Itoa(i)})
		check(b, err)
	}
	return engine
}

func growNamesPublish(b *testing.B, n int) func() {
	engine, p := growthNames(b, n), beckon.Program{Messages: growthMessages(1)}
	return func() { check(b, engine.Publish(context.Background(), p)) }
}

func growNamesDue(b *testing.B, n int) func() {
	engine := growthNames(b, n)
	return func() {
		for _, err := range engine.Due(context.Background()) {
			check(b, err)
		}
	}
}

// growthOutbox returns an engine with an outbox that takes n deliveries of one contact,
// and what fills it: all in one event.
func growthOutbox(b *testing.B, n int) (engine *beckon.Engine, fill func() []beckon.Delivery) {
	b.Helper()
	engine, err := beckon.New(memstore.New(), beckon.WithClock(atStart), beckon.WithoutRecentEvents(), beckon.WithOutbox(), beckon.WithPendingLimit(n))
	check(b, err)
	check(b, engine.Publish(context.Background(), beckon.Program{Messages: growthMessages(n)}))
	return engine, func() []beckon.Delivery {
		res, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
		check(b, err)
		if len(res.Deliveries) != n {
			b.Fatalf("%d deliveries, want %d", len(res.Deliveries), n)
		}
		return res.Deliveries
	}
}

// growAcknowledge has all deliveries of a contact acknowledged one by one. It includes
// the one event that sends them.
func growAcknowledge(b *testing.B, n int) func() {
	engine, fill := growthOutbox(b, n)
	return func() {
		for _, d := range fill() {
			check(b, engine.Acknowledge(context.Background(), d))
		}
	}
}

// growAcknowledgeRandom does that in no order.
func growAcknowledgeRandom(b *testing.B, n int) func() {
	engine, fill := growthOutbox(b, n)
	random := rand.New(rand.NewPCG(1, 2))
	return func() {
		all := fill()
		random.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		for _, d := range all {
			check(b, engine.Acknowledge(context.Background(), d))
		}
	}
}
