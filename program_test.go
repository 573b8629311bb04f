package beckon

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/calendar"
)

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
				t.Errorf("a refused document gave %v", p)
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
	for _, doc := range []string{
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

func TestParseProgramTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	doc := `{"timezone":"` + strings.Repeat("x", MaxProgramBytes) + `"}`
	if _, err := ParseProgram([]byte(doc)); !errors.Is(err, ErrProgramInvalid) {
		t.Errorf("got %v", err)
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

// F1: left out, "0s" and a distance are three things.
func TestParseProgramFrequency(t *testing.T) {
	for doc, want := range map[string]Frequency{
		`{}`:                         {},
		`{"every":"0s"}`:             {Every: Seconds(0)},
		`{"every":"0s","max":1}`:     {Every: Seconds(0), Max: 1},
		`{"every":"1h","max":3}`:     {Every: Hours(1), Max: 3},
		`{"every":"1h","max":3e0}`:   {Every: Hours(1), Max: 3},
		`{"every":"1h","max":30e-1}`: {Every: Hours(1), Max: 3},
	} {
		p, err := ParseProgram([]byte(`{"messages":[{"frequency":` + doc + `}]}`))
		if err != nil {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		if got := *p.Messages[0].Frequency; got.Every != want.Every || got.Max != want.Max {
			t.Errorf("%s: got %+v, want %+v", doc, got, want)
		}
	}
}

// The documents in testdata/programs are written back equal, and read again
// to the same program.
func TestProgramRoundTripGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			doc, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, doc)
		})
	}
}

// roundTrip wants a document to be written back equal, and to be read again
// to the same program.
func roundTrip(t *testing.T, doc []byte) {
	t.Helper()
	p, err := ParseProgram(doc)
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain(t, doc), plain(t, written)); diff != "" {
		t.Errorf("the document changed (-read +written):\n%s", diff)
	}
	var again Program
	if err := json.Unmarshal(written, &again); err != nil {
		t.Fatal(err)
	}
	rewritten, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	if string(rewritten) != string(written) {
		t.Errorf("read again and written:\n%s\nwas:\n%s", rewritten, written)
	}
}

// Each part of a program can stand alone in a host's own documents, and is
// read there as strictly.
func TestPartsReadStrictly(t *testing.T) {
	for doc, part := range map[string]json.Unmarshaler{
		`{"timezone":"UTC"}`:            new(Program),
		`{"id":"m"}`:                    new(Message),
		`{"event":"a","offset":"-3d"}`:  new(Trigger),
		`{"event":"a","within":"1h"}`:   new(Unless),
		`{"within":"7d"}`:               new(Goal),
		`{"body":"x"}`:                  new(Content),
		`{"every":"0s"}`:                new(Frequency),
		`{"id":"c","tag":"t","max":1}`:  new(Cap),
		`{"outside":"hold"}`:            new(Schedule),
		`{"timezone":"Europe/Dublin"}`:  new(OfficeHours),
		`{"from":"09:00","to":"24:00"}`: new(Window),
		`{"id":"s","reenter":true}`:     new(Series),
		`{"trigger":{"event":"a"}}`:     new(Entry),
		`{"id":"b","exit":true}`:        new(Block),
		`{"attributes":{"a":true}}`:     new(Update),
		`{"user_id":"u1","name":"Ada"}`: new(Contact),
		`{"user_id":"u1","page":{"url":"https://a.example/","seconds":1.50}}`: new(Visit),
	} {
		if err := json.Unmarshal([]byte(doc), part); err != nil {
			t.Errorf("%T: %s: %v", part, doc, err)
			continue
		}
		written, err := json.Marshal(part)
		if err != nil || string(written) != doc {
			t.Errorf("%T: got %s, %v, want %s", part, written, err, doc)
		}
		for _, bad := range []string{`{"zebra":1}`, `[]`, `null`} {
			if err := part.UnmarshalJSON([]byte(bad)); err == nil {
				t.Errorf("%T: %s was accepted", part, bad)
			}
		}
		if err := part.UnmarshalJSON([]byte(`{`)); err == nil {
			t.Errorf("%T: broken JSON was accepted", part)
		}
	}
}

