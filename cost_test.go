package beckon_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/throttle"
)

// growsInProportion fails a test in which 16 times as much takes far more than
// 16 times as long, or 16 times the memory: in proportion to its square it would
// be 256 times. Time is the processor's, for others use the machine too, and may be
// twice as much a piece where there are many, for caches are small. prepare makes ready for a size and returns what is measured; it is
// asked several times, and the best of them counts.
func growsInProportion(t *testing.T, small int, prepare func(tb testing.TB, n int) func()) {
	t.Helper()
	growsWithin(t, small, 16, 96, 48, prepare)
}

// growsWithin is growsInProportion for factor times as much, which may take so many times
// as long, and so many times the memory.
func growsWithin(t *testing.T, small, factor, longer, more int, prepare func(tb testing.TB, n int) func()) {
	t.Helper()
	if testing.Short() {
		t.Skip("curves are measured in the long run")
	}
	const slack = time.Millisecond // what is shorter says nothing
	best := func(n int) (least time.Duration, bytes uint64) {
		least, bytes = math.MaxInt64, math.MaxUint64
		for range 3 {
			run := prepare(t, n)
			var before, after runtime.MemStats
			collects := uncollected()
			runtime.ReadMemStats(&before)
			start := workload.ProcessorTime()
			run()
			took := workload.ProcessorTime() - start
			runtime.ReadMemStats(&after)
			collects()
			least, bytes = min(least, took), min(bytes, after.TotalAlloc-before.TotalAlloc)
		}
		return least, bytes
	}
	for range 3 { // who else uses the machine may spoil one of them
		few, fewBytes := best(small)
		many, manyBytes := best(small * factor)
		slow, large := many > time.Duration(longer)*max(few, slack/8), manyBytes > uint64(more)*max(fewBytes, 4096)
		if !slow && !large {
			t.Logf("%d: %v, %d bytes; %d: %v, %d bytes", small, few, fewBytes, small*factor, many, manyBytes)
			return
		}
		t.Logf("%d: %v, %d bytes; %d: %v, %d bytes: too much", small, few, fewBytes, small*factor, many, manyBytes)
	}
	t.Fail()
}

// uncollected keeps the collector from running until the returned function is called: its work
// depends on what else the tests have in memory, and whether it comes at all, on how much
// something allocates.
func uncollected() (collects func()) {
	runtime.GC()
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(2<<30)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// liveMessages returns n live messages for the event "go", without a distance.
func liveMessages(n int) []beckon.Message {
	list := make([]beckon.Message, n)
	for i := range list {
		list[i] = beckon.Message{
			ID: fmt.Sprintf("m%05d", i), Status: beckon.Live, Trigger: beckon.On("go"),
			Frequency: &beckon.Frequency{Every: costSpan("0s")}, Content: beckon.Content{Body: "x"},
		}
	}
	return list
}

// costSpan returns a duration of that text.
func costSpan(text string) beckon.Duration {
	d, err := beckon.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d
}

// costEngine returns an engine that runs a program over a store of its own.
func costEngine(tb testing.TB, program beckon.Program, opts ...beckon.Option) *beckon.Engine {
	tb.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), append([]beckon.Option{beckon.WithClock(func() time.Time { return now })}, opts...)...)
	if err == nil {
		err = engine.Publish(context.Background(), program)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return engine
}

func costTrack(tb testing.TB, engine *beckon.Engine, e beckon.Event, sent int) {
	tb.Helper()
	e.UserID = "u"
	res, err := engine.Track(context.Background(), e)
	if err != nil {
		tb.Fatal(err)
	}
	if len(res.Deliveries) != sent {
		tb.Fatalf("%d deliveries, want %d", len(res.Deliveries), sent)
	}
}

// What one event sends costs in proportion to it, also where the log of sends is
// full and where caps count them.
func TestCostOfSends(t *testing.T) {
	caps := []beckon.Cap{
		{ID: "all", Max: beckon.MaxCapSends, Within: costSpan("24h")},
		{ID: "chat", Channel: beckon.Chat, Max: 50, Within: costSpan("1m"), Tag: "none"},
	}
	for _, c := range []struct {
		name string
		caps []beckon.Cap
		opts []beckon.Option
	}{
		{"plain", nil, nil},
		{"caps", caps, nil},
		{"outbox", nil, []beckon.Option{beckon.WithOutbox(), beckon.WithPendingLimit(100_000)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			growsInProportion(t, 250, func(tb testing.TB, n int) func() {
				tb.Helper()
				engine := costEngine(tb, beckon.Program{Messages: liveMessages(n), Caps: c.caps}, c.opts...)
				costTrack(tb, engine, beckon.Event{Name: "go"}, n)
				return func() { costTrack(tb, engine, beckon.Event{Name: "go"}, n) }
			})
		})
	}
}

// What a cap remembers costs an event no more than in proportion, whether it is
// full or not.
func TestCostOfCapMaximum(t *testing.T) {
	for _, full := range []bool{true, false} {
		t.Run(strconv.FormatBool(full), func(t *testing.T) {
			growsInProportion(t, beckon.MaxCapSends/16, func(tb testing.TB, n int) func() {
				tb.Helper()
				limit := beckon.Cap{ID: "c", Max: n, Within: costSpan("24h")}
				engine := costEngine(tb, beckon.Program{Messages: liveMessages(1), Caps: []beckon.Cap{limit}}, beckon.WithoutRecentEvents())
				for range n - 20 {
					costTrack(tb, engine, beckon.Event{Name: "go"}, 1)
				}
				sent := 1
				if full {
					sent = 0
					for range 20 {
						costTrack(tb, engine, beckon.Event{Name: "go"}, 1)
					}
				}
				return func() {
					for range 20 {
						costTrack(tb, engine, beckon.Event{Name: "go"}, sent)
					}
				}
			})
		})
	}
}

