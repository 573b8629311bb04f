package plan

import (
	"testing"

	"github.com/beckon-go/beckon/store"
)

// F5: channel and tag narrow a cap, both together too.
func TestCapApplies(t *testing.T) {
	for _, c := range []struct {
		cap     Cap
		channel store.Channel
		tags    []string
		want    bool
	}{
		{Cap{}, store.Email, nil, true},
		{Cap{Channel: store.Push}, store.Push, nil, true},
		{Cap{Channel: store.Push}, store.Email, []string{"push"}, false},
		{Cap{Tag: "promo"}, store.Email, []string{"x", "promo"}, true},
		{Cap{Tag: "promo"}, store.Email, []string{"promotion", "Promo"}, false},
		{Cap{Channel: store.Push, Tag: "promo"}, store.Push, []string{"promo"}, true},
		{Cap{Channel: store.Push, Tag: "promo"}, store.Push, nil, false},
		{Cap{Channel: store.Push, Tag: "promo"}, store.Email, []string{"promo"}, false},
	} {
		if got := c.cap.applies(c.channel, c.tags); got != c.want {
			t.Errorf("%+v, %s with %q: %v", c.cap, c.channel, c.tags, got)
		}
	}
}
