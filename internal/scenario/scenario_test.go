package scenario

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// upload is a program with one triggered message, at most once an hour.
const upload = `{"messages":[{"id":"ready","channel":"chat","status":"live","trigger":{"event":"upload"},"frequency":{"every":"1h"},"content":{"body":"{{ event.file }} is ready"}}]}`

// run runs one scenario of a program and steps.
func run(t *testing.T, program, steps string) *Report {
	t.Helper()
	return runDoc(t, `{"name":"x","program":`+program+`,"steps":[`+steps+`]}`)
}

func runDoc(t *testing.T, doc string) *Report {
	t.Helper()
	list, err := Parse([]byte(doc))
	if err != nil || len(list) != 1 {
		t.Fatalf("%d scenarios, %v", len(list), err)
	}
	return list[0].Run(context.Background())
}

func lines(r *Report) string {
	var out []string
	for _, d := range r.Differences {
		out = append(out, d.String())
	}
	return strings.Join(out, "\n")
}

// at returns a step at an instant of one day.
func at(clock, members string) string {
	return `{"at":"2026-03-02T` + clock + `Z",` + members + `}`
}

const track = `"track":{"event_name":"upload","user_id":"u1","metadata":{"file":"a.mp4"}}`

// Every want, as it is met and as it is not.
func TestWants(t *testing.T) {
	steps := func(want string) string { return at("09:00:00", track+`,"want":`+want) }
	heldSteps := func(want string) string {
		return at("09:00:00", track) + "," + at("09:20:00", track+`,"want":`+want)
	}
	tests := []struct{ name, steps, want string }{
		{"nothing wanted", at("09:00:00", track), ""},
		{"sent", steps(`{"sent":[{"message":"ready"}],"held":{}}`), ""},
		{"sent, all fields", steps(`{"sent":[{"message":"ready","user_id":"u1","contact_id":"","email":"","anonymous_id":"","company_id":"","subject":"","body":"a.mp4 is ready","body_contains":["a.mp4","ready"],"data":{},"sequence":1,"channel":"chat","series":""}]}`), ""},
		{"sent, but not wanted", steps(`{"sent":[]}`), "step 0 track: sent: got {"},
		{"wanted, but not sent", heldSteps(`{"sent":[{"message":"ready"}]}`), "step 1 track: sent: want {\"message\":\"ready\"}, did not come\nstep 1 track: sent: got these held instead: ready throttled until 2026-03-02T10:00:00Z"},
		{"another body", steps(`{"sent":[{"body":"x"}]}`), "sent: want {\"body\":\"x\"}, did not come\nstep 0 track: sent: got {"},
		{"sent, its id", steps(`{"sent":[{"message":"ready","id":""}]}`), ""},
		{"another id", steps(`{"sent":[{"message":"ready","id":"u1"}]}`), "did not come"},
		{"another sequence", steps(`{"sent":[{"sequence":2}]}`), "did not come"},
		{"other data", steps(`{"sent":[{"data":{"a":"b"}}]}`), "did not come"},
		{"not in the body", steps(`{"sent":[{"body_contains":["a.mp4","b.mp4"]}]}`), "did not come"},
		{"held", heldSteps(`{"sent":[],"held":{"ready":"throttled"},"retry_at":{"ready":"2026-03-02T11:00:00+01:00"}}`), ""},
		{"held for another reason", heldSteps(`{"held":{"ready":"audience"}}`), "step 1 track: held.ready: got throttled, want audience"},
		{"held, but not wanted", heldSteps(`{"held":{}}`), "held: got ready throttled until 2026-03-02T10:00:00Z, not wanted"},
		{"not held", steps(`{"held":{"ready":"throttled"}}`), "held.ready: got not held, want throttled"},
		{"no such message", heldSteps(`{"held":{"ready":"throttled","other":"throttled"}}`), "held.other: no message \"other\""},
		{"another retry_at", heldSteps(`{"retry_at":{"ready":"2026-03-02T11:00:00Z"}}`), "retry_at.ready: got 2026-03-02T10:00:00Z, want 2026-03-02T11:00:00Z"},
		{"no retry_at wanted", heldSteps(`{"retry_at":{"ready":null}}`), "retry_at.ready: got 2026-03-02T10:00:00Z, want never"},
		{"retry_at of what is not held", steps(`{"retry_at":{"ready":"2026-03-02T11:00:00Z"}}`), "retry_at.ready: got not held"},
		{"warnings", steps(`{"warnings":[]}`), ""},
		{"other warnings", steps(`{"warnings":["event_archived"]}`), `warnings: got [], want ["event_archived"]`},
		{"not a duplicate", steps(`{"duplicate":false,"rejected":false}`), ""},
		{"duplicate", steps(`{"duplicate":true}`), "duplicate: got false, want true"},
		{"rejected", steps(`{"rejected":true}`), "rejected: got false, want true"},
		{"error that did not come", steps(`{"errors":[{"code":"contact_missing"}]}`), `errors: want {"code":"contact_missing"}, did not come`},
		{"no errors", steps(`{"errors":[]}`), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, upload, tt.steps)
			got := lines(r)
			if r.OK() != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got differences\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// D14, Z2: a difference of a composed message says how its rules came out.
func TestSendToSaysWhy(t *testing.T) {
	r := run(t, upload, at("09:00:00", `"contact":{"user_id":"u1","attributes":{"plan":"free"}}`)+","+
		at("09:00:00", `"send_to":{"contact":{"user_id":"u1"},"message":{"id":"word","audience":{"user":"plan","op":"is","value":"pro"},"content":{"body":"x"}}},"want":{"held":{"word":"control"}}`))
	if len(r.Differences) != 1 {
		t.Fatal(lines(r))
	}
	if why := r.Differences[0].Why; why == nil || why.Audience == nil || why.Audience.Seen != "free" {
		t.Errorf("%+v", why)
	}
}

func TestErrors(t *testing.T) {
	const bad = `"track":{"event_name":"","created_at":-1}`
	for _, tt := range []struct{ name, step, want string }{
		{"not wanted", at("09:00:00", bad), "errors: got created_at:"},
		{"not wanted beside others", at("09:00:00", bad+`,"want":{"sent":[]}`), "errors: got created_at:"},
		{"rejected", at("09:00:00", bad+`,"want":{"rejected":true,"sent":[],"held":{}}`), ""},
		{"not rejected", at("09:00:00", bad+`,"want":{"rejected":false}`), "rejected: got true, created_at:"},
		{"exactly, in any order", at("09:00:00", bad+`,"want":{"errors":[{"code":"contact_missing"},{"field":"created_at"},{"code":"event_name_missing","field":"event_name"}]}`), ""},
		{"one too few", at("09:00:00", bad+`,"want":{"errors":[{"code":"contact_missing"},{"field":"created_at"}]}`), "errors: got event_name:"},
		{"one too many", at("09:00:00", bad+`,"want":{"errors":[{},{},{},{"path":"x"}]}`), `errors: want {"path":"x"}, did not come`},
		{"check too soon", at("09:00:00", `"check":{"user_id":"u1"}`) + `,` + at("09:14:59", `"check":{"user_id":"u1"},"want":{"errors":[{"code":"check_too_soon","retry_at":"2026-03-02T09:15:00Z"}]}`), ""},
		{"check too soon, until another time", at("09:00:00", `"check":{"user_id":"u1"}`) + `,` + at("09:14:59", `"check":{"user_id":"u1"},"want":{"errors":[{"retry_at":"2026-03-02T09:16:00Z"}]}`), "did not come"},
		{"contact", at("09:00:00", `"contact":{"user_id":"u1","zebra":1},"want":{"errors":[{"code":"json_invalid","field":"zebra"}]}`), ""},
		{"visit", at("09:00:00", `"visit":{"user_id":"u1","zebra":1},"want":{"errors":[{"code":"json_invalid","field":"zebra"}]}`), ""},
		{"check", at("09:00:00", `"check":{"zebra":1},"want":{"errors":[{"code":"json_invalid","field":"zebra"},{"code":"contact_missing"}]}`), ""},
		{"body", at("09:00:00", `"track_json":"{","want":{"errors":[{"code":"json_invalid"}]}`), ""},
		{"lone surrogate", at("09:00:00", `"track":{"event_name":"a","user_id":"\ud800"},"want":{"errors":[{"code":"text_not_utf8","field":"user_id"}]}`), ""},
		{"publish, shape and meaning", at("09:00:00", `"publish":{"messages":[{"id":"m","chanel":"chat"},{"id":"m"}]},"want":{"errors":[{"path":"messages[0].chanel"},{"code":"program_invalid","path":"messages[1].id"}]}`), ""},
		{"match", at("09:00:00", `"match":{"user":"a","op":"IS"},"want":{"errors":[{"path":"op"}]}`), ""},
		{"stopped", at("09:00:00", `"stop":{"message":"ready"}`) + `,` + at("09:00:00", `"resume":{"message":"ready"},"want":{"errors":[{"code":"message_stopped"}]}`), ""},
		{"unknown message", at("09:00:00", `"send":{"message":"nope"},"want":{"errors":[{"code":"message_unknown"}],"sent":[]}`), ""},
		{"nothing to release", at("09:00:00", `"release":{"message":"ready","user_id":"u1"},"want":{"errors":[{"code":"delivery_unknown"}]}`), ""},
		{"merge of nobody", at("09:00:00", `"merge":{"into":{"user_id":"u1"}},"want":{"errors":[{"code":"contact_missing"}]}`), ""},
		{"merge, from", at("09:00:00", `"merge":{"from":{"a":1},"into":{"user_id":"u1"}},"want":{"rejected":true}`), ""},
		{"merge, into", at("09:00:00", `"merge":{"from":{"user_id":"u1"},"into":{"a":1}},"want":{"rejected":true}`), ""},
		{"delete", at("09:00:00", `"delete":{"a":1},"want":{"rejected":true}`), ""},
		{"send to nobody", at("09:00:00", `"send":{"message":"ready","only":{"a":1}},"want":{"rejected":true}`), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, upload, tt.step)
			got := lines(r)
			if r.OK() != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got differences\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// Every verb does what it says.
func TestVerbs(t *testing.T) {
	program := `{"messages":[
		{"id":"ready","status":"live","trigger":{"event":"upload"},"frequency":{"every":"0s"},"goal":{"rule":{"event":"bought","stat":"count","op":"at_least","value":1},"within":"7d"},"content":{"body":"x"}},
		{"id":"post","channel":"post","status":"live","content":{"body":"x"}},
		{"id":"mail","channel":"email","status":"live","content":{"body":"hi {{ company.name }}"}},
		{"id":"news","channel":"email","status":"live","mode":"one_off","content":{"body":"x"}},
		{"id":"late","status":"live","trigger":{"event":"night","unless":{"event":"day","within":"1h"}},"content":{"body":"x"}}]}`
	steps := []string{
		at("09:00:00", `"contact":{"user_id":"u1","companies":[{"company_id":"acme","name":"Acme"}]},"want":{"sent":[],"held":{}}`),
		at("09:00:01", `"visit":{"user_id":"u1"},"want":{"sent":[{"message":"post","user_id":"u1"}]}`),
		at("09:00:02", `"sweep":{},"want":{"sent":[{"message":"mail","company_id":"acme"}]}`),
		at("09:00:03", `"check":{"user_id":"u1"},"want":{"sent":[],"held":{"mail@acme":"already_sent"}}`),
		at("09:00:04", `"send":{"message":"news","only":{"user_id":"u1"}},"want":{"sent":[{"message":"news"}]}`),
		at("09:00:05", `"send_to":{"contact":{"user_id":"u1"},"message":{"id":"word","content":{"body":"x"}}},"want":{"sent":[{"message":"word","user_id":"u1"}],"held":{}}`),
		at("09:00:05", `"send_to":{"contact":{"user_id":"u1"},"message":{"id":"word","content":{"body":"x"}}},"want":{"sent":[],"held":{"word":"already_sent"}}`),
		at("09:00:05", `"send_to":{"message":{"id":"word","trigger":{"event":"e"}}},"want":{"errors":[{"path":"trigger"},{"code":"contact_missing"}]}`),
		at("09:00:05", `"send_to":{"contact":{"user_id":"u1"},"message":{"id":"word","zebra":1}},"want":{"errors":[{"path":"zebra"}]}`),
		at("09:00:05", `"contact":{"user_id":"u2"}`),
		at("09:00:05", `"contact":{"user_id":"u3"}`),
		at("09:00:06", `"send":{"message":"news","sample":1},"want":{"sent":[{"message":"news"}]}`),
		at("09:00:07", `"send":{"message":"news"},"want":{"sent":[{}]}`),
		at("09:00:08", `"track":{"event_name":"upload","user_id":"u1"},"want":{"sent":[{"message":"ready"}]}`),
		at("09:00:09", `"track_json":"{\"event_name\":\"bought\",\"user_id\":\"u1\"}"`),
		at("09:00:10", `"totals":{"message":"ready"},"want":{"totals":{"sent":1,"converted":1,"judged":1,"held":{"throttled":0}}}`),
		at("09:00:11", `"release":{"message":"ready","user_id":"u1"}`),
		at("09:00:12", `"totals":{"message":"ready"},"want":{"totals":{"sent":0}}`),
		at("09:00:13", `"pause":{"message":"ready"}`),
		at("09:00:14", `"track":{"event_name":"upload","user_id":"u1"},"want":{"held":{"ready":"not_live"}}`),
		at("09:00:14", `"messages":{"mode":"triggered"},"want":{"messages":["ready","late"]}`),
		at("09:00:14", `"messages":{"status":"paused"},"want":{"messages":["ready"]}`),
		at("09:00:14", `"messages":{"channel":"email","mode":"one_off"},"want":{"messages":["news"]}`),
		at("09:00:14", `"messages":{"sent_from":"2026-03-02T09:00:07Z"},"want":{"messages":["news"]}`),
		at("09:00:14", `"messages":{"sent_before":"2026-03-02T09:00:07Z","live_from":"2026-03-02T09:00:00Z"},"want":{"messages":["ready","post","mail","late"]}`),
		at("09:00:14", `"messages":{"live_before":"2026-03-02T09:00:00Z"},"want":{"messages":[]}`),
		at("09:00:14", `"messages":{"at_least":{"sent":1,"held":{"already_sent":1}},"fewer":{"sent":2}},"want":{"messages":["mail"]}`),
		at("09:00:15", `"resume":{"message":"ready"}`),
		at("09:00:16", `"track":{"event_name":"upload","user_id":"u1"},"want":{"sent":[{"sequence":1}]}`),
		at("09:00:17", `"archive":{"event":"upload"}`),
		at("09:00:18", `"track":{"event_name":"upload","user_id":"u1"},"want":{"sent":[],"held":{},"warnings":["event_archived"]}`),
		at("09:00:19", `"unarchive":{"event":"upload"}`),
		at("09:00:20", `"stop":{"message":"ready"}`),
		at("09:00:21", `"track":{"event_name":"upload","user_id":"u1"},"want":{"held":{"ready":"not_live"}}`),
		at("09:00:22", `"track":{"event_name":"night","user_id":"u1"},"want":{"held":{"late":"waiting"},"retry_at":{"late":"2026-03-02T10:00:22Z"}}`),
		at("10:00:21", `"due":{},"want":{"sent":[],"held":{}}`),
		at("10:00:22", `"due":{},"want":{"sent":[{"message":"late"}],"held":{}}`),
		at("10:01:00", `"track":{"event_name":"seen","anonymous_id":"v1"}`),
		at("10:02:00", `"match":{"event":"seen","stat":"count","op":"is","value":1},"want":{"contacts":["v1"]}`),
		at("10:03:00", `"merge":{"from":{"anonymous_id":"v1"},"into":{"user_id":"u2"}}`),
		at("10:04:00", `"match":{"event":"seen","stat":"count","op":"is","value":1},"want":{"contacts":["u2"]}`),
		at("10:04:10", `"unsubscribe":{"user_id":"u2","from":"email"}`),
		at("10:04:20", `"send":{"message":"news","only":{"user_id":"u2"}},"want":{"sent":[]}`),
		at("10:04:30", `"match":{"user":"user_id","op":"is","value":"u2"},"want":{"contacts":["u2"]}`),
		at("10:04:40", `"resubscribe":{"user_id":"u2","from":"email"}`),
		at("10:05:00", `"delete":{"user_id":"u2"}`),
		at("10:06:00", `"match":{"all":[]},"want":{"contacts":["u3","u1"]}`),
		at("10:07:00", `"publish":{}`),
		at("10:08:00", `"visit":{"user_id":"u1"},"want":{"sent":[],"held":{}}`),
	}
	r := run(t, program, strings.Join(steps, ","))
	if !r.OK() {
		t.Error(lines(r))
	}
	seen := make(map[string]bool)
	for _, s := range steps {
		for _, verb := range verbs() {
			seen[verb] = seen[verb] || strings.Contains(s, `"`+verb+`":`)
		}
	}
	for _, verb := range verbs() {
		if !seen[verb] {
			t.Errorf("%s is not tried", verb)
		}
	}
}

func TestTotalsAndContactsDiffer(t *testing.T) {
	r := run(t, upload, at("09:00:00", track)+","+at("09:01:00", track)+","+
		at("09:02:00", `"totals":{"message":"ready"},"want":{"totals":{"sent":2,"held":{"throttled":3}}}`)+","+
		at("09:03:00", `"match":{"all":[]},"want":{"contacts":["u2"]}`)+","+
		at("09:04:00", `"messages":{},"want":{"messages":["redy"]}`))
	want := "step 2 totals: totals.sent: got 1, want 2\n" +
		"step 2 totals: totals.held.throttled: got 1, want 3\n" +
		"step 3 match: contacts: want u2, did not come\n" +
		"step 3 match: contacts: got u1, not wanted\n" +
		"step 4 messages: messages[0]: no message \"redy\", did you mean \"ready\"?"
	if got := lines(r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOptions(t *testing.T) {
	doc := func(options, steps string) string {
		return `{"name":"x","program":` + upload + `,"options":` + options + `,"steps":[` + steps + `]}`
	}
	var metadata []string
	for _, c := range "abcdefghijklmnopqrstu" {
		metadata = append(metadata, `"`+string(c)+`":1`)
	}
	for _, tt := range []struct{ name, doc string }{
		{"M1 strict", doc(`{"strict_metadata":true}`, at("09:00:00", `"track":{"event_name":"a","user_id":"u1","metadata":{`+strings.Join(metadata, ",")+`}},"want":{"errors":[{"code":"metadata_too_many"}]}`))},
		{"M4 lenient", doc(`{"lenient_metadata":true}`, at("09:00:00", `"track":{"event_name":"a","user_id":"u1","metadata":{"a":{"b":1},"c":2}},"want":{"warnings":["metadata_value_dropped"]}`))},
		{"known contacts only", doc(`{"known_contacts_only":true}`, at("09:00:00", track+`,"want":{"errors":[{"code":"contact_unknown"}]}`))},
		{"E6 names", doc(`{"event_names_limit":1}`, at("09:00:00", track)+","+at("09:00:00", `"track":{"event_name":"other","user_id":"u1"},"want":{"errors":[{"code":"event_names_limit"}]}`))},
		{"D6 channels", doc(`{"source_channels":{"rest":["email"],"direct":["email"]}}`,
			at("09:00:00", track+`,"want":{"held":{"ready":"source"}}`)+","+
				at("09:00:00", `"track":{"event_name":"upload","user_id":"u1","source":"rest"},"want":{"held":{"ready":"source"}}`)+","+
				at("09:00:00", `"track":{"event_name":"upload","user_id":"u1","source":"mobile_sdk"},"want":{"sent":[{}]}`))},
		{"outbox", doc(`{"outbox":true}`,
			at("09:00:00", `"track":{"event_name":"upload","user_id":"u1","event_id":"e"},"want":{"sent":[{}]}`)+","+
				at("09:00:01", `"track":{"event_name":"upload","user_id":"u1","event_id":"e"},"want":{"duplicate":true,"sent":[{}]}`))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r := runDoc(t, tt.doc); !r.OK() {
				t.Error(lines(r))
			}
		})
	}
}

// F6: the clock may go back.
func TestClockGoesBack(t *testing.T) {
	r := run(t, upload, at("07:00:00", `"due":{}`)+","+at("09:00:00", track)+","+at("08:00:00", track+`,"want":{"held":{"ready":"throttled"},"retry_at":{"ready":"2026-03-02T09:00:00Z"}}`)+
		`,{`+track+`,"want":{"retry_at":{"ready":"2026-03-02T09:00:00Z"}}}`)
	if !r.OK() {
		t.Error(lines(r))
	}
}

// What is wrong with a scenario fails it, with the place, and hides no other.
func TestFaultsOfADocument(t *testing.T) {
	for doc, want := range map[string]string{
		`{"zebra":1}`:             "scenario.zebra: unknown field",
		`{"stpes":[]}`:            `scenario.stpes: unknown field, did you mean "steps"? Known are name, `,
		`{"steps":[{"trak":{}}]}`: `scenario.steps[0].trak: unknown verb, did you mean "track"? Known are contact, `,
		`{"steps":[{"due":{},"want":{"hold":{}}}]}`: `scenario.steps[0].want.hold: unknown field, did you mean "held"? Known are `,
		`{"name":1}`:                                          "scenario.name: must be a string",
		`{"name":"a","name":"b"}`:                             "scenario.name: given twice",
		`{"steps":{}}`:                                        "scenario.steps: must be a list",
		`{"steps":[1]}`:                                       "scenario.steps[0]: must be an object",
		`{"steps":[{"at":"soon","due":{}}]}`:                  "scenario.steps[0].at: must be a time",
		`{"steps":[{"due":{}}]}`:                              "scenario.steps[0].at: missing",
		`{"steps":[{}]}`:                                      "scenario.steps[0]: does nothing",
		`{"steps":[{"teleport":{}}]}`:                         "scenario.steps[0].teleport: unknown verb",
		`{"steps":[{"due":{},"sweep":{}}]}`:                   "scenario.steps[0]: does two things, due and sweep",
		`{"steps":[{"due":{},"want":[]}]}`:                    "scenario.steps[0].want: must be an object",
		`{"options":{"event_names_limit":"1"}}`:               "scenario.options.event_names_limit: must be a whole number",
		`{"options":{"source_channels":[]}}`:                  "scenario.options.source_channels: must be an object of lists",
		`{"steps":[{"due":{},"want":{"a b":1}}]}`:             `scenario.steps[0].want["a b"]: unknown field`,
		`{"steps":[{"due":{},"want":{"sent":null}}]}`:         "want.sent: must be a list",
		`{"steps":[{"due":{},"want":{"held":null}}]}`:         "want.held: must be an object of strings",
		`{"steps":[{"due":{},"want":{"warnings":1}}]}`:        "want.warnings: must be a list of strings",
		`{"steps":[{"due":{},"want":{"rejected":1}}]}`:        "want.rejected: must be true or false",
		`{"steps":[{"due":{},"want":{"retry_at":1}}]}`:        "want.retry_at: must be an object of times",
		`{"steps":[{"due":{},"want":{"cap":[]}}]}`:            "want.cap: must be an object of strings",
		`{"steps":[{"due":{},"want":{"totals":{"held":1}}}]}`: "want.totals.held: must be an object of whole numbers",
	} {
		r := runDoc(t, doc)
		if got := lines(r); r.OK() || !strings.Contains(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", doc, got, want)
		}
	}
}

// A fault in a step itself cannot be wanted.
func TestFaultsOfAStep(t *testing.T) {
	for _, members := range []string{
		`"sweep":{"a":1}`, `"due":[]`, `"send":{"to":"m"}`, `"send":{"message":"m","sample":"all"}`, `"merge":{"from":{},"to":{}}`, `"archive":"a"`,
		`"unarchive":{}, "want":{}, "at":1`, `"pause":{"id":"m"}`, `"release":{"id":7.5}`, `"unsubscribe":{"user_id":"u1","form":"email"}`, `"resubscribe":{"user_id":"u1","from":7}`, `"totals":{}`, `"track_json":{}`, `"totals":{"m":1}`,
		`"messages":{"mode":"trigered"}`, `"messages":{"channel":"mail"}`, `"messages":{"channel":"custom:"}`, `"messages":{"status":"Live"}`,
	} {
		step := `{"at":"2026-03-02T09:00:00Z",` + members + `}`
		if members == `"totals":{}` || strings.HasPrefix(members, `"unarchive"`) {
			continue // a missing name is the engine's to refuse
		}
		r := run(t, upload, strings.TrimSuffix(step, "}")+`,"want":{"rejected":true}}`)
		if got := lines(r); !strings.Contains(got, "want a step that can be run") {
			t.Errorf("%s: got\n%s", members, got)
		}
	}
}

// The program is published at the first step's instant; one that is refused
// fails the scenario with all its faults.
func TestProgramRefused(t *testing.T) {
	r := run(t, `{"messages":[{"id":"m","chanel":"chat","frequency":{"max":0}}]}`, at("09:00:00", track))
	got := lines(r)
	for _, want := range []string{`program: got messages[0].chanel ("m"): unknown field`, "messages[0].frequency.max"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant in it\n%s", got, want)
		}
	}
	if len(r.Steps) != 1 || r.Steps[0].Step != programStep || len(r.Steps[0].Errors) == 0 {
		t.Errorf("got steps %+v", r.Steps)
	}
	if r := runDoc(t, `{"name":"x","options":{"event_names_limit":-1},"steps":[`+at("09:00:00", track)+`]}`); r.OK() {
		t.Error("an option that is refused passes")
	}
	if r := runDoc(t, `{"name":"x","steps":[`+at("09:00:00", track+`,"want":{"sent":[]}`)+`]}`); !r.OK() {
		t.Errorf("without a program: %s", lines(r))
	}
}

func TestParse(t *testing.T) {
	for doc, want := range map[string]int{`{}`: 1, `[]`: 0, `[{},{"name":"b"}]`: 2, " [\n{}] \n": 1} {
		list, err := Parse([]byte(doc))
		if err != nil || len(list) != want {
			t.Errorf("%s: got %d, %v", doc, len(list), err)
		}
	}
	for doc, place := range map[string]string{"{\n  \"name\": x}": "line 2, column 11", "{": "line 1, column 2", "[\n1,\n\n": "line 4, column 1", "{}\n{}": "line 2, column 1", `{"é": ?}`: "line 1, column 7"} {
		if _, err := Parse([]byte(doc)); err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%q: %v, want %s", doc, err, place)
		}
	}
	for _, doc := range []string{`{"name":"x"}`, `{"name":"x","steps":[]}`} {
		if list, err := Parse([]byte(doc)); err != nil || list[0].Err() == nil {
			t.Errorf("%s: no fault, %v", doc, err)
		}
	}
	for _, doc := range []string{``, ` `, `{`, `[{]`, `1`, `"a"`, `null`, `{} {}`, `[1}`} {
		if _, err := Parse([]byte(doc)); err == nil {
			t.Errorf("%q was accepted", doc)
		}
	}
	list, err := Parse([]byte(`[1,{"name":"b","steps":[` + at("09:00:00", `"due":{}`) + `]}]`))
	if err != nil || list[0].Err() == nil || list[1].Err() != nil || list[0].Name != "scenario 0" {
		t.Errorf("got %+v, %v", list, err)
	}
}

// A want that names little must not take the only partner of one that names
// much.
func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		name         string
		fits         [][]int // of each want: the gots that fit
		gots         int
		wanted, came int
	}{
		{"empty", nil, 0, 0, 0},
		{"the loose one first", [][]int{{0, 1}, {0}}, 2, 0, 0},
		{"a chain", [][]int{{0, 1}, {0, 2}, {0}}, 3, 0, 0},
		{"too few came", [][]int{{0}, {0}}, 1, 1, 0},
		{"too many came", [][]int{{0, 1}}, 2, 0, 1},
		{"nothing fits", [][]int{{}}, 1, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wanted, came := match(len(tt.fits), tt.gots, nil, func(i, j int) bool {
				for _, k := range tt.fits[i] {
					if k == j {
						return true
					}
				}
				return false
			})
			if len(wanted) != tt.wanted || len(came) != tt.came {
				t.Errorf("left over: %v and %v", wanted, came)
			}
		})
	}
}

