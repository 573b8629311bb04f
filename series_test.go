package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// X1: a walk's messages go out whatever their channel, also when what moved the
// walk on was an event from a server (D6 is about triggers).
func TestSeriesMessageOnEventFromREST(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{Series: []beckon.Series{{
		ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("joined")},
		Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Days(1), Next: "tell"},
			{ID: "tell", Message: &beckon.Message{ID: "m", Channel: beckon.Banner, Content: beckon.Content{Body: "Hello"}}},
		},
	}}})
	kit.Track(beckon.Event{Name: "joined", UserID: "u"})
	kit.Advance(25*time.Hour).Track(beckon.Event{Name: "other", UserID: "u", Source: beckon.SourceREST}).Want("m", "sent")
}
