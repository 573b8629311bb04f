package benchmarks

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// programGrowths are of what a program has.
func programGrowths() []growth {
	return []growth{
		{"sends-of-one-event", 0, 0, growSends},
		{"maximum-of-a-full-cap", 0, 0, growCap},
		{"caps-and-messages-publish", 0, 0, growCapsPublish},
		{"caps-and-messages-track", 0, 0, growCapsTrack},
		{"messages-of-one-segment-publish", 0, 0, growSegmentPublish},
		{"messages-of-one-segment-track", 0, 0, growSegmentTrack},
		{"segments-in-segments", 0, 0, growChains},
		{"misspelt-segments", 0, 0, growMisspelt},
		{"misspelt-topics", 0, 0, growMisspeltTopics},
		{"mixed-faults", 0, 0, growFaults},
		{"long-variables", 0, 0, growVariables},
		{"messages-that-wait", 0, 0, growWaiting},
		{"bytes-that-wait", 0, 0, growWaitingBytes},
		{"event-names-publish", 0, 0, growNamesPublish},
		{"event-names-due", 0, 0, growNamesDue},
		{"counters-of-one-event-publish", 0, 0, growCountersPublish},
		{"event-names-archived-refresh", 0, 0, growArchived},
		{"messages-paused-refresh", 0, 0, growPaused},
		{"ids-paused", 0, 0, growPausedOneByOne},
		{"unknown-ids-paused", 0, 0, growPausedUnknown},
		{"series-stopped-publish", 0, 0, growStopped},
		{"candidates-explained", 0, 0, growExplained},
		{"waiting-explained", 0, 0, growWaitingExplained},
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

func growthEngine(tb testing.TB, p beckon.Program) *beckon.Engine {
	tb.Helper()
	engine, err := beckon.New(memstore.New(), beckon.WithClock(atStart), beckon.WithoutRecentEvents())
	check(tb, err)
	check(tb, engine.Publish(context.Background(), p))
	return engine
}

// growthTrack tracks an event for which so many messages go out.
func growthTrack(tb testing.TB, engine *beckon.Engine, sent int) {
	res, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
	check(tb, err)
	if len(res.Deliveries) != sent {
		tb.Fatalf("%d deliveries, want %d", len(res.Deliveries), sent)
	}
}

func growSends(tb testing.TB, n int) func() {
	engine := growthEngine(tb, beckon.Program{Messages: growthMessages(n)})
	return func() { growthTrack(tb, engine, n) }
}

func growCap(tb testing.TB, n int) func() {
	engine := growthEngine(tb, beckon.Program{
		Messages: growthMessages(1), Caps: []beckon.Cap{{ID: "c", Max: n, Within: beckon.Days(1)}},
	})
	for range n {
		growthTrack(tb, engine, 1)
	}
	return func() { growthTrack(tb, engine, 0) }
}

// growthCaps has a cap for each message, by its tag, and one for all of them.
func growthCaps(n int) beckon.Program {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range n {
		tag := "t" + strconv.Itoa(i)
		p.Messages[i].Tags = []string{tag}
		p.Caps = append(p.Caps, beckon.Cap{ID: "all-" + tag, Max: min(n+i, beckon.MaxCapSends), Within: beckon.Hours(1 + i%48)},
			beckon.Cap{ID: tag, Tag: tag, Max: 2, Within: beckon.Days(1)})
	}
	return p
}

func growCapsPublish(tb testing.TB, n int) func() {
	p := growthCaps(n)
	return func() { growthEngine(tb, p) }
}

func growCapsTrack(tb testing.TB, n int) func() {
	engine := growthEngine(tb, growthCaps(n))
	growthTrack(tb, engine, min(n, beckon.MaxCapSends))
	return func() { growthTrack(tb, engine, 0) }
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

func growSegmentPublish(tb testing.TB, n int) func() {
	p := growthSegment(n)
	return func() { growthEngine(tb, p) }
}

func growSegmentTrack(tb testing.TB, n int) func() {
	engine := growthEngine(tb, growthSegment(n))
	return func() { growthTrack(tb, engine, 0) }
}

// growChains has segments, each with up to 30 others in it.
func growChains(tb testing.TB, n int) func() {
	p := beckon.Program{Segments: map[string]beckon.Rule{}}
	for i := range n {
		list := []beckon.Rule{beckon.User("plan").Is("pro")}
		for k := 0; k < 30 && i%3 > 0; k++ {
			list = append(list, beckon.Segment("s"+strconv.Itoa((i+21*k)%(n-n%3)/3*3+i%3-1)))
		}
		p.Segments["s"+strconv.Itoa(i)] = beckon.Any(list...)
	}
	return func() { growthEngine(tb, p) }
}

// refused publishes what cannot be.
func refused(tb testing.TB, document string) func() {
	engine := growthEngine(tb, beckon.Program{})
	return func() {
		p, err := beckon.ParseProgram([]byte(document))
		if err == nil {
			err = engine.Publish(context.Background(), p)
		}
		if err == nil {
			tb.Fatal("it is accepted")
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

func growMisspelt(tb testing.TB, n int) func() { return refused(tb, growthFaults(n, "")) }

func growFaults(tb testing.TB, n int) func() { return refused(tb, growthFaults(n, `"chanel":"chat",`)) }

// growWaitingExplained explains n messages that wait, each for a time of its own.
func growWaitingExplained(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Trigger = beckon.On("go").Unless("stop", beckon.Minutes(i+1), "")
	}
	engine := growthEngine(tb, p)
	growthTrack(tb, engine, 0)
	return func() {
		traces, err := engine.Explain(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
		check(tb, err)
		if len(traces) != n {
			tb.Fatal(len(traces))
		}
	}
}

// growMisspeltTopics publishes n messages with a misspelt topic each, beside n topics.
func growMisspeltTopics(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Topic = "topc-" + strconv.Itoa(i)
		p.Topics = append(p.Topics, beckon.Topic{ID: "topic-" + strconv.Itoa(i)})
	}
	engine := growthEngine(tb, beckon.Program{})
	return func() {
		if engine.Publish(context.Background(), p) == nil {
			tb.Fatal("it is published")
		}
	}
}

func growVariables(tb testing.TB, n int) func() {
	variable := `{{ user.` + strings.Repeat("x", 2000) + ` }}{{ event.price | money: "de-DE" }}`
	p := beckon.Program{Messages: growthMessages(n / 50)}
	for i := range p.Messages {
		p.Messages[i].Content = beckon.Content{Body: strings.Repeat(variable, 50)}
	}
	return func() { growthEngine(tb, p) }
}

func growthWaiting(tb testing.TB, n int) *beckon.Engine {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Trigger = beckon.On("go").Unless("stop", beckon.Hours(1), "")
	}
	return growthEngine(tb, p)
}

func growWaiting(tb testing.TB, n int) func() {
	engine := growthWaiting(tb, n)
	return func() { growthTrack(tb, engine, 0) }
}

// growWaitingBytes has a large event wait for ten messages, n bytes at a time.
func growWaitingBytes(tb testing.TB, n int) func() {
	engine := growthWaiting(tb, 10)
	var fields beckon.Fields
	for i := range 16 {
		fields = append(fields, beckon.Field{Key: "k" + strconv.Itoa(i), Value: beckon.String(strings.Repeat("x", n/16))})
	}
	return func() {
		_, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1", Metadata: fields})
		check(tb, err)
	}
}

// growthNames returns an engine whose store knows n event names, each sent once.
func growthNames(tb testing.TB, n int) *beckon.Engine {
	engine := growthEngine(tb, beckon.Program{Messages: growthMessages(1)})
	for i := range n {
		_, err := engine.Track(context.Background(), beckon.Event{Name: "name-" + strconv.Itoa(i), AnonymousID: "v" + strconv.Itoa(i)})
		check(tb, err)
	}
	return engine
}

func growNamesPublish(tb testing.TB, n int) func() {
	engine, p := growthNames(tb, n), beckon.Program{Messages: growthMessages(1)}
	return func() { check(tb, engine.Publish(context.Background(), p)) }
}

func growNamesDue(tb testing.TB, n int) func() {
	engine := growthNames(tb, n)
	return func() {
		for _, err := range engine.Due(context.Background()) {
			check(tb, err)
		}
	}
}

// growthCounters has n messages that count one event, each other ones of it.
func growthCounters(n int) beckon.Program {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.Did("counted").Where(beckon.Metadata("k").Is(strconv.Itoa(i))).AtLeast(2)
	}
	return p
}

func growCountersPublish(tb testing.TB, n int) func() {
	p := growthCounters(n)
	return func() { growthEngine(tb, p) }
}

func growArchived(tb testing.TB, n int) func() {
	engine := growthEngine(tb, beckon.Program{Messages: growthMessages(1)})
	ctx := context.Background()
	for i := range n / 10 {
		check(tb, engine.Archive(ctx, "name-"+strconv.Itoa(i)))
	}
	return func() {
		check(tb, engine.Refresh(ctx))
		check(tb, engine.Archive(ctx, "one-more"))
		check(tb, engine.Unarchive(ctx, "one-more"))
	}
}

// growPaused has all messages paused, as another engine over the store would.
func growPaused(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	engine, kept := growthOver(tb, p)
	ctx := context.Background()
	check(tb, engine.Pause(ctx, p.Messages[0].ID))
	var paused *store.Profile
	key := store.Key{Kind: store.KindMessage, ID: p.Messages[0].ID}
	check(tb, kept.Read(ctx, []store.Key{key}, func(rec *store.Record) error {
		paused = rec.Profile
		return nil
	}))
	for i := range p.Messages {
		key.ID = p.Messages[i].ID
		write(tb, kept, store.Record{Key: key, Profile: paused})
	}
	return func() { check(tb, engine.Refresh(ctx)) }
}

// growPausedOneByOne pauses n messages and resumes them, all before the next event.
func growPausedOneByOne(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	engine, ctx := growthEngine(tb, p), context.Background()
	return func() {
		for i := range p.Messages {
			check(tb, engine.Pause(ctx, p.Messages[i].ID))
		}
		for i := range p.Messages {
			check(tb, engine.Resume(ctx, p.Messages[i].ID))
		}
		growthTrack(tb, engine, n)
	}
}

// growPausedUnknown pauses n misspelt messages and series, beside as many that there are.
func growPausedUnknown(tb testing.TB, n int) func() {
	p := beckon.Program{Messages: growthMessages(n)}
	for i := range n {
		p.Series = append(p.Series, beckon.Series{
			ID: "s" + strconv.Itoa(i), Entry: beckon.Entry{Trigger: beckon.On("go")}, Blocks: []beckon.Block{{ID: "b", Exit: true}},
		})
	}
	engine, ctx := growthEngine(tb, p), context.Background()
	return func() {
		for i := range n {
			id := "misspelt-" + strconv.Itoa(i)
			if engine.Pause(ctx, id) == nil || engine.StopSeries(ctx, id) == nil {
				tb.Fatal("they are known")
			}
		}
	}
}

// growStopped publishes a program that stops n series.
func growStopped(tb testing.TB, n int) func() {
	var p beckon.Program
	for i := range n {
		p.Series = append(p.Series, beckon.Series{
			ID: "s" + strconv.Itoa(i), Status: beckon.Stopped, Entry: beckon.Entry{Trigger: beckon.On("go")}, Blocks: []beckon.Block{{ID: "b", Exit: true}},
		})
	}
	return func() { growthEngine(tb, p) }
}

func growExplained(tb testing.TB, n int) func() {
	engine := growthEngine(tb, beckon.Program{Messages: growthMessages(n)})
	return func() {
		list, err := engine.Explain(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
		check(tb, err)
		if len(list) != n {
			tb.Fatalf("%d traces", len(list))
		}
	}
}
