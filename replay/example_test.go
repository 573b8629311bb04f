package replay_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/replay"
)

func ExampleRun() {
	recording := `{"at":"2026-03-02T09:00:00Z","track":{"event_name":"uploaded","user_id":"u1"}}
{"at":"2026-03-02T09:20:00Z","track":{"event_name":"uploaded","user_id":"u1"}}`
	report, err := replay.Run(context.Background(), uploads(beckon.Hours(1)), replay.Lines(strings.NewReader(recording)), replay.Against(uploads(beckon.Minutes(15))))
	fmt.Println(report.Summary.Sent, report.Summary.Held, report.Difference.Added, err)
	// Output: map[ready:1] map[ready:map[throttled:1]] map[ready:1] <nil>
}