// Where any partner will do, none is moved for another.
func TestMatchOfAlike(t *testing.T) {
	const n = 3000
	asked := 0
	wanted, came := match(n, n, nil, func(int, int) bool { asked++; return true })
	if len(wanted)+len(came) > 0 || asked > n {
		t.Errorf("%d left over, %d asked", len(wanted)+len(came), asked)
	}
}

// One line of JSON for each step, as the data contract has it.
func TestOutcomeJSON(t *testing.T) {
	r := run(t, upload, at("09:00:00", `"pause":{"message":"ready"}`)+","+at("09:00:00", track)+","+at("09:00:01", `"due":{}`)+","+
		at("09:00:01", `"track":{"user_id":"u1"}`)+","+at("09:00:01", `"match":{"all":[]}`)+","+at("09:00:01", `"totals":{"message":"ready"}`))
	for i, want := range []string{
		`{"scenario":"x","step":0,"result":null,"errors":[]}`,
		`{"scenario":"x","step":1,"result":{"duplicate":false,"deliveries":[],"held":[{"message":"ready","company_id":"","reason":"not_live","cap":""}],"warnings":[]},"errors":[]}`,
		`{"scenario":"x","step":2,"result":{"duplicate":false,"deliveries":[],"held":[],"warnings":[]},"errors":[]}`,
		`{"scenario":"x","step":3,"result":null,"errors":[{"code":"event_name_missing","field":"event_name","message":`,
		`{"scenario":"x","step":4,"result":null,"errors":[],"contacts":[{"user_id":"u1"}]}`,
		`{"scenario":"x","step":5,"result":null,"errors":[],"totals":{"judged":1,"sent":0,`,
	} {
		got, err := json.Marshal(r.Steps[i])
		if err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("step %d: got\n%s, %v, want\n%s", i, got, err, want)
		}
	}
}

