package scenario

import (
	"context"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/together"
)

// A name in a want that nothing has is a failure of its own, with the one that was meant.
func TestNames(t *testing.T) {
	const capped = `{"caps":[{"id":"day","max":1,"within":"24h"}],"messages":[{"id":"ready","status":"live","trigger":{"event":"upload"},"content":{"body":"x"}}]}`
	for want, problem := range map[string]string{
		`"held":{"redy":"throttled"}`:           `step 0 track: held.redy: no message "redy", did you mean "ready"?`,
		`"held":{"redy@acme":"throttled"}`:      `held["redy@acme"]: no message "redy", did you mean "ready"?`,
		`"held":{"zebra":"throttled"}`:          `held.zebra: no message "zebra"` + "\n",
		`"held":{"ready":"throtled"}`:           `held.ready: no reason "throtled", did you mean "throttled"?`,
		`"retry_at":{"redy":null}`:              `retry_at.redy: no message "redy", did you mean "ready"?`,
		`"cap":{"redy":"day"}`:                  `cap.redy: no message "redy", did you mean "ready"?`,
		`"cap":{"ready":"dya"}`:                 `cap.ready: no cap "dya", did you mean "day"?`,
		`"sent":[{"message":"raedy"}]`:          `sent[0].message: no message "raedy", did you mean "ready"?`,
		`"sent":[{"body":"x"},{"message":"z"}]`: `sent[1].message: no message "z"` + "\n",
	} {
		if got := lines(run(t, capped, at("09:00:00", track+`,"want":{`+want+`}`))); !strings.Contains(got+"\n", problem) || strings.Contains(got, "did not come") {
			t.Errorf("%s: got\n%s\nwant in it\n%s", want, got, problem)
		}
	}
	if got := lines(run(t, capped, at("09:00:00", track+`,"want":{"sent":[{"message":"ready","body":"another"}],"held":{}}`))); !strings.Contains(got, "did not come\n") || strings.Contains(got, "no message") {
		t.Errorf("a message that there is: got\n%s", got)
	}
	// Without a look at the name it would be as wanted.
	totals := at("09:00:00", `"totals":{"message":"ready"},"want":{"totals":{"held":{"throtled":0}}}`)
	if got, want := lines(run(t, capped, totals)), `step 0 totals: totals.held.throtled: no reason "throtled", did you mean "throttled"?`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Messages can be named that an earlier program has, a series, or none.
func TestNamesOfMessagesElsewhere(t *testing.T) {
	const walk = `{"series":[{"id":"s","status":"live","entry":{"trigger":{"event":"upload"}},"blocks":[{"id":"b","message":{"id":"hello","content":{"body":"x"}}}]}]}`
	got := lines(run(t, walk, at("09:00:00", track+`,"want":{"sent":[{"message":"hello"}]}`)+","+
		at("09:00:00", `"publish":`+upload)+","+
		at("09:00:00", track+`,"want":{"sent":[{"message":"ready"}],"held":{}}`)+","+
		at("09:01:00", track+`,"want":{"held":{"ready":"throttled","hello":"throttled"}}`)+","+
		at("09:00:00", `"send_to":{"contact":{"user_id":"u1"},"message":{"id":"note","content":{"body":"x"}}},"want":{"sent":[{"message":"note"}]}`)))
	if want := "step 3 track: held.hello: got not held, want throttled"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// If no message listens to an event, a failed step says so.
func TestUnheard(t *testing.T) {
	stray := strings.Replace(track, `"upload"`, `"uplod"`, 1)
	const note = "step 0 track: no message listens to uplod; did you mean upload?"
	if got := lines(run(t, upload, at("09:00:00", stray+`,"want":{"sent":[{"message":"ready"}]}`))); !strings.Contains(got, note) {
		t.Errorf("a misspelt event: got\n%s", got)
	}
	if got := lines(run(t, upload, at("09:00:00", stray+`,"want":{"sent":[]}`))); got != "" {
		t.Errorf("an event to which nothing listens, as wanted: got\n%s", got)
	}
}

// A difference says where in the file it is: at the want, or at what was refused.
func TestPlaces(t *testing.T) {
	doc := `[
{"name": "a", "program": {"messages": [{"id": "ready", "status": "live", "trigger": {"event": "upload"}, "content": {"body": "x"}}]},
 "steps": [
  {"at": "2026-03-02T09:00:00Z", "track": {"event_name": "upload", "user_id": "u1"},
   "want": {"sent": [{"message": "ready"},
                     {"message": "raedy"}],
            "held": {"ready": "throttled"},
            "duplicate": true}},
  {"track": {"event_name": "upload", "user_id": "u1",
    "created_at": -1}},
  {"track": {"event_name": "uplod", "user_id": "u1"},
   "want": {"sent": [
    {"message": "ready"}]}}
 ]},
{"name": "b", "program": {
  "timezone": "Mars"}, "steps": [{"at": "2026-03-02T09:00:00Z", "due": {}}]},
{"name": "c", "steps": [
   {"at": "2026-03-02T09:00:00Z", "track": {}, "wnat": {}}]}
]`
	list, err := Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range list {
		for _, d := range list[i].Run(context.Background()).Differences {
			got = append(got, strings.TrimSuffix(d.Place("f")+" "+strings.SplitAfterN(d.String(), ":", 3)[0], ":"))
		}
	}
	want := []string{"f:6:23 step 0 track", "f:7:22 step 0 track", "f:8:13 step 0 track", "f:10:5 step 1 track", "f:13:5 step 2 track", "f:11:14 step 2 track", "f:16:3 program", "f:18:48 scenario.steps[0].wnat"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	beside, err := Parse([]byte(`{"program_file":"live.json","steps":[{"at":"2026-03-02T09:00:00Z","due":{}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	beside[0].Load(func(name string) ([]together.File, error) {
		return []together.File{{Name: name, Data: []byte("{\n \"timezone\": \"Mars\"}")}}, nil
	})
	if d := beside[0].Run(context.Background()).Differences[0]; d.Place("f") != "live.json:2:2" {
		t.Errorf("a fault of the program's file is at %s", d.Place("f"))
	}
	lone, err := Parse([]byte(`{"steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"\ud800"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := lone[0].Run(context.Background()).Differences[0]; d.Place("f") != "f" {
		t.Errorf("in a file that is not UTF-8 the fault is at %s", d.Place("f"))
	}
}

// A difference about a message comes with its rules and the values that they saw.
func TestTrees(t *testing.T) {
	const program = `{"messages":[{"id":"m","status":"live","trigger":{"event":"upload","where":{"metadata":"file","op":"is","value":"a.mp4"}},"audience":{"all":[{"user":"plan","op":"is","value":"pro"}]},"content":{"body":"x"}},
		{"id":"mail","channel":"email","status":"live","audience":{"user":"plan","op":"is","value":"pro"},"content":{"body":"x"}},
		{"id":"post","channel":"post","status":"live","audience":{"user":"plan","op":"is","value":"pro"},"content":{"body":"x"}},
		{"id":"changed","status":"live","trigger":{"attribute":"plan"},"audience":{"user":"plan","op":"is","value":"pro"},"content":{"body":"x"}}]}`
	const free = `"contact":{"user_id":"u1","attributes":{"plan":"free"}}`
	const seen = `{"user":"plan","op":"is","value":"pro"}: false, the value is "free"`
	for step, want := range map[string]string{
		track + `,"want":{"sent":[{"message":"m"}]}`:                                "\n    where {\"metadata\":\"file\",\"op\":\"is\",\"value\":\"a.mp4\"}: true, the value is \"a.mp4\"\n    audience all: false\n        " + seen,
		track + `,"want":{"held":{"m":"throttled"}}`:                                seen,
		track + `,"want":{"held":{}}`:                                               seen,
		track + `,"want":{"retry_at":{"m":"2026-03-02T09:00:00Z"}}`:                 seen,
		track + `,"want":{"cap":{"m@acme":""}}`:                                     "",
		`"visit":{"user_id":"u1"},"want":{"held":{"post":"capped"}}`:                seen,
		`"check":{"user_id":"u1"},"want":{"held":{"mail":"capped"}}`:                seen,
		free + `,"want":{"held":{"changed":"capped"}}`:                              "",
		`"contact":{"user_id":"u1","attributes":{"plan":"x"}},"want":{"held":{}}`:   `the value is "x"`,
		`"sweep":{},"want":{"sent":[{"message":"mail"}]}`:                           "",
		`"visit":{"user_id":7.5},"want":{"held":{"post":"capped"},"errors":[{}]}`:   "",
		`"contact":{"user_id":7.5},"want":{"held":{"m":"capped"},"errors":[{}]}`:    "",
		`"check":{"user_id":7.5},"want":{"held":{"m":"capped"},"errors":[{}]}`:      "",
		`"track":{"user_id":7.5},"want":{"held":{"m":"capped"},"rejected":true}`:    "",
		`"contact":{"user_id":"u2"},"want":{"sent":[{"message":"post"}],"held":{}}`: "",
	} {
		r := run(t, program, at("09:00:00", free)+","+at("09:00:00", step))
		if len(r.Differences) == 0 {
			t.Fatalf("%s: no difference", step)
		}
		if got := r.Differences[0].Tree(); !strings.HasSuffix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %s: got the tree%s\nwant%s", step, r.Differences[0], got, want)
		}
	}
}

// A difference about a message that no rule holds says what does.
func TestHolds(t *testing.T) {
	const program = `{"timezone":"Europe/Dublin","caps":[{"id":"one","max":1,"within":"1d"}],"messages":[
		{"id":"first","status":"live","priority":10,"limited_by_caps":false,"counts_toward_caps":true,"trigger":{"event":"upload"},"frequency":{"every":"1h"},"content":{"body":"x"}},
		{"id":"late","channel":"email","status":"live","trigger":{"event":"upload"},"exempt_from_caps":true,"schedule":{"windows":[{"from":"12:00","to":"13:00"}]},"content":{"subject":"x","body":"x"}},
		{"id":"capped","channel":"email","status":"live","trigger":{"event":"upload"},"content":{"subject":"x","body":"x"}},
		{"id":"group","channel":"post","status":"live","trigger":{"event":"upload"},"exempt_from_caps":true,"control":1,"content":{"body":"x"}},
		{"id":"value","channel":"post","status":"live","trigger":{"event":"upload"},"exempt_from_caps":true,"content":{"body":"{{ user.plan }}","missing":"hold"}},
		{"id":"waits","channel":"post","status":"live","trigger":{"event":"upload","unless":{"event":"left","within":"1h"}},"content":{"body":"x"}}]}`
	for message, want := range map[string]string{
		"first":  "It was last sent at 2 Mar 2026 09:00:00 UTC, and there must be 1h between two",
		"late":   "It is Mon 09:01 in Europe/Dublin (the zone of the program), and it goes out mon 12:00 to mon 13:00",
		"capped": "The limit “one” allows 1 in 1d, and 1 went out: “first” at 2 Mar 2026 09:00:00 UTC",
		"group":  "the contact is in the control group",
		"value":  "a value that its text needs is not known",
		"waits":  "it waits to see what follows",
	} {
		step := track + `,"want":{"sent":[{"message":"` + message + `"}]}`
		r := run(t, program, at("09:00:00", track)+","+at("09:01:00", step))
		if len(r.Differences) == 0 {
			t.Fatalf("%s: no difference", message)
		}
		if got := r.Differences[0].Tree(); !strings.Contains(got, want) {
			t.Errorf("%s: got%s\nwant %s", r.Differences[0], got, want)
		}
	}
}

// A scenario tests the caller's program in place of its own, with the caller's options.
func TestFor(t *testing.T) {
	program, err := beckon.ParseProgram([]byte(upload))
	if err != nil {
		t.Fatal(err)
	}
	steps := `"steps":[` + at("09:00:00", track+`,"want":{"sent":[{"message":"ready"}]}`) + `]`
	for _, doc := range []string{`{` + steps + `}`, `{"program":{"timezone":"Mars"},` + steps + `}`, `{"program_file":"nowhere.json",` + steps + `}`} {
		list, err := Parse([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		list[0].For(program)
		if r := list[0].Run(context.Background()); !r.OK() {
			t.Errorf("%s: %s", doc, lines(r))
		}
		list[0].For(program, beckon.WithKnownContactsOnly())
		if got := lines(list[0].Run(context.Background())); !strings.Contains(got, "did not come") {
			t.Errorf("with known contacts only: got %q", got)
		}
		program := program
		program.Timezone = "Mars"
		list[0].For(program)
		r := list[0].Run(context.Background())
		if got := lines(r); !strings.HasPrefix(got, "program: got timezone") || r.Differences[0].Line != 0 {
			t.Errorf("a program that is refused: got %q in line %d", got, r.Differences[0].Line)
		}
	}
}
