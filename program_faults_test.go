package beckon

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		{`{"id":"a","rule":{"user":"p","op":"is","value":1},"within":"1s","no":"a"}`, ""}, // its time passes first
		{`{"id":"a","rule":{"user":"p","op":"is","value":1},"within":"1s","yes":"b","no":"a"},{"id":"b","wait":"0s","next":"a"}`, "blocks[0]"},
		{`{"id":"a","rule":{"user":"p","op":"is","value":1},"no":"a"}`, ""}, // it waits on
		{`{"id":"a","exit":true},{"id":"b","wait":"0s","next":"c"},{"id":"c","wait":"0s","next":"b"}`, "blocks[1]"},
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
	series := func(s Series) Program {
		s.ID, s.Entry, s.Blocks = "s", Entry{Trigger: On("e")}, []Block{{ID: "b", Wait: Days(1)}}
		return Program{Series: []Series{s}}
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
		{block(Block{ID: "b", WaitUntil: &WaitUntil{}}), "series[0].blocks[0].wait_until.at"},
		{block(Block{ID: "b", WaitUntil: &WaitUntil{At: "24:00"}}), "series[0].blocks[0].wait_until.at"},
		{block(Block{ID: "b", WaitUntil: &WaitUntil{At: "09:00", Days: []Weekday{"mon", "funday"}}}), "series[0].blocks[0].wait_until.days[1]"},
		{block(Block{ID: "b", WaitUntil: &WaitUntil{At: "09:00"}, Next: "b"}), "series[0].blocks[0]"}, // round without a wait
		{block(Block{ID: "b", WaitUntil: &WaitUntil{At: "09:00"}, Wait: Days(1)}), "series[0].blocks[0]"},
		{block(Block{ID: "b", Split: []Way{}}), "series[0].blocks[0].split"},
		{block(Block{ID: "b", Split: []Way{{Weight: 0}, {}}}), "series[0].blocks[0].split"},
		{block(Block{ID: "b", Split: []Way{{Weight: math.MaxFloat64}, {Weight: math.MaxFloat64}}}), "series[0].blocks[0].split"},
		{block(Block{ID: "b", Split: []Way{{Weight: 1}, {Weight: -1}}}), "series[0].blocks[0].split[1].weight"},
		{block(Block{ID: "b", Split: []Way{{Weight: math.NaN()}}}), "series[0].blocks[0].split[0].weight"},
		{block(Block{ID: "b", Split: []Way{{Weight: 1, Next: "c"}}}), "series[0].blocks[0].split[0].next"},
		{block(Block{ID: "b", Split: []Way{{Weight: 1, Next: "b"}}}), "series[0].blocks[0]"},
		{block(Block{ID: "b", Split: []Way{{Weight: 1}}, Next: "b"}), "series[0].blocks[0].next"},
		{block(Block{ID: "b", Split: []Way{{Weight: 1}}, Yes: "b"}), "series[0].blocks[0]"},
		{series(Series{ReenterAfter: Days(1)}), "series[0].reenter_after"},
		{series(Series{Reenter: true, ReenterAfter: Days(-1)}), "series[0].reenter_after"},
		{series(Series{MaxEntries: 1}), "series[0].max_entries"},
		{series(Series{Reenter: true, MaxEntries: -1}), "series[0].max_entries"},
		{series(Series{Reenter: true, MaxEntries: 1, ReenterAfter: Days(1)}), ""},
		{series(Series{Goal: &Goal{Rule: unknown}}), "series[0].goal.within"},
		{series(Series{Goal: &Goal{Within: Days(1)}}), "series[0].goal.rule"},
	} {
		cfg := defaultConfig()
		_, faults := compile(c.program, &cfg)
		if c.path == "" && len(faults) > 0 || c.path != "" && (len(faults) != 1 || faults[0].Path != c.path) {
			t.Errorf("%s: %v", c.path, faults)
		}
	}
}

// faultsOf returns the paths and sentences of a refused document.
func faultsOf(t *testing.T, err error) map[string]string {
	t.Helper()
	var list ErrorList
	if err != nil && !errors.As(err, &list) {
		t.Fatalf("the error is a %T, want an ErrorList", err)
	}
	out := make(map[string]string)
	for _, e := range list {
		if _, twice := out[e.Path+e.Field]; twice {
			t.Errorf("two faults at %q", e.Path+e.Field)
		}
		out[e.Path+e.Field] = e.Message
	}
	return out
}

