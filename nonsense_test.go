package beckon

import (
	"testing"
)

// What can be no one's intent is a fault, with its path.
func TestNonsenseIsAFault(t *testing.T) {
	counted := func(r Rule) Program {
		return Program{Segments: map[string]Rule{"s": r}}
	}
	block := func(b Block) Program {
		return Program{Series: []Series{{ID: "s", Status: Live, Entry: Entry{Trigger: On("e")}, Blocks: []Block{b}}}}
	}
	unknown := User("a").IsUnknown()
	for _, c := range []struct {
		program Program
		path    string
	}{
		{counted(Did("e").AtLeast(-1)), "segments.s.value"},
		{counted(Did("e").AtMost(-1)), "segments.s.value"},
		{counted(Did("e").GreaterThan(-1)), "segments.s.value"},
		{counted(Did("e").LessThan(-1)), "segments.s.value"},
		{counted(Did("e").Is(-1)), "segments.s.value"},
		{counted(Did("e").IsNot(-1)), "segments.s.value"},
		{counted(Did("e").Between(-1, 3)), "segments.s.value[0]"},
		{counted(Did("e").Within(Days(1)).AtLeast(-1)), "segments.s.value"},
		{counted(WasSent("m").AtLeast(-1)), "segments.s.value"},
		{counted(Did("e").AtLeast(0)), ""},
		{counted(Did("e").Between(0, 3)), ""},
		{block(Block{ID: "b", Rule: &unknown, Within: Seconds(0)}), "series[0].blocks[0].within"},
		{block(Block{ID: "b", Rule: &unknown, Within: Days(-1)}), "series[0].blocks[0].within"},
		{block(Block{ID: "b", Rule: &unknown}), ""},
		{block(Block{ID: "b", Update: &Update{}}), "series[0].blocks[0].update.attributes"},
		{block(Block{ID: "b", Wait: Days(-1)}), "series[0].blocks[0].wait"},
	} {
		cfg := defaultConfig()
		_, faults := compile(c.program, &cfg)
		if c.path == "" && len(faults) > 0 || c.path != "" && (len(faults) != 1 || faults[0].Path != c.path) {
			t.Errorf("%s: %v", c.path, faults)
		}
	}
}
