package beckon_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// BenchmarkSweep sweeps contacts with 100 ongoing emails, whose audiences few
// of them match: the hourly pass in which most have nothing to get. It reports
// pairs of contact and message a second on one core, and the heap that the
// sweep itself adds at its peak. The first pass sends; those that follow find
// that nobody is left.
func BenchmarkSweep(b *testing.B) {
	for _, contacts := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(contacts), func(b *testing.B) {
			if contacts > 10_000 && testing.Short() {
				b.Skip("large")
			}
			benchmarkSweep(b, contacts)
		})
	}
}

func benchmarkSweep(b *testing.B, contacts int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ctx := context.Background()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		b.Fatal(err)
	}
	var program beckon.Program
	for i := range 100 {
		program.Messages = append(program.Messages, beckon.Message{
			ID: fmt.Sprint("m", i), Channel: beckon.Email, Status: beckon.Live,
			Audience: beckon.All(
				beckon.User("plan").In("pro", "team"),
				beckon.User("score").GreaterThan(9900+i),
				beckon.Did("uploaded-video").AtLeast(i%5),
			),
			Content: beckon.Content{Subject: "hello", Body: "hello {{ user.name | fallback: 'you' }}"},
		})
	}
	if err := engine.Publish(ctx, program); err != nil {
		b.Fatal(err)
	}
	plans := []string{"free", "pro", "team", "trial"}
	for i := range contacts {
		who := beckon.Identity{UserID: "user-" + strconv.Itoa(i)}
		if _, err := engine.Update(ctx, beckon.Contact{UserID: who.UserID, Attributes: beckon.Attributes{
			"plan": beckon.String(plans[i%4]), "score": beckon.Number(i % 10_000), "name": beckon.String("Ada"),
		}}); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	debug.FreeOSMemory()
	var before, peak runtime.MemStats
	runtime.ReadMemStats(&before)
	sent, added := 0, uint64(0)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		pages := 0
		for _, err := range engine.Sweep(ctx, beckon.OnProgress(func(beckon.Progress) {
			if pages++; pages%1000 == 0 {
				runtime.ReadMemStats(&peak)
				added = max(added, peak.HeapInuse-min(before.HeapInuse, peak.HeapInuse))
			}
		})) {
			if err != nil {
				b.Fatal(err)
			}
			sent++
		}
		now = now.Add(time.Hour)
	}
	b.StopTimer()
	b.ReportMetric(float64(contacts)*100*float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
	b.ReportMetric(float64(added)/(1<<20), "peak-MB")
	b.ReportMetric(float64(sent)/float64(b.N), "sent/op")
}