func TestParseProgramFaults(t *testing.T) {
	// in returns a program with one message that has one more member.
	in := func(member string) string { return `{"messages":[{"id":"m",` + member + `}]}` }
	tests := []struct {
		name, doc, path, says string
	}{
		{"unknown at the top", `{"message":[]}`, "message", `unknown field, did you mean "messages"?`},
		{"unknown, near", in(`"trigger":{"event":"a","were":{}}`), "messages[0].trigger.were", `unknown field, did you mean "where"?`},
		{"unknown, far", in(`"zebra":1`), "messages[0].zebra", "unknown field"},
		{"unknown, not a name", in(`"a b":1`), `messages[0]["a b"]`, "unknown field"},
		{"empty name", in(`"":1`), `messages[0][""]`, "unknown field"},
		{"other letter case", in(`"Channel":"chat"`), "messages[0].Channel", `unknown field, did you mean "channel"?`},
		{"other word separator", in(`"liveAt":"2026-01-05T00:00:00Z"`), "messages[0].liveAt", `unknown field, did you mean "live_at"?`},
		{"twice", in(`"name":"a","name":"a"`), "messages[0].name", "given twice"},
		{"twice in a map", `{"segments":{"a":{"all":[]},"a":{"all":[]}}}`, "segments.a", "given twice"},
		{"program not an object", `[]`, "", "must be an object, is an array"},
		{"messages not a list", `{"messages":{}}`, "messages", "must be an array, is an object"},
		{"message not an object", `{"messages":[1]}`, "messages[0]", "must be an object, is a number"},
		{"null is no value", in(`"name":null`), "messages[0].name", "must be a string, is null"},
		{"null trigger", in(`"trigger":null`), "messages[0].trigger", "must be an object, is null"},
		{"id a number", `{"messages":[{"id":7}]}`, "messages[0].id", "must be a string, is a number"},
		{"channel", in(`"channel":"baner"`), "messages[0].channel", `did you mean "banner"?`},
		{"channel in capitals", in(`"channel":"Chat"`), "messages[0].channel", `did you mean "chat"?`},
		{"custom without a name", in(`"channel":"custom:"`), "messages[0].channel", "needs a name"},
		{"channel not text", in(`"channel":3`), "messages[0].channel", "must be a string, is a number"},
		{"mode", in(`"mode":"oneoff"`), "messages[0].mode", `did you mean "one_off"?`},
		{"status", in(`"status":"on"`), "messages[0].status", "must be one of draft, live, paused, stopped"},
		{"live_at a date", in(`"live_at":"2026-01-05"`), "messages[0].live_at", "is not a time"},
		{"live_at Unix", in(`"live_at":1389913941`), "messages[0].live_at", "must be a string, is a number"},
		{"live_at with one digit", in(`"live_at":"2026-01-05T9:00:00Z"`), "messages[0].live_at", "is not a time"},
		{"live_at zero", in(`"live_at":"0001-01-01T00:00:00Z"`), "messages[0].live_at", "leave it out"},
		{"frequency every", in(`"frequency":{"every":"1 h"}`), "messages[0].frequency.every", "is not a duration"},
		{"F1 negative distance", in(`"frequency":{"every":"-1h"}`), "messages[0].frequency.every", "is negative"},
		{"frequency every a number", in(`"frequency":{"every":60}`), "messages[0].frequency.every", `must be a string such as "1h", is a number`},
		{"F1 max 0", in(`"frequency":{"max":0}`), "messages[0].frequency.max", "must be at least 1"},
		{"max negative", in(`"frequency":{"max":-1}`), "messages[0].frequency.max", "must be at least 1"},
		{"max a fraction", in(`"frequency":{"max":1.5}`), "messages[0].frequency.max", "must be a whole number"},
		{"max too great", in(`"frequency":{"max":1e400}`), "messages[0].frequency.max", "must be a whole number"},
		{"max text", in(`"frequency":{"max":"3"}`), "messages[0].frequency.max", "must be a number, is a string"},
		{"window from", in(`"schedule":{"windows":[{"from":"9:00","to":"17:00"}]}`), "messages[0].schedule.windows[0].from", "is not a time of day"},
		{"window to", in(`"schedule":{"windows":[{"from":"09:00","to":"24:01"}]}`), "messages[0].schedule.windows[0].to", "is not a time of day"},
		{"window minutes", in(`"schedule":{"windows":[{"from":"09:00","to":"12:60"}]}`), "messages[0].schedule.windows[0].to", "is not a time of day"},
		{"window hour", in(`"schedule":{"windows":[{"from":"09:00","to":"25:00"}]}`), "messages[0].schedule.windows[0].to", "is not a time of day"},
		{"window not text", in(`"schedule":{"windows":[{"from":"09:00","to":9}]}`), "messages[0].schedule.windows[0].to", "must be a string"},
		{"weekday", in(`"schedule":{"windows":[{"days":["mon","monday"],"from":"09:00","to":"17:00"}]}`), "messages[0].schedule.windows[0].days[1]", "must be one of mon, tue"},
		{"outside", in(`"schedule":{"outside":"wait"}`), "messages[0].schedule.outside", "must be one of drop, hold"},
		{"office_hours of a schedule", in(`"schedule":{"office_hours":"yes"}`), "messages[0].schedule.office_hours", "must be a boolean, is a string"},
		{"format", in(`"content":{"format":"md"}`), "messages[0].content.format", "must be one of text, html"},
		{"missing", in(`"content":{"missing":"drop"}`), "messages[0].content.missing", "must be one of empty, hold"},
		{"data", in(`"content":{"data":{"button":1}}`), "messages[0].content.data.button", "must be a string"},
		{"data a list", in(`"content":{"data":[]}`), "messages[0].content.data", "must be an object"},
		{"tags", in(`"tags":["a",1]`), "messages[0].tags[1]", "must be a string"},
		{"control text", in(`"control":"10%"`), "messages[0].control", "must be a number"},
		{"control beyond floats", in(`"control":1e999`), "messages[0].control", "must be a number from 0 to 1"},
		{"priority", in(`"priority":0.5`), "messages[0].priority", "must be a whole number"},
		{"goal within", in(`"goal":{"rule":{"all":[]},"within":"-7d"}`), "messages[0].goal.within", "is negative"},
		{"unless", in(`"trigger":{"event":"a","unless":{"event":"b","within":"1 hour"}}`), "messages[0].trigger.unless.within", "is not a duration"},
		{"audience", in(`"audience":[]`), "messages[0].audience", "object"},
		{"cap max", `{"caps":[{"id":"c","max":0,"within":"1h"}]}`, "caps[0].max", "must be at least 1"},
		{"office hours", `{"office_hours":{"windows":[{"days":"mon","from":"09:00","to":"17:00"}]}}`, "office_hours.windows[0].days", "must be an array"},
		{"series block", `{"series":[{"id":"s","entry":{"trigger":{"event":"a"}},"blocks":[{"id":"b","wait":1}]}]}`, "series[0].blocks[0].wait", "must be a string"},
		{"message in a series", `{"series":[{"id":"s","entry":{"trigger":{"event":"a"}},"blocks":[{"id":"b","message":{"id":"m","chanel":"chat"}}]}]}`, "series[0].blocks[0].message.chanel", `did you mean "channel"?`},
		{"update", `{"series":[{"id":"s","entry":{"trigger":{"event":"a"}},"blocks":[{"id":"b","update":{"attributes":{"a":{}}}}]}]}`, "series[0].blocks[0].update.attributes.a", "must be"},
		{"entry", `{"series":[{"id":"s","entry":{"trigger":{"evnt":"a"}},"blocks":[{"id":"b","exit":true}]}]}`, "series[0].entry.trigger.evnt", `did you mean "event"?`},
		{"not JSON", "{\n  \"messages\":[}", "", "at line 2, column 15"},
		{"not UTF-8", "{\"timezone\":\"\xff\"}", "", "at line 1, column 14"},
		{"lone surrogate", `{"timezone":"\ud800"}`, "", "at line 1, column 14"},
		{"more follows", "{}\r\n\né {}", "", "at line 3, column 1"},
		{"nothing", ``, "", "at line 1, column 1"},
		{"too deep", strings.Repeat("[", 100_000), "", "at line 1, column"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseProgram([]byte(tt.doc))
			got := faultsOf(t, err)
			says, ok := got[tt.path]
			if len(got) != 1 || !ok || !strings.Contains(says, tt.says) {
				t.Errorf("got faults %q, want one at %q that says %q", got, tt.path, tt.says)
			}
			if !errors.Is(err, ErrProgramInvalid) {
				t.Errorf("the error is %v, want it to be %s", err, ErrProgramInvalid)
			}
			if !reflect.ValueOf(p).IsZero() {
				t.Errorf("a refused document returned %v", p)
			}
		})
	}
}