// Caps and messages add to one another, they do not multiply.
func TestCostOfCapsAndMessages(t *testing.T) {
	program := func(n int) beckon.Program {
		p := beckon.Program{Messages: liveMessages(n)}
		for i := range n {
			p.Messages[i].Tags = []string{"t" + strconv.Itoa(i)}
			p.Caps = append(p.Caps, beckon.Cap{ID: "c" + strconv.Itoa(i), Max: n + 1 + i%7, Within: costSpan(strconv.Itoa(1+i%48) + "h")})
			p.Caps = append(p.Caps, beckon.Cap{ID: "d" + strconv.Itoa(i), Tag: "t" + strconv.Itoa(i), Max: 2, Within: costSpan("24h")})
		}
		return p
	}
	t.Run("publish", func(t *testing.T) {
		growsInProportion(t, 250, func(tb testing.TB, n int) func() {
			tb.Helper()
			p := program(n)
			return func() { costEngine(tb, p) }
		})
	})
	t.Run("track", func(t *testing.T) {
		growsInProportion(t, 250, func(tb testing.TB, n int) func() {
			tb.Helper()
			engine := costEngine(tb, program(n))
			costTrack(tb, engine, beckon.Event{Name: "go"}, n)
			return func() { costTrack(tb, engine, beckon.Event{Name: "go"}, 1) }
		})
	})
}

// What is past its limit is refused where it stands.
func TestLimitsOfCost(t *testing.T) {
	tags := make([]string, beckon.MaxTags+1)
	for i := range tags {
		tags[i] = "t" + strconv.Itoa(i)
	}
	for _, c := range []struct {
		name    string
		program beckon.Program
		want    []string
	}{
		{"cap", beckon.Program{Caps: []beckon.Cap{{ID: "c", Max: beckon.MaxCapSends, Within: costSpan("1d")}}}, nil},
		{"cap, one more", beckon.Program{Caps: []beckon.Cap{{ID: "c", Max: beckon.MaxCapSends + 1, Within: costSpan("1d")}}}, []string{"caps[0].max"}},
		{"tags", beckon.Program{Messages: []beckon.Message{{ID: "m", Tags: tags[1:]}}}, nil},
		{"tags, one more", beckon.Program{Messages: []beckon.Message{{ID: "m", Tags: tags}}}, []string{"messages[0].tags"}},
	} {
		engine, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		if got := costFaults(engine.Publish(context.Background(), c.program)); !slices.Equal(got, c.want) {
			t.Errorf("%s: faults at %q, want %q", c.name, got, c.want)
		}
	}
	_, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{}, throttle.WithLimit(beckon.MaxCapSends, costSpan("1d").Elapsed()))
	if got := costFaults(err); got != nil {
		t.Errorf("a limit: faults at %q", got)
	}
	_, err = beckon.NewThrottler(memstore.New(), beckon.Frequency{}, throttle.WithLimit(beckon.MaxCapSends+1, costSpan("1d").Elapsed()))
	if got := costFaults(err); !slices.Equal(got, []string{"limits[0].max"}) {
		t.Errorf("a limit, one more: faults at %q", got)
	}
}

// costFaults returns the paths of the faults that err lists.
func costFaults(err error) (paths []string) {
	list, _ := err.(beckon.ErrorList) //nolint:errorlint // what is listed is returned as it is
	for _, f := range list {
		paths = append(paths, f.Path)
	}
	return paths
}

// bytesOf returns how much memory fn asks for.
func bytesOf(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Messages that wait cost what they are: when they begin to, when another event
// begins anew, when what they wait for comes, and when their time is up.
func TestCostOfUnless(t *testing.T) {
	ctx := context.Background()
	for name, do := range map[string]func(testing.TB, *beckon.Engine, *time.Time, int){
		"again": func(tb testing.TB, engine *beckon.Engine, _ *time.Time, _ int) {
			tb.Helper()
			costTrack(tb, engine, beckon.Event{Name: "go"}, 0)
		},
		"followed": func(tb testing.TB, engine *beckon.Engine, _ *time.Time, _ int) {
			tb.Helper()
			costTrack(tb, engine, beckon.Event{Name: "stop"}, 0)
		},
		"due": func(tb testing.TB, engine *beckon.Engine, now *time.Time, n int) {
			tb.Helper()
			*now = now.Add(2 * time.Hour)
			for _, err := range engine.Due(ctx) {
				if err != nil {
					tb.Fatal(err)
				}
				n--
			}
			if n != 0 {
				tb.Fatalf("%d are missing", n)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			growsInProportion(t, 200, func(tb testing.TB, n int) func() {
				tb.Helper()
				p := beckon.Program{Messages: liveMessages(n)}
				for i := range p.Messages {
					p.Messages[i].Trigger = beckon.On("go").Unless("stop", costSpan("1h"), "")
				}
				now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
				engine := costEngine(tb, p, beckon.WithClock(func() time.Time { return now }))
				costTrack(tb, engine, beckon.Event{Name: "go"}, 0)
				return func() { do(tb, engine, &now, n) }
			})
		})
	}
}
