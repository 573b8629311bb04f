package redisstore_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/redisstore"
)

func TestExample(t *testing.T) {
	var out strings.Builder
	if err := shareCap(t.Context(), server.URL(t), namespace(), &out); err != nil {
		t.Fatal(err)
	}
	if want := "first: send cart: Still thinking?\nsecond: hold cart: throttled\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// However many engines on however many stores race for one cap, exactly one of
// them sends (F3).
func TestEnginesRaceForOneCap(t *testing.T) {
	const engines, rounds = 8, 20
	name := redisstore.WithNamespace(namespace())
	var all []*beckon.Engine
	for range engines {
		engine, err := beckon.New(open(t, clustered(t), name))
		if err != nil {
			t.Fatal(err)
		}
		err = engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
			ID: "m", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("e"),
			Frequency: &beckon.Frequency{Every: beckon.Days(1)}, Content: beckon.Content{Body: "b"},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, engine)
	}
	for round := range rounds {
		var sent atomic.Int64
		var wg sync.WaitGroup
		for _, engine := range all {
			for range 2 {
				wg.Go(func() {
					res, err := engine.Track(t.Context(), beckon.Event{Name: "e", UserID: string(rune('a' + round))})
					if err != nil {
						t.Error(err)
					}
					sent.Add(int64(len(res.Deliveries)))
				})
			}
		}
		wg.Wait()
		if sent.Load() != 1 {
			t.Errorf("round %d: %d were sent, want 1", round, sent.Load())
		}
	}
}