func FuzzParseProgram(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"messages":[{"id":"m","channel":"custom:x","frequency":{"every":"0s","max":3}}]}`,
		`{"segments":{"a":{"all":[{"user":"plan","op":"is","value":"pro"}]}}}`,
		`{"series":[{"id":"s","blocks":[{"id":"b","wait":"1d","next":"c"},{"id":"c","exit":true}]}]}`,
		`{"messages":[{"schedule":{"windows":[{"days":["mon"],"from":"22:00","to":"02:00"}]}}]}`,
		`{"messages":[{"live_at":"2026-01-05T00:00:00.123+02:00"}]}`, `{"a":`, "\xff", `{"timezone":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		p, err := ParseProgram(doc)
		if err != nil {
			if !errors.Is(err, ErrProgramInvalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("accepted, but cannot be written: %v", err)
		}
		again, err := ParseProgram(written)
		if err != nil {
			t.Fatalf("written as %s, which is refused: %v", written, err)
		}
		rewritten, err := json.Marshal(again)
		if err != nil || string(rewritten) != string(written) {
			t.Fatalf("written as %s, then as %s (%v)", written, rewritten, err)
		}
	})
}

// Any program that is sound in shape is the same after it was written and read,
// in Go as in JSON, whatever it means.
func TestProgramRoundTrip(t *testing.T) {
	equal := cmp.Options{
		cmp.Comparer(equalValues),
		cmp.Comparer(func(a, b Rule) bool { return a.String() == b.String() }),
		cmpopts.EquateApproxTime(0),
	}
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseProgram(written)
		if err != nil {
			t.Fatalf("%s\n%v", written, err)
		}
		if diff := cmp.Diff(p, again, equal); diff != "" {
			t.Fatalf("%s\n(-written +read):\n%s", written, diff)
		}
		rewritten, err := json.Marshal(again)
		if err != nil || string(rewritten) != string(written) {
			t.Fatalf("written as\n%s\nthen as\n%s, %v", written, rewritten, err)
		}
	})
}

// draw returns a value, or one time in three the zero one.
func draw[T any](t *rapid.T, g *rapid.Generator[T], label string) (v T) {
	if rapid.IntRange(0, 2).Draw(t, label+"?") > 0 {
		v = g.Draw(t, label)
	}
	return v
}

// drawPointer returns a pointer, or one time in three none.
func drawPointer[T any](t *rapid.T, g *rapid.Generator[T], label string) *T {
	return draw(t, rapid.Map(g, func(v T) *T { return &v }), label)
}

func durations() *rapid.Generator[Duration] {
	return rapid.SampledFrom([]Duration{Seconds(0), Seconds(90), Minutes(15), Hours(12), Days(7), Weeks(2), Days(1).Add(Hours(12))})
}

func instants() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		zone := time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(t, "offset")*60)
		return time.Unix(rapid.Int64Range(0, calendar.MaxDate-86400).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(zone)
	})
}

func ruleSamples() *rapid.Generator[Rule] {
	return rapid.SampledFrom([]Rule{
		All(), Any(), Not(All()), Segment("big"), User("plan").In("pro", "team"), User("score").AtLeast(1.5), User("beta").Is(true),
		Did("uploaded").AtLeast(10), Did("uploaded").Within(Days(7)).Is(0), Did("invited").Last().LessThanAgo(Days(7)),
		All(Company("size").Between(1, 10), Any(User("email").IsUnknown())), User("trial_ends_at").On("2026-01-02"),
	})
}

func windowSamples() *rapid.Generator[Window] {
	return rapid.SampledFrom([]Window{
		{Days: []Weekday{"sat", "sun"}, From: "22:00", To: "02:00"}, {From: "00:00", To: "24:00"}, {Days: []Weekday{}, From: "09:00", To: "17:30"}, {},
	})
}

func channelSamples() *rapid.Generator[Channel] {
	return rapid.SampledFrom(append(channelNames(), Custom("kiosk"), Custom(" ")))
}

func statuses() *rapid.Generator[Status] {
	return rapid.SampledFrom([]Status{Draft, Live, Paused, Stopped})
}

func triggers() *rapid.Generator[Trigger] {
	return rapid.Custom(func(t *rapid.T) Trigger {
		return Trigger{
			Event: draw(t, texts(), "event"), Filter: draw(t, ruleSamples(), "where"), Date: draw(t, texts(), "date"),
			Offset: draw(t, rapid.SampledFrom([]Duration{Days(-3), Seconds(0), Days(1)}), "offset"),
			Absence: drawPointer(t, rapid.Custom(func(t *rapid.T) Unless {
				return Unless{Event: draw(t, texts(), "event"), Within: draw(t, durations(), "within"), Same: draw(t, texts(), "same")}
			}), "unless"),
		}
	})
}