// Z1: a scenario's engine is its own.
func TestScenariosShareNothing(t *testing.T) {
	list, err := Parse([]byte(`[` + strings.Repeat(`{"name":"x","program":`+upload+`,"steps":[`+at("09:00:00", track+`,"want":{"sent":[{"sequence":1}]}`)+`]},`, 2) + `{"name":"last","steps":[` + at("09:00:00", `"contact":{"user_id":"u1"}`) + `]}]`))
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if r := list[i].Run(context.Background()); !r.OK() {
			t.Errorf("%d: %s", i, lines(r))
		}
	}
}

// No file makes the reader panic, and what it reads can be run.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"name":"x","program":` + upload + `,"steps":[` + at("09:00:00", track+`,"want":{"sent":[{"message":"ready"}],"held":{}}`) + `]}`))
	f.Add([]byte(`[{"steps":[{"at":"2026-03-02T09:00:00Z","sweep":{}},{"release":{"message":"m"}}]},1]`))
	f.Add([]byte(`{"steps":[{"want":{"totals":{"held":{"a":1}},"retry_at":{"m":null},"errors":[{}]}}]}`))
	f.Add([]byte(`{"program":null,"steps":[{"at":"2026-03-02T09:00:00Z","publish":null}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		list, err := Parse(doc)
		if err != nil {
			return
		}
		for i := range list {
			for _, d := range list[i].Run(context.Background()).Differences {
				if strings.Contains(d.String(), string(panicked)) && !strings.Contains(string(doc), string(panicked)) {
					t.Errorf("a step panicked: %s", d)
				}
			}
		}
	})
}
