package benchmarks

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// publishMessages is how many messages the published program has.
const publishMessages = 10_000

// BenchmarkPublish publishes a program of many messages: the time it takes, and
// how long a Track takes meanwhile. On two cores the publisher takes one and
// the collector what it wants, so the row to compare with is not a Track alone
// but one beside an engine that publishes the same and has nothing to do
// with it.
func BenchmarkPublish(b *testing.B) {
	program := beckon.Program{Messages: matchMessages(publishMessages)}
	publish := func(engine *beckon.Engine) { check(b, engine.Publish(context.Background(), program)) }
	alone := newEngine(b, nil, atStart)
	b.Run("publish-10000", func(b *testing.B) { measure(b, each(func() { publish(alone) })) })
	for _, c := range []struct {
		name    string
		publish func(own, other *beckon.Engine)
	}{
		{"track-alone", nil},
		{"track-beside-other-engine", func(_, other *beckon.Engine) { publish(other) }},
		{"track-beside-publish", func(own, _ *beckon.Engine) { publish(own) }},
	} {
		store := memstore.New()
		check(b, matchPerson().Store(store, "u1"))
		own, other := newEngine(b, store, (&clock{at: start}).now, program.Messages...), newEngine(b, nil, atStart)
		b.Run(c.name, func(b *testing.B) {
			var stop func()
			if c.publish != nil {
				stop = again(func() { c.publish(own, other) })
			}
			measureLatency(b, tracker(b, own, beckon.Event{Name: "match-007", UserID: "u1"}, publishMessages/matchNames))
			if stop != nil {
				stop()
			}
		})
	}
}

// again does something over and over in a goroutine until stop, which waits
// for it to end.
func again(fn func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			default:
				fn()
			}
		}
	}()
	return func() { close(done); <-ended }
}

// measureLatency times each call by itself.
func measureLatency(b *testing.B, fn func()) {
	b.Helper()
	list := make([]time.Duration, b.N)
	b.ResetTimer()
	for i := range list {
		began := time.Now()
		fn()
		list[i] = time.Since(began)
	}
	b.StopTimer()
	slices.Sort(list)
	b.ReportMetric(float64(list[len(list)/2]), "p50-ns")
	b.ReportMetric(float64(list[len(list)*99/100]), "p99-ns")
}