// A8: all faults at once, in the order of the document.
func TestParseProgramAllFaultsAtOnce(t *testing.T) {
	_, err := ParseProgram([]byte(`{
		"timezone": 1,
		"messages": [
			{"id": "a", "chanel": "chat", "frequency": {"every": "soon", "max": 0}},
			{"id": "b", "status": "on", "schedule": {"windows": [{"from": "x", "to": "y"}]}}],
		"caps": [{"max": "many"}],
		"segments": {"a": {"segment": "b"}}}`))
	var list ErrorList
	if !errors.As(err, &list) {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, e := range list {
		got = append(got, e.Path)
	}
	want := []string{
		"timezone", "messages[0].chanel", "messages[0].frequency.every", "messages[0].frequency.max",
		"messages[1].status", "messages[1].schedule.windows[0].from", "messages[1].schedule.windows[0].to", "caps[0].max",
		// and of meaning, which come after those of shape
		"caps[0].id", "caps[0].within", "segments.a.segment",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A fault of shape is not reported again for what it keeps from being there.
func TestParseProgramFaultsDoNotCascade(t *testing.T) {
	const head, tail = `{"series":[{"id":"s","entry":{"trigger":{"event":"a"}},"blocks":[`, `]}]}`
	const plan = `{"user":"plan","op":"is","value":"pro"}`
	for _, doc := range []string{
		`{"messages":[{"id":"m","trigger":{"attribute":7,"from":"a"}}]}`,
		`{"messages":[{"id":"m","trigger":{"date":7,"offset":"-3d"}}]}`,
		`{"messages":[{"id":"m","trigger":{"event":7,"date":{"metadata":"k"},"offset":"-1h"}}]}`,
		`{"messages":[{"id":"m","audience":{"page":"` + strings.Repeat("x", 5000) + `","op":"is","value":"x"}}]}`,
		`{"messages":[{"id":"m","trigger":{"event":"e","date":{"metadta":"k"},"offset":"-1h"}}]}`,
		`{"messages":[{"id":"m","audience":{"all":[` + strings.Repeat(plan+",", MaxRuleConditions) + plan + `]}}]}`,
		`{"messages":[{"id":"m","audience":{"any":[` + strings.Repeat(plan+",", 3*MaxRuleConditions) + plan + `]}}]}`,
		`{"segmnts":{"a":` + plan + `},"messages":[{"id":"m","audience":{"segment":"a"}},{"id":"n","trigger":{"enters":"a"}}]}`,
		`{"segments":7,"messages":[{"id":"m","audience":{"not":{"segment":"a"}}},{"id":"n","trigger":{"leaves":"a"}}]}`,
		`{"topics":7,"messages":[{"id":"m","topic":"news"}]}`,
		head + `{"id":"b","split":[{"weight":"1"}]}` + tail,
		head + `{"id":"a","update":{"attributes":{"x":1}},"next":"b"},{"id":"b","wait":"soon","next":"a"}` + tail,
		`{"series":[{"id":"s","entry":{"trigger":{"event":"a"}},"reenter":"true","reenter_after":"1d","max_entries":2,"blocks":[{"id":"b","exit":true}]}]}`,
		`{"series":[{"id":"s","entry":{"audience":{"al":[]}},"blocks":[{"id":"b","exit":true}]}]}`,
		`{"messages":[{"id":"m","trigger":{"evnt":"a"},"frequency":{"every":"1h"},"content":{"body":"{{ event.x }}"}}]}`,
		`{"messages":[{"id":"m","trigger":"a","frequency":{"every":"1h"},"content":{"body":"{{ event.x }}"}}]}`,
		`{"messages":[{"id":7}]}`,
		`{"messages":[{"id":"m","audience":{"usr":"plan","op":"is","value":"x"}}]}`,
		`{"messages":[{"id":"m","audience":{"user":7,"op":"is","value":"x"}}]}`,
		`{"segments":{"a":7},"messages":[{"id":"m","audience":{"segment":"a"}}]}`,
		`{"messages":[7]}`,
		`{"caps":[{"id":"c","max":0,"within":"1h"}]}`,
		`{"caps":[{"id":"c","maximum":1,"within":"1h"}]}`,
	} {
		_, err := ParseProgram([]byte(doc))
		if got := faultsOf(t, err); len(got) != 1 {
			t.Errorf("%s: got faults %q, want one", doc, got)
		}
	}
}

// R3 of the fault model: an error quotes at most 64 characters of input.
func TestParseProgramQuotesLittle(t *testing.T) {
	long := strings.Repeat("é", 5000)
	_, err := ParseProgram([]byte(`{"` + long + `":1,"messages":[{"channel":"` + long + `","live_at":"` + long + `"}]}`))
	for path, says := range faultsOf(t, err) {
		if n := len(path) + len(says); n > 1000 {
			t.Errorf("a fault has %d bytes", n)
		}
	}
}