func messages() *rapid.Generator[Message] {
	return rapid.Custom(func(t *rapid.T) Message {
		return Message{
			ID: draw(t, texts(), "id"), Name: draw(t, texts(), "name"), Channel: draw(t, channelSamples(), "channel"),
			Mode: draw(t, rapid.SampledFrom([]Mode{Triggered, Ongoing, OneOff}), "mode"), Status: draw(t, statuses(), "status"),
			LiveAt: draw(t, instants(), "live_at"), Trigger: drawPointer(t, triggers(), "trigger"), Audience: draw(t, ruleSamples(), "audience"),
			Frequency: drawPointer(t, rapid.Custom(func(t *rapid.T) Frequency {
				return Frequency{Every: draw(t, durations(), "every"), Max: draw(t, rapid.IntRange(1, 1<<30), "max")}
			}), "frequency"),
			Schedule: drawPointer(t, rapid.Custom(func(t *rapid.T) Schedule {
				return Schedule{
					Start: draw(t, instants(), "start"), Stop: draw(t, instants(), "stop"), Timezone: draw(t, texts(), "timezone"),
					ContactTimezone: rapid.Bool().Draw(t, "contact_timezone"), OfficeHours: rapid.Bool().Draw(t, "office_hours"),
					Windows: draw(t, rapid.SliceOfN(windowSamples(), 0, 3), "windows"),
					Outside: draw(t, rapid.SampledFrom([]Outside{OutsideDrop, OutsideHold}), "outside"),
				}
			}), "schedule"),
			Goal: drawPointer(t, rapid.Custom(func(t *rapid.T) Goal {
				return Goal{Rule: draw(t, ruleSamples(), "rule"), Within: draw(t, durations(), "within")}
			}), "goal"),
			Control: draw(t, rapid.Float64Range(0, 1), "control"), Priority: draw(t, rapid.IntRange(-1000, 1000), "priority"),
			Tags: draw(t, rapid.SliceOfN(texts(), 0, 3), "tags"), ExemptFromCaps: rapid.Bool().Draw(t, "exempt"),
			Transactional: rapid.Bool().Draw(t, "transactional"), ShowUntil: draw(t, instants(), "show_until"),
			Content: Content{
				Format: draw(t, rapid.SampledFrom([]Format{FormatText, FormatHTML}), "format"), Subject: draw(t, texts(), "subject"),
				Body: draw(t, texts(), "body"), Data: draw(t, rapid.MapOfN(texts(), texts(), 0, 3), "data"),
				Missing: draw(t, rapid.SampledFrom([]Missing{MissingEmpty, MissingHold}), "missing"),
			},
		}
	})
}

func drawProgram(t *rapid.T) Program {
	blocks := rapid.Custom(func(t *rapid.T) Block {
		return Block{
			ID: draw(t, texts(), "id"), Wait: draw(t, durations(), "wait"), Rule: drawPointer(t, ruleSamples(), "rule"),
			Within: draw(t, durations(), "within"), Yes: draw(t, texts(), "yes"), No: draw(t, texts(), "no"),
			Message: drawPointer(t, messages(), "message"), Exit: rapid.Bool().Draw(t, "exit"), Next: draw(t, texts(), "next"),
			Update: drawPointer(t, rapid.SampledFrom([]Update{
				{Attributes: Attributes{"a": {}, "b": NumberLiteral("1.50"), "c": Bool(true), "": String("")}}, {Attributes: Attributes{}},
			}), "update"),
		}
	})
	return Program{
		Timezone: draw(t, texts(), "timezone"),
		OfficeHours: drawPointer(t, rapid.Custom(func(t *rapid.T) OfficeHours {
			return OfficeHours{Timezone: draw(t, texts(), "timezone"), Windows: draw(t, rapid.SliceOfN(windowSamples(), 0, 3), "windows")}
		}), "office_hours"),
		Segments: draw(t, rapid.MapOfN(texts(), ruleSamples(), 0, 3), "segments"),
		Caps: draw(t, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Cap {
			return Cap{
				ID: draw(t, texts(), "id"), Channel: draw(t, channelSamples(), "channel"), Tag: draw(t, texts(), "tag"),
				Max: draw(t, rapid.IntRange(1, 100), "max"), Within: draw(t, durations(), "within"),
			}
		}), 0, 3), "caps"),
		Messages: draw(t, rapid.SliceOfN(messages(), 0, 3), "messages"),
		Series: draw(t, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Series {
			return Series{
				ID: draw(t, texts(), "id"), Status: draw(t, statuses(), "status"),
				Entry: Entry{Trigger: drawPointer(t, triggers(), "trigger"), Audience: draw(t, ruleSamples(), "audience")},
				Exit:  draw(t, ruleSamples(), "exit"), Reenter: rapid.Bool().Draw(t, "reenter"),
				Blocks: draw(t, rapid.SliceOfN(blocks, 0, 3), "blocks"),
			}
		}), 0, 2), "series"),
	}
}
