package replay_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/replay"
)

func ExampleRun() {
	recording := `{"at":"2026-03-02T09:00:00Z","track":{"event_name":"uploaded","user_id":"u1"}}
{"at":"2026-03-02T09:20:00Z","track":{"event_name":"uploaded","user_id":"u1"}}`
	report, err := replay.Run(context.Background(), uploads(beckon.Hours(1)), replay.Lines(strings.NewReader(recording)), replay.Against(uploads(beckon.Minutes(15))))
	fmt.Println(report.Summary.Sent, report.Summary.Held, report.Difference.Added, err)
	// Output: map[ready:1] map[ready:map[throttled:1]] map[ready:1] <nil>
}

// Imported events trigger nothing, in a replay of the store neither. Played from the file of
// the import as if each came when it happened, they say what a program would have sent.
func ExampleRun_imported() {
	file := strings.NewReader(`{"user_id":"u1","attributes":{"plan":"pro"}}
{"user_id":"u1","event_name":"uploaded","created_at":1772442000}
{"user_id":"u1","event_name":"uploaded","created_at":1772443200}
{"user_id":"u1","event_name":"uploaded","created_at":1772445600}`)
	var history []beckon.Event
	for item, err := range beckon.ImportLines(file) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		if item.Event != nil {
			item.Event.Import = false
			history = append(history, *item.Event)
		}
	}
	slices.SortStableFunc(history, func(a, b beckon.Event) int { return a.CreatedAt.Compare(b.CreatedAt) })
	steps := func(yield func(replay.Step, error) bool) {
		for _, event := range history {
			if !yield(replay.Track(event.CreatedAt, event), nil) {
				return
			}
		}
	}
	report, err := replay.Run(context.Background(), uploads(beckon.Hours(1)), steps)
	fmt.Println(report.Summary.Sent, report.Summary.Held, err)
	// Output: map[ready:2] map[ready:map[throttled:1]] <nil>
}

// What a store has kept is played as it was, here with an edit beside it.
func ExampleKept() {
	ctx, now := context.Background(), monday
	kept := memstore.New()
	engine, _ := beckon.New(kept, beckon.WithClock(func() time.Time { return now }))
	for range 3 {
		_, _ = engine.Track(ctx, beckon.Event{Name: "uploaded", UserID: "u1"})
		now = now.Add(20 * time.Minute)
	}
	steps := replay.Ticking(replay.Kept(ctx, kept, replay.Window{}), replay.Ticks{Due: 5 * time.Minute, Sweep: 24 * time.Hour})
	report, err := replay.Run(ctx, uploads(beckon.Hours(1)), steps, replay.Against(uploads(beckon.Minutes(15))))
	fmt.Println(report.Summary.Sent, report.Difference.Added, err)
	// Output: map[ready:1] map[ready:2] <nil>
}
