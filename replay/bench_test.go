package replay_test

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/replay"
)

// history returns events of 10,000 contacts, one a contact and so long.
func history(n int, every time.Duration) iter.Seq2[replay.Step, error] {
	names := make([]string, 10_000)
	for i := range names {
		names[i] = fmt.Sprint("u", i)
	}
	return func(yield func(replay.Step, error) bool) {
		for i := range n {
			at := monday.Add(time.Duration(i) * every / time.Duration(len(names)))
			if !yield(replay.Track(at, beckon.Event{Name: "uploaded", UserID: names[i%len(names)]}), nil) {
				return
			}
		}
	}
}

// recording returns the same as lines.
func recording(n int, every time.Duration) io.Reader {
	var b bytes.Buffer
	i := 0
	for s := range history(n, every) {
		at := s.At()
		fmt.Fprintf(&b, `{"at":%q,"track":{"event_name":"uploaded","user_id":"u%d","metadata":{"file":"f%d.mp4","size":%d}}}`+"\n", at.Format(time.RFC3339Nano), i%10_000, i, i%997)
		i++
	}
	return &b
}

// BenchmarkReplay reports processor time, since that is what one core does. Some send at each
// event, some at each sixth.
func BenchmarkReplay(b *testing.B) {
	for _, c := range []struct {
		name  string
		every time.Duration
		lines bool
		opts  []replay.Option
	}{
		{name: "sixth", every: 10 * time.Minute},
		{name: "each", every: time.Hour},
		{name: "lines", every: 10 * time.Minute, lines: true},
		{name: "against", every: 10 * time.Minute, opts: []replay.Option{replay.Against(uploads(beckon.Minutes(15)))}},
	} {
		b.Run(c.name, func(b *testing.B) {
			steps := history(b.N, c.every)
			if c.lines {
				steps = replay.Lines(recording(b.N, c.every))
			}
			b.ReportAllocs()
			b.ResetTimer()
			begin := workload.ProcessorTime()
			report, err := replay.Run(b.Context(), uploads(beckon.Hours(1)), steps, c.opts...)
			if used := workload.ProcessorTime() - begin; used > 0 {
				b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
			}
			if err != nil || report.Refused > 0 {
				b.Fatal(err, report.Refused)
			}
		})
	}
}
