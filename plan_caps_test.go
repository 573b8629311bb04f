package beckon

import (
	"testing"

	"github.com/beckon-go/beckon/store"
)

// F5: channel and tag narrow a cap, both together too.
func TestCapApplies(t *testing.T) {
	for _, c := range []struct {
		cap     capPlan
		channel store.Channel
		tags    []string
		want    bool
	}{
		{capPlan{}, store.Email, nil, true},
		{capPlan{channel: store.Push}, store.Push, nil, true},
		{capPlan{channel: store.Push}, store.Email, []string{"push"}, false},
		{capPlan{tag: "promo"}, store.Email, []string{"x", "promo"}, true},
		{capPlan{tag: "promo"}, store.Email, []string{"promotion", "Promo"}, false},
		{capPlan{channel: store.Push, tag: "promo"}, store.Push, []string{"promo"}, true},
		{capPlan{channel: store.Push, tag: "promo"}, store.Push, nil, false},
		{capPlan{channel: store.Push, tag: "promo"}, store.Email, []string{"promo"}, false},
	} {
		if got := c.cap.applies(c.channel, c.tags); got != c.want {
			t.Errorf("%+v, %s with %q: %v", c.cap, c.channel, c.tags, got)
		}
	}
}
