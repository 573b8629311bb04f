package beckon

import "testing"

// F5: channel and tag narrow a cap, both together too.
func TestCapApplies(t *testing.T) {
	for _, c := range []struct {
		cap     capPlan
		channel Channel
		tags    []string
		want    bool
	}{
		{capPlan{}, Email, nil, true},
		{capPlan{channel: Push}, Push, nil, true},
		{capPlan{channel: Push}, Email, []string{"push"}, false},
		{capPlan{tag: "promo"}, Email, []string{"x", "promo"}, true},
		{capPlan{tag: "promo"}, Email, []string{"promotion", "Promo"}, false},
		{capPlan{channel: Push, tag: "promo"}, Push, []string{"promo"}, true},
		{capPlan{channel: Push, tag: "promo"}, Push, nil, false},
		{capPlan{channel: Push, tag: "promo"}, Email, []string{"promo"}, false},
	} {
		if got := c.cap.applies(c.channel, c.tags); got != c.want {
			t.Errorf("%+v, %s with %q: %v", c.cap, c.channel, c.tags, got)
		}
	}
}
