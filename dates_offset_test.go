package beckon_test

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// T5 T9: an offset is in days, hours or minutes.
func TestOffsetUnits(t *testing.T) {
	for _, c := range []struct {
		offset string
		ok     bool
	}{
		{"-3d", true},
		{"2w", true},
		{"-12h", true},
		{"-90m", true},
		{"1d30m", true},
		{"120s", true}, // two minutes
		{"0s", true},
		{"90s", false},
		{"-1s", false},
		{"1h1s", false},
	} {
		d, err := beckon.ParseDuration(c.offset)
		if err != nil {
			t.Fatal(err)
		}
		for name, trigger := range map[string]*beckon.Trigger{
			"trigger": beckon.OnDate("ends_at", d), "of the event": beckon.On("booked").ForDate("starts_date", d),
		} {
			engine, err := beckon.New(memstore.New())
			if err != nil {
				t.Fatal(err)
			}
			err = engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
				ID: "m", Channel: beckon.Email, Status: beckon.Live, Trigger: trigger, Content: beckon.Content{Subject: "s", Body: "b"},
			}}})
			told := err != nil && strings.HasPrefix(err.Error(), `messages[0].trigger.offset ("m"): expected days, hours or minutes`)
			if c.ok != (err == nil) || c.ok == told {
				t.Errorf("%s, offset %s: %v", name, c.offset, err)
			}
		}
	}
}
