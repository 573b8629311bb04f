package beckon

import (
	"encoding/json"
	"strings"
	"testing"
)

// seriesFaults returns the paths of the faults of a series, beginning at it.
func seriesFaults(t *testing.T, doc string) string {
	t.Helper()
	var s Series
	if err := json.Unmarshal([]byte(doc), &s); err != nil {
		t.Fatal(err)
	}
	faults := publishFaults(t, &Program{Series: []Series{s}})
	var paths []string
	for _, f := range faults {
		paths = append(paths, strings.TrimPrefix(f.Path, "series[0]."))
	}
	return strings.Join(paths, " ")
}

// X1: what an entry's trigger may not have is one fault, where it stands.
func TestFaultsOfEntryTriggers(t *testing.T) {
	for _, c := range []struct{ trigger, paths string }{
		{`{"date":"trial_ends_at"}`, "date"},
		{`{"date":"trial_ends_at","offset":"-3d"}`, "date"},
		{`{"event":"a","date":"trial_ends_at"}`, "date"},
		{`{"event":"a","offset":"-3d"}`, "offset"},
		{`{"event":"a","unless":{"event":"b","within":"1h"}}`, "unless"},
		{`{"date":"trial_ends_at","unless":{"event":"b","within":"1h"}}`, "date unless"},
		{`{}`, "event"},
		{`{"offset":"-3d"}`, "offset event"},
		{`{"event":"a","where":{"metadata":"k","op":"is","value":1}}`, ""},
	} {
		got := seriesFaults(t, `{"id":"s","entry":{"trigger":`+c.trigger+`},"blocks":[{"id":"b","exit":true}]}`)
		if got = strings.ReplaceAll(got, "entry.trigger.", ""); got != c.paths {
			t.Errorf("%s: got faults at %q, want %q", c.trigger, got, c.paths)
		}
	}
}

// X1: no time at all is a wait that is over at once, and none that a walk may go
// round by.
func TestWaitsOfNoTime(t *testing.T) {
	const head, tail = `{"id":"s","entry":{"trigger":{"event":"a"}},"blocks":[`, `]}`
	for _, c := range []struct{ blocks, paths string }{
		{`{"id":"a","wait":"0s","next":"b"},{"id":"b","exit":true}`, ""},
		{`{"id":"a","wait":"0s","next":"b"},{"id":"b","wait":"0d","next":"a"}`, "blocks[0]"},
		{`{"id":"a","wait":"1s","next":"b"},{"id":"b","wait":"0s","next":"a"}`, ""},
		{`{"id":"a","rule":{"user":"p","op":"is","value":1},"within":"0s"}`, "blocks[0].within"},
	} {
		if got := seriesFaults(t, head+c.blocks+tail); got != c.paths {
			t.Errorf("%s: got faults at %q, want %q", c.blocks, got, c.paths)
		}
	}
	faults := publishFaults(t, &Program{Series: []Series{{
		ID: "s", Entry: Entry{Trigger: On("a")}, Blocks: []Block{{ID: "a", Wait: Days(-1)}},
	}}})
	if len(faults) != 1 || faults[0].Path != "series[0].blocks[0].wait" || !strings.Contains(faults[0].Message, "not negative") {
		t.Errorf("a negative wait: %v", faults)
	}
}

// S1, A4: an empty list of windows or days is none, and so always; in an empty
// list is nothing. Office hours need a window.
func TestEmptyListsOfAProgram(t *testing.T) {
	for doc, paths := range map[string]string{
		`{"messages":[{"id":"m","schedule":{"windows":[]}}]}`:                                        "",
		`{"messages":[{"id":"m","schedule":{"windows":[{"days":[],"from":"09:00","to":"10:00"}]}}]}`: "",
		`{"messages":[{"id":"m","audience":{"user":"a","op":"in","value":[]}}]}`:                     "",
		`{"messages":[{"id":"m","tags":[]}],"caps":[],"series":[]}`:                                  "",
		`{"office_hours":{"windows":[]}}`:                                                            "office_hours.windows",
	} {
		p, err := ParseProgram([]byte(doc))
		var got []string
		if err == nil {
			for _, f := range publishFaults(t, &p) {
				got = append(got, f.Path)
			}
		}
		if strings.Join(got, " ") != paths {
			t.Errorf("%s: got faults at %q, want %q, %v", doc, got, paths, err)
		}
	}
}

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
