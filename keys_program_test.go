package beckon_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A8, M2: a key that no event can have is a fault where a rule or an absence names
// it, as it is in a template.
func TestKeysThatNoEventHas(t *testing.T) {
	t.Parallel()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key  string
		good bool
	}{
		{"a", true},
		{"a b", true},
		{"Größe_1-x", true},
		{strings.Repeat("é", 255), true},
		{"a.b", false},
		{"a$b", false},
		{`a"b`, false},
		{"a\x00b", false},
		{"a\\b", false},
		{"{a}", false},
		{strings.Repeat("é", 256), false},
	} {
		rule := beckon.Metadata(c.key).Is(1)
		for path, m := range map[string]beckon.Message{
			"messages[0].trigger.unless.same":                {Trigger: beckon.On("e").Unless("f", beckon.Hours(1), c.key)},
			"messages[0].trigger.where.metadata":             {Trigger: beckon.On("e").Where(rule)},
			"messages[0].audience.where.any[0].not.metadata": {Audience: beckon.Did("e").Where(beckon.Any(beckon.Not(rule))).AtLeast(1)},
		} {
			m.ID, m.Content = "m", beckon.Content{Body: "x"}
			var want []string
			if !c.good {
				want = []string{path}
			}
			err := engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{m}})
			if got := costFaults(err); !slices.Equal(got, want) {
				t.Errorf("%.20q: faults at %q, want %q: %v", c.key, got, want, err)
			}
		}
	}
}

// A channel of the host's own has a name like an id.
func TestNamesOfChannels(t *testing.T) {
	t.Parallel()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]bool{
		"kiosk": true, "a b": true, strings.Repeat("x", beckon.MaxIDLength): true,
		"": false, " ": false, "\u00a0": false, "\x00": false, "a\nb": false, "\xff": false, strings.Repeat("x", beckon.MaxIDLength+1): false,
	} {
		p := beckon.Program{
			Messages: []beckon.Message{{ID: "m", Channel: beckon.Custom(name), Content: beckon.Content{Body: "x"}}},
			Caps:     []beckon.Cap{{ID: "c", Channel: beckon.Custom(name), Max: 1, Within: beckon.Hours(1)}},
		}
		var want []string
		if !good {
			want = []string{"caps[0].channel", "messages[0].channel"}
		}
		err := engine.Publish(t.Context(), p)
		got := costFaults(err)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%.20q: %v", name, err)
		}
		if !utf8.ValidString(name) {
			continue
		}
		p, err = beckon.ParseProgram(fmt.Appendf(nil, `{"messages":[{"id":"m","channel":%s,"content":{"body":"x"}}]}`, jsonText("custom:"+name)))
		if err == nil {
			err = engine.Publish(t.Context(), p)
		}
		if list := costFaults(err); good && err != nil || !good && (len(list) != 1 || list[0] != "messages[0].channel") {
			t.Errorf("%.20q in JSON: %v", name, err)
		}
	}
}

// What is wrong with the trigger of an entry, or with an end, is told once.
func TestFaultsOfSeriesAreToldOnce(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"id":"s","entry":{"trigger":{"date":"d"}},"blocks":[{"id":"a","exit":true}]}`:                                              "series[0].entry.trigger.date",
		`{"id":"s","entry":{"trigger":{"event":"e"}},"blocks":[{"id":"a","exit":true,"next":"a"}]}`:                                  "series[0].blocks[0].next",
		`{"id":"s","entry":{"trigger":{"event":"e"}},"blocks":[{"id":"a","exit":true,"next":"b"}]}`:                                  "series[0].blocks[0].next",
		`{"id":"s","entry":{"trigger":{"event":"e"}},"blocks":[{"id":"a","wait":"1d","next":"b"},{"id":"b","exit":true,"yes":"a"}]}`: "series[0].blocks[1]",
	} {
		program, err := beckon.ParseProgram([]byte(`{"series":[` + doc + `]}`))
		if err == nil {
			engine, _ := beckon.New(memstore.New())
			err = engine.Publish(t.Context(), program)
		}
		if got := costFaults(err); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

func jsonText(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return b
}
