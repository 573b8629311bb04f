package vet_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/vet"
)

// check returns the findings of a program as "code path".
func check(t *testing.T, doc, known string) (list []string) {
	t.Helper()
	program, err := beckon.ParseProgram([]byte(doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	if _, err := beckon.Vet(program, nil, nil); err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return findings(t, doc, known)
}

func findings(t *testing.T, doc, known string) (list []string) {
	t.Helper()
	n, err := ojson.ParseString(doc, ojson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var c *vet.Catalogue
	if known != "" {
		var faults []*fault.Error
		if c, faults = vet.ParseCatalogue([]byte(known)); len(faults) > 0 {
			t.Fatal(faults)
		}
	}
	for _, f := range vet.Check(&n, c) {
		list = append(list, f.Code+" "+f.Path)
	}
	slices.Sort(list)
	return list
}

func message(members string) string {
	return `{"messages":[{"id":"m","status":"live","content":{"body":"x"},` + members + `}]}`
}

func audience(rule string) string { return message(`"audience":` + rule) }

func where(rule string) string {
	return message(`"trigger":{"event":"e","where":` + rule + `}`)
}

func quietly(hours, members string) string {
	return `{"quiet_hours":[{` + hours + `}],` + message(`"trigger":{"event":"e"},` + members)[1:]
}

func inBlock(members string) string {
	return `{"series":[{"id":"s","entry":{"trigger":{"event":"e"}},"blocks":[{"id":"b","message":{"id":"m","content":{"body":"x"},` + members + `}}]}]}`
}

const onPage = `"audience":{"page":"url","op":"contains","value":"/p"}`

const pro, free = `{"user":"plan","op":"is","value":"pro"}`, `{"user":"plan","op":"is","value":"free"}`

// For each code a program that has it, and one beside it that has not.
func TestCodes(t *testing.T) {
	const a = "messages[0].audience"
	for _, c := range []struct{ doc, want string }{
		// Rules that never hold.
		{audience(`{"all":[` + pro + `,` + free + `]}`), "contradiction " + a},
		{audience(`{"any":[` + pro + `,` + free + `]}`), ""},
		{audience(`{"all":[{"user":"age","op":"at_least","value":18},{"user":"age","op":"less_than","value":18}]}`), "contradiction " + a},
		{audience(`{"all":[{"user":"age","op":"at_least","value":18},{"user":"age","op":"at_most","value":18}]}`), ""},
		{audience(`{"all":[{"user":"age","op":"greater_than","value":18},{"user":"age","op":"less_than","value":18.000001}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"count","op":"greater_than","value":1},{"event":"e","stat":"count","op":"less_than","value":2}]}`), "contradiction " + a},
		{audience(`{"all":[{"event":"e","stat":"count","op":"is","value":0},{"event":"e","stat":"last","op":"less_than_ago","value":"7d"}]}`), "contradiction " + a},
		{audience(`{"all":[{"event":"e","stat":"count","op":"is","value":0},{"event":"f","stat":"last","op":"less_than_ago","value":"7d"}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"last","op":"less_than_ago","value":"7d"},{"event":"e","stat":"first","op":"more_than_ago","value":"7d"}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"first","op":"less_than_ago","value":"7d"},{"event":"e","stat":"last","op":"more_than_ago","value":"7d"}]}`), "contradiction " + a},
		{audience(`{"all":[{"user":"d","op":"less_than_ago","value":"1d"},{"user":"d","op":"more_than_ago","value":"2d"}]}`), "contradiction " + a},
		{audience(`{"all":[{"user":"d","op":"after","value":"2026-01-01"},{"user":"d","op":"before","value":"2026-01-03"}]}`), ""},
		{audience(`{"all":[{"user":"d","op":"after","value":"2026-01-01"},{"user":"d","op":"before","value":"2026-01-02"}]}`), "contradiction " + a},
		{audience(`{"all":[{"user":"d","op":"after","value":"2026-01-01"},{"user":"d","op":"less_than_ago","value":"1d"}]}`), ""},
		{audience(`{"all":[{"user":"n","op":"contains","value":"a"},{"user":"n","op":"does_not_contain","value":"A"}]}`), "contradiction " + a},
		{audience(`{"all":[{"user":"n","op":"contains","value":"a"},{"user":"n","op":"does_not_contain","value":"b"}]}`), ""},
		{audience(`{"all":[{"user":"n","op":"is","value":"abc"},{"user":"n","op":"does_not_contain","value":"B"}]}`), "contradiction " + a},
		{audience(`{"all":[{"user":"l","op":"contains_all","value":["a","b"]},{"user":"l","op":"contains_none","value":["b","c"]}]}`), "contradiction " + a},
		{audience(`{"all":[{"user":"l","op":"contains_any","value":["a","b"]},{"user":"l","op":"contains_none","value":["b","c"]}]}`), ""},
		{audience(`{"all":[{"user":"n","op":"is_unknown"},{"user":"n","op":"has_any_value"}]}`), "contradiction " + a},
		{audience(`{"all":[{"user":"n","op":"is_unknown"},{"user":"n","op":"is_not","value":"x"}]}`), ""},
		{audience(`{"any":[` + pro + `,{"all":[` + pro + `,` + free + `]}]}`), "contradiction " + a + ".any[1]"},
		{audience(`{"all":[` + pro + `,{"not":{"all":[` + pro + `,{"user":"age","op":"at_least","value":3}]}}]}`), ""},
		{audience(`{"all":[{"company":"plan","op":"is","value":"a"},{"user":"plan","op":"is","value":"b"}]}`), ""},
		{audience(`{"all":[{"page":"url","op":"starts_with","value":"/a"},{"page":"url","op":"is","value":"/b"}]}`), "contradiction " + a},
		{audience(`{"all":[{"page":"seconds","op":"less_than","value":0}]}`), "contradiction " + a},
		{audience(`{"all":[{"message":"w","stat":"sent_count","op":"is","value":0},{"message":"w","stat":"last_sent","op":"more_than_ago","value":"1d"}]}`), "contradiction " + a},
		{where(`{"all":[{"metadata":"k","op":"is","value":"a"},{"metadata":"K","op":"is","value":"b"}]}`), "contradiction messages[0].trigger.where"},
		{where(`{"all":[{"metadata":"k","op":"is","value":"a"},{"metadata":"j","op":"is","value":"b"}]}`), ""},
		{where(`{"all":[{"metadata":"p","op":"at_least","value":{"amount":500,"currency":"eur"}},{"metadata":"p","op":"at_most","value":{"amount":500,"currency":"usd"}}]}`), "contradiction messages[0].trigger.where"},
		{where(`{"metadata":"to","op":"is_not","value":{"metadata":"from"}}`), ""},
		{audience(`{"event":"e","stat":"count","op":"at_least","value":1,"where":{"all":[{"metadata":"k","op":"is","value":1},{"metadata":"k","op":"is","value":2}]}}`), "contradiction " + a},
		{audience(`{"event":"e","stat":"count","op":"is","value":0,"where":{"all":[{"metadata":"k","op":"is","value":1},{"metadata":"k","op":"is","value":2}]}}`), "always_true " + a},
		{audience(`{"any":[` + pro + `,{"event":"e","stat":"last","op":"less_than_ago","value":"1d","where":{"any":[]}}]}`), "contradiction " + a + ".any[1]"},
		{audience(`{"event":"e","stat":"sum","of":"n","op":"at_least","value":1,"where":{"any":[]}}`), "contradiction " + a},
		{audience(`{"event":"e","stat":"max","of":"n","op":"is_unknown","where":{"any":[]}}`), "always_true " + a},
		{audience(`{"event":"e","stat":"sum","of":"n","op":"at_least","value":{"amount":1,"currency":"eur"},"where":{"any":[]}}`), "contradiction " + a},
		{audience(`{"all":[{"event":"e","stat":"sum","of":"n","op":"at_least","value":5},{"event":"e","stat":"sum","of":"N","op":"less_than","value":3}]}`), "contradiction " + a},
		{audience(`{"all":[{"event":"e","stat":"sum","of":"n","op":"at_least","value":5},{"event":"e","stat":"sum","of":"n","op":"less_than","value":3,"within":"1d"}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"sum","of":"n","op":"between","value":[1,2]},{"event":"e","stat":"sum","of":"n","op":"is","value":1.5}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"min","of":"n","op":"is_unknown"},{"event":"e","stat":"min","of":"n","op":"has_any_value"}]}`), "contradiction " + a},
		{audience(`{"event":"e","stat":"distinct","of":"n","op":"less_than","value":0}`), "contradiction " + a},
		{audience(`{"event":"e","stat":"distinct","of":"n","op":"at_least","value":0}`), "always_true " + a},
		{audience(`{"event":"e","stat":"distinct","of":"n","op":"greater_than","value":1.5}`), ""},
		{audience(`{"event":"e","stat":"distinct","of":"n","op":"is","value":1.5}`), "contradiction " + a},
		{audience(`{"event":"e","stat":"sum","of":"n","op":"less_than","value":0}`), ""},
		{audience(`{"event":"e","stat":"count","op":"at_least","value":1,"where":{"any":[{"metadata":"k","op":"is_unknown"},{"metadata":"k","op":"has_any_value"}]}}`), "always_true " + a + ".where"},
		{audience(`{"any":[]}`), "contradiction " + a},
		{audience(`{"all":[` + pro + `,{"any":[]}]}`), "contradiction " + a},

		// What happened within a day also happened within a week.
		{audience(`{"all":[{"event":"e","stat":"count","op":"at_least","value":3,"within":"1d"},{"event":"E","stat":"count","op":"less_than","value":3}]}`), "contradiction " + a},
		{audience(`{"all":[{"event":"e","stat":"count","op":"less_than","value":3},{"event":"e","stat":"count","op":"at_least","value":3,"within":"1d"}]}`), "contradiction " + a},
		{audience(`{"all":[{"event":"e","stat":"count","op":"at_least","value":3},{"event":"e","stat":"count","op":"less_than","value":3,"within":"1d"}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"count","op":"at_least","value":3,"within":"1d"},{"event":"e","stat":"count","op":"at_most","value":3}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"count","op":"at_least","value":9,"within":"24h"},{"event":"e","stat":"count","op":"less_than","value":5,"within":"1d"}]}`), "contradiction " + a},
		{audience(`{"all":[{"event":"e","stat":"count","op":"at_least","value":9,"within":"7d"},{"event":"e","stat":"count","op":"less_than","value":5,"within":"1d"}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"count","op":"at_least","value":1,"where":{"metadata":"k","op":"is","value":1}},{"event":"e","stat":"count","op":"is","value":0}]}`), "contradiction " + a},
		{audience(`{"all":[{"event":"e","stat":"count","op":"at_least","value":1,"where":{"metadata":"k","op":"is","value":1}},{"event":"e","stat":"count","op":"is","value":0,"where":{"metadata":"k","op":"is","value":2}}]}`), ""},
		{audience(`{"all":[{"event":"e","stat":"count","op":"at_least","value":1,"within":"1d"},{"event":"f","stat":"count","op":"is","value":0}]}`), ""},
		{audience(`{"any":[{"event":"e","stat":"count","op":"is","value":0,"within":"1d"},{"event":"e","stat":"count","op":"at_least","value":1}]}`), "always_true " + a},
		{message(`"audience":{"event":"e","stat":"count","op":"at_least","value":3,"within":"30d"},"goal":{"rule":{"event":"e","stat":"count","op":"at_least","value":1},"within":"1d"}`), "goal_implied messages[0].goal"},
		{message(`"audience":{"event":"e","stat":"count","op":"at_least","value":3},"goal":{"rule":{"event":"e","stat":"count","op":"at_least","value":1,"within":"30d"},"within":"1d"}`), ""},

		// Rules that always hold.
		{audience(`{"event":"e","stat":"count","op":"at_least","value":0}`), "always_true " + a},
		{audience(`{"event":"e","stat":"count","op":"at_least","value":1}`), ""},
		{audience(`{"any":[` + pro + `,{"user":"plan","op":"is_not","value":"pro"}]}`), "always_true " + a},
		{audience(`{"any":[` + pro + `,{"user":"plan","op":"is_not","value":"free"}]}`), ""},
		{audience(`{"any":[{"user":"age","op":"at_least","value":18},{"user":"age","op":"less_than","value":18}]}`), ""},                                  // unknown
		{audience(`{"any":[{"user":"age","op":"at_least","value":18},{"user":"age","op":"less_than","value":18},{"user":"age","op":"is_unknown"}]}`), ""}, // a text
		{audience(`{"all":[` + pro + `,{"not":{"all":[` + pro + `,` + free + `]}}]}`), "always_true " + a + ".all[1]"},
		{audience(`{"all":[]}`), "always_true " + a},
		{audience(`{"all":[` + pro + `,{"all":[]}]}`), "always_true " + a + ".all[1]"},

		// A cause is told once.
		{`{"segments":{"s":{"all":[` + pro + `,` + free + `]}},"messages":[{"id":"m","audience":{"segment":"s"},"content":{"body":"x"}}]}`, "contradiction segments.s"},
		{`{"segments":{"s":` + pro + `},"messages":[{"id":"m","audience":{"all":[{"segment":"s"},` + free + `]},"content":{"body":"x"}}]}`, "contradiction " + a},
		{`{"segments":{"s":` + pro + `},"messages":[{"id":"m","audience":{"all":[{"segment":"s"},` + pro + `]},"content":{"body":"x"}}]}`, ""},

		// Messages that never send.
		{message(`"live_at":"2026-05-01T00:00:00Z","schedule":{"stop":"2026-05-01T00:00:00Z"}`), "never_sends messages[0]"},
		{message(`"live_at":"2026-05-01T00:00:00Z","schedule":{"stop":"2026-05-01T00:00:01Z"}`), ""},
		{message(`"schedule":{"start":"2026-05-04T10:00:00Z","stop":"2026-05-04T12:00:00Z","windows":[{"days":["tue"],"from":"09:00","to":"17:00"}]}`), "never_sends messages[0]"},
		{message(`"schedule":{"start":"2026-05-04T10:00:00Z","stop":"2026-05-05T12:00:00Z","windows":[{"days":["tue"],"from":"09:00","to":"17:00"}]}`), ""},
		{`{"office_hours":{"windows":[{"from":"09:00","to":"17:00"}]},` + message(`"schedule":{"office_hours":true,"windows":[{"from":"18:00","to":"20:00"}]}`)[1:], "never_sends messages[0]"},
		{`{"office_hours":{"windows":[{"from":"09:00","to":"17:00"}]},` + message(`"schedule":{"office_hours":true,"windows":[{"from":"16:59","to":"20:00"}]}`)[1:], ""},
		{message(`"trigger":{"event":"e"},"frequency":{"max":2},"audience":{"message":"m","stat":"sent_count","op":"at_least","value":2}`), "never_sends messages[0]"},
		{message(`"trigger":{"event":"e"},"frequency":{"max":3},"audience":{"message":"m","stat":"sent_count","op":"at_least","value":2}`), ""},
		{message(`"trigger":{"event":"e"},"frequency":{"max":2},"audience":{"message":"n","stat":"sent_count","op":"at_least","value":2}`), ""},

		// Those that go once are at their maximum after one.
		{audience(`{"message":"m","stat":"sent_count","op":"at_least","value":1}`), "never_sends messages[0]"},
		{message(`"mode":"one_off","audience":{"message":"m","stat":"sent_count","op":"at_least","value":1}`), "never_sends messages[0]"},
		{audience(`{"message":"m","stat":"sent_count","op":"is","value":0}`), ""},
		{audience(`{"message":"n","stat":"sent_count","op":"at_least","value":1}`), ""},
		{message(`"frequency":{"every":"1d"},"audience":{"message":"m","stat":"sent_count","op":"at_least","value":1}`), ""},
		{message(`"trigger":{"event":"e"},"audience":{"message":"m","stat":"sent_count","op":"at_least","value":1}`), ""},
		{audience(`{"all":[{"company":"plan","op":"is","value":"x"},{"message":"m","stat":"sent_count","op":"at_least","value":1}]}`), ""}, // once for each company
		{strings.Replace(audience(`{"message":"m","stat":"sent_count","op":"at_least","value":1}`), `"body":"x"`, `"body":"{{ company.name }}"`, 1), ""},

		// Everybody in the control group; a change that is none.
		{message(`"trigger":{"event":"e"},"control":1`), "never_sends messages[0]"},
		{message(`"trigger":{"event":"e"},"control":0.99`), ""},
		{`{"control":1,` + message(`"trigger":{"event":"e"}`)[1:], "never_sends messages[0]"},
		{`{"control":1,` + message(`"trigger":{"event":"e"},"transactional":true`)[1:], ""},
		{message(`"trigger":{"attribute":"plan","from":"a","to":"a"}`), "never_sends messages[0]"},
		{message(`"trigger":{"attribute":"plan","from":"a","to":"A"}`), ""},
		{message(`"trigger":{"attribute":"plan","from":1,"to":1.0}`), "never_sends messages[0]"},
		{message(`"trigger":{"attribute":"plan","from":1,"to":"1"}`), ""},
		{message(`"trigger":{"attribute":"plan","to":"a"}`), ""},

		// Quiet hours that leave no time.
		{quietly(`"then":"drop","windows":[{"from":"00:00","to":"24:00"}]`, `"channel":"push"`), "never_sends messages[0]"},
		{quietly(`"then":"drop","windows":[{"from":"00:00","to":"12:00"},{"from":"12:00","to":"24:00"}]`, `"channel":"push"`), "never_sends messages[0]"},
		{quietly(`"then":"drop","windows":[{"from":"00:00","to":"23:59"}]`, `"channel":"push"`), ""},
		{quietly(`"then":"drop","windows":[{"days":["mon"],"from":"00:00","to":"24:00"}]`, `"channel":"push"`), ""},
		{quietly(`"then":"drop","windows":[{"from":"00:00","to":"24:00"}]`, `"channel":"chat"`), ""},
		{quietly(`"channels":["chat"],"then":"drop","windows":[{"from":"00:00","to":"24:00"}]`, `"priority":1`), "never_sends messages[0]"},
		{quietly(`"then":"drop","windows":[{"from":"00:00","to":"24:00"}]`, `"channel":"push","transactional":true`), ""},
		{quietly(`"then":"drop","windows":[{"from":"20:00","to":"08:00"}]`, `"channel":"push","schedule":{"windows":[{"from":"21:00","to":"07:00"}]}`), "never_sends messages[0]"},
		{quietly(`"then":"drop","windows":[{"from":"20:00","to":"08:00"}]`, `"channel":"push","schedule":{"windows":[{"from":"21:00","to":"09:00"}]}`), ""},
		{quietly(`"then":"drop","contact_timezone":true,"windows":[{"from":"20:00","to":"08:00"}]`, `"channel":"push","schedule":{"windows":[{"from":"21:00","to":"07:00"}]}`), ""},

		// In the contact's own zone: none on earth reaches it.
		{message(`"schedule":{"contact_timezone":true,"start":"2026-05-05T10:00:00Z","stop":"2026-05-05T12:00:00Z","windows":[{"days":["sat"],"from":"09:00","to":"17:00"}]}`), "never_sends messages[0]"},
		{message(`"schedule":{"contact_timezone":true,"start":"2026-05-05T10:00:00Z","stop":"2026-05-05T12:00:00Z","windows":[{"days":["wed"],"from":"00:00","to":"01:00"}]}`), ""},
		{message(`"schedule":{"contact_timezone":true,"start":"2026-05-05T10:00:00Z","stop":"2026-05-05T12:00:00Z","windows":[{"days":["mon"],"from":"23:00","to":"24:00"}]}`), ""},
		{message(`"schedule":{"contact_timezone":true,"start":"2026-05-05T12:00:00Z","stop":"2026-05-05T13:00:00Z","windows":[{"days":["mon"],"from":"23:00","to":"24:00"}]}`), "never_sends messages[0]"},

		// Rules on pages where none is ever known.
		{message(onPage + `,"channel":"push"`), "contradiction messages[0].audience"},
		{message(onPage + `,"channel":"chat"`), ""},
		{message(onPage + `,"mode":"one_off"`), "contradiction messages[0].audience"},
		{message(onPage + `,"channel":"push","trigger":{"event":"e"}`), ""},
		{message(onPage + `,"trigger":{"attribute":"plan"}`), "contradiction messages[0].audience"},
		{message(onPage + `,"channel":"push","trigger":{"date":"d","offset":"1d"}`), "contradiction messages[0].audience"},
		{message(onPage + `,"channel":"banner","trigger":{"date":"d","offset":"1d"}`), ""},
		{message(`"channel":"push","audience":{"any":[` + pro + `,{"page":"url","op":"contains","value":"/p"}]}`), "contradiction messages[0].audience.any[1]"},
		{message(`"channel":"push","audience":{"page":"url","op":"does_not_contain","value":"/p"}`), ""},
		{message(`"channel":"push","audience":{"page":"url","op":"is_unknown"}`), ""},
		{message(`"channel":"push","audience":` + pro + `,"goal":{"rule":{"page":"url","op":"contains","value":"/p"},"within":"1d"}`), ""},

		// Messages of series.
		{inBlock(`"schedule":{"start":"2026-05-04T10:00:00Z","stop":"2026-05-04T12:00:00Z","windows":[{"days":["tue"],"from":"09:00","to":"17:00"}]}`), "never_sends series[0].blocks[0].message"},
		{inBlock(`"schedule":{"start":"2026-05-04T10:00:00Z","stop":"2026-05-05T12:00:00Z","windows":[{"days":["tue"],"from":"09:00","to":"17:00"}]}`), ""},
		{`{"office_hours":{"windows":[{"from":"09:00","to":"17:00"}]},` + inBlock(`"schedule":{"office_hours":true,"windows":[{"from":"18:00","to":"20:00"}]}`)[1:], "never_sends series[0].blocks[0].message"},
		{`{"control":1,` + inBlock(`"channel":"chat"`)[1:], "never_sends series[0].blocks[0].message"},

		{series(`{"id":"a","exit":true},{"id":"b","wait":"1d","next":"c"},{"id":"c","exit":true}`), "unreachable_block series[0].blocks[1]"},
		{series(`{"id":"a","wait":"1d","next":"b"},{"id":"b","wait":"1d"},{"id":"c","wait":"1d","next":"c"},{"id":"d","wait":"1d","next":"c"}`), "unreachable_block series[0].blocks[3]"},
		{series(`{"id":"a","exit":true},{"id":"b","wait":"1d","next":"c"},{"id":"c","wait":"1d","next":"b"},{"id":"d","exit":true}`), "unreachable_block series[0].blocks[1], unreachable_block series[0].blocks[3]"},
		{series(`{"id":"a","rule":` + pro + `,"no":"b"},{"id":"b","exit":true}`), "unreachable_block series[0].blocks[0].no"},
		{series(`{"id":"a","rule":` + pro + `,"within":"1d","no":"b","yes":"c"},{"id":"b","exit":true},{"id":"c","split":[{"weight":0,"next":"d"},{"weight":1}]},{"id":"d","exit":true}`), ""},

		// What is said, and where.
		{message(`"channel":"email"`), "email_without_subject messages[0].content.subject"},
		{`{"messages":[{"id":"m","channel":"email","content":{"subject":"s","body":"x"}}]}`, ""},
		{`{"messages":[{"id":"m","content":{"format":"text","body":"<b>x</b>"}}]}`, "html_in_text messages[0].content.body"},
		{`{"messages":[{"id":"m","content":{"format":"text","body":"1 < 2"}}]}`, ""},
		{message(`"trigger":{"event":"Viewed-Page"}`), "page_view_event messages[0].trigger.event"},
		{message(`"trigger":{"event":"page_viewed"}`), "page_view_event messages[0].trigger.event"},
		{`{"events":{"Viewed Page":{}}}`, `page_view_event events["Viewed Page"]`},
		{message(`"trigger":{"event":"page_viewed","unless":{"event":"Page_Viewed","within":"1h"}}`), "page_view_event messages[0].trigger.event"}, // told once
		{message(`"trigger":{"event":"viewed-product"}`), ""},
		{message(`"trigger":{"event":"page-created"}`), ""},
		{`{"caps":[{"id":"c","channel":"push","max":1,"within":"1d"}],` + message(`"channel":"banner"`)[1:], "unused_cap caps[0]"},
		{`{"caps":[{"id":"c","channel":"banner","max":1,"within":"1d"}],` + message(`"channel":"banner"`)[1:], ""},
		{`{"caps":[{"id":"c","max":1,"within":"1d"}],` + message(`"exempt_from_caps":true`)[1:], "unused_cap caps[0]"},
		{`{"caps":[{"id":"c","max":1,"within":"1d"}],` + message(`"limited_by_caps":false`)[1:], "unused_cap caps[0]"},
		{`{"caps":[{"id":"c","max":1,"within":"1d"}],` + message(`"counts_toward_caps":false`)[1:], ""},
		{`{"caps":[{"id":"c","tag":"t","max":1,"within":"1d"}],` + message(`"tags":["u","t"]`)[1:], ""},
		{`{"segments":{"s":` + pro + `}}`, "unused_segment segments.s"},
		{`{"segments":{"s":` + pro + `,"t":{"not":{"segment":"s"}}}}`, "unused_segment segments.t"},
		{message(`"schedule":{"windows":[{"from":"09:00","to":"12:00"},{"days":["sat"],"from":"11:00","to":"13:00"}]}`), "overlapping_windows messages[0].schedule.windows[1]"},
		{message(`"schedule":{"windows":[{"from":"09:00","to":"12:00"},{"days":["sat"],"from":"12:00","to":"13:00"}]}`), ""},
		{message(`"schedule":{"windows":[{"days":["sun"],"from":"22:00","to":"02:00"},{"days":["mon"],"from":"01:00","to":"03:00"}]}`), "overlapping_windows messages[0].schedule.windows[1]"},
		{message(`"audience":{"all":[` + pro + `,{"user":"age","op":"at_least","value":20}]},"goal":{"rule":{"user":"age","op":"at_least","value":18},"within":"1d"}`), "goal_implied messages[0].goal"},
		{message(`"audience":{"all":[` + pro + `,{"user":"age","op":"at_least","value":17}]},"goal":{"rule":{"user":"age","op":"at_least","value":18},"within":"1d"}`), ""},
		{chattySeries(`"channel":"email","content":{"subject":"s","body":"x"}`, ``), "chatty_series series[0]"},
		{chattySeries(`"channel":"email","content":{"subject":"s","body":"x"}`, `"max_entries":3,`), ""},
		{chattySeries(`"channel":"chat","content":{"body":"x"}`, ``), ""},
		{strings.Replace(chattySeries(`"channel":"email","content":{"subject":"s","body":"x"}`, ``), `"blocks":[`, `"blocks":[{"id":"w","wait":"1d","next":"b"},`, 1), ""},
	} {
		if got := strings.Join(check(t, c.doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}

// What a program declares is known, and nothing else is.
func TestDeclared(t *testing.T) {
	for _, c := range []struct{ doc, want string }{
		{declared(`"trigger":{"event":"bougth"}`), "unknown_event messages[0].trigger.event"},
		{declared(`"trigger":{"event":"Bought"}`), ""},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"prise","op":"at_least","value":3}}`), "unknown_metadata messages[0].trigger.where.metadata"},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"PRICE","op":"at_least","value":3}}`), ""},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"count","op":"is","value":"three"}}`), "wrong_type messages[0].trigger.where.value"},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"count","op":"is_not","value":"three"}}`), "wrong_type messages[0].trigger.where.value"},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"count","op":"is","value":3}}`), ""},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"plan","op":"at_least","value":3}}`), "wrong_type messages[0].trigger.where.value"},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"plan","op":"contains","value":"/x"}}`), ""},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"count","op":"less_than_ago","value":"1d"}}`), ""}, // Unix seconds
		{declared(`"trigger":{"event":"bought","where":{"metadata":"plan","op":"after","value":"2026-01-01"}}`), ""},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"price","op":"after","value":"2026-01-01"}}`), "wrong_type messages[0].trigger.where.value"},
		{declared(`"audience":{"event":"bought","stat":"sum","of":"prise","op":"at_least","value":3}`), "unknown_metadata messages[0].audience.of"},
		{declared(`"audience":{"event":"bought","stat":"sum","of":"count","op":"at_least","value":{"amount":1,"currency":"eur"}}`), "wrong_type messages[0].audience.value"},
		{declared(`"audience":{"event":"bought","stat":"max","of":"Plan","op":"at_least","value":{"amount":1,"currency":"eur"}}`), "wrong_type messages[0].audience.value"},
		{declared(`"audience":{"event":"bought","stat":"sum","of":"price","op":"at_least","value":{"amount":1,"currency":"eur"}}`), ""},
		{declared(`"audience":{"event":"bought","stat":"sum","of":"count","op":"at_least","value":1}`), ""},
		{declared(`"audience":{"event":"boughd","stat":"count","op":"at_least","value":0}`), "unknown_event messages[0].audience.event"},
		{declared(`"trigger":{"event":"bought","unless":{"event":"returned","within":"1h"}}`), "unknown_event messages[0].trigger.unless.event"},
		{declared(`"trigger":{"event":"bought"},"audience":{"event":"bought","stat":"count","op":"at_least","value":1,"where":{"metadata":"plan","op":"is","value":{"trigger":"plam"}}}`), "unknown_metadata messages[0].audience.where.value.trigger"},
		{declared(`"trigger":{"event":"bought"},"audience":{"event":"bought","stat":"count","op":"at_least","value":1,"where":{"metadata":"plan","op":"is","value":{"trigger":"Plan"}}}`), ""},
		{strings.Replace(declared(`"trigger":{"event":"bought"}`), `"body":"x"`, `"body":"{{ event.prise }} {{ event.prize }}"`, 1), "unknown_metadata messages[0].content.body"},
		{strings.Replace(declared(`"trigger":{"event":"bought"}`), `"body":"x"`, `"body":"{{ event.plan }} {{ event.plan }}"`, 1), "missing_fallback messages[0].content.body"},
		{strings.Replace(declared(`"trigger":{"event":"bought"}`), `"body":"x"`, `"body":"{{ event.plan | fallback: 'a' }} {{ event.price }}"`, 1), ""},
		{strings.Replace(declared(`"trigger":{"event":"bought"}`), `"body":"x"`, `"missing":"hold","body":"{{ event.plan }}"`, 1), ""},
		{strings.Replace(declared(`"trigger":{"event":"bought"}`), `"body":"x"`, `"body":"x","parameters":{"p":"event.plan"}`, 1), ""}, // what is missing is left out
		{strings.Replace(declared(`"trigger":{"event":"bought"}`), `"body":"x"`, `"body":"x","data":{"p":"{{ event.plan }}"}`, 1), "missing_fallback messages[0].content.data.p"},
		{strings.Replace(declared(`"trigger":{"event":"bought"}`), `"body":"x"`, `"body":"x","data":{"a b":"{{ event.plan }}"}`, 1), `missing_fallback messages[0].content.data["a b"]`},
		{
			`{"segments":{"a b":{"any":[]},"c.d":{"user":"x","op":"is","value":1,"vet_ignore":["x"]}}}`,
			`contradiction segments["a b"], unknown_code segments["c.d"].vet_ignore[0], unused_segment segments["a b"], unused_segment segments["c.d"]`,
		},
		{
			`{"segments":{"a b":{"any":[]}},"messages":[{"id":"m","status":"live","live_at":"2026-01-01T00:00:00Z","trigger":{"event":"e"},"audience":{"segment":"a b"},"content":{"body":"x"}}]}`,
			`contradiction segments["a b"]`,
		}, // it is told once
	} {
		if got := strings.Join(findings(t, c.doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}

func chattySeries(message, more string) string {
	return `{"series":[{"id":"s","reenter":true,` + more + `"entry":{"trigger":{"event":"e"}},"blocks":[{"id":"b","message":{"id":"m",` + message + `}}]}]}`
}

func series(blocks string) string {
	return `{"series":[{"id":"s","entry":{"trigger":{"event":"e"}},"blocks":[` + blocks + `]}]}`
}

func declared(members string) string {
	return `{"events":{"bought":{"metadata":{"price":{"type":"monetary","required":true},"count":{"type":"number"},"plan":{"type":"string"}}}},` + message(members)[1:]
}

// None is false: programs that behave as they are meant to have no finding but those that
// are about what they say and not about what they do.
func TestScenariosAreFine(t *testing.T) {
	files, err := filepath.Glob("../../testdata/scenarios/*.json")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	n := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var scenarios []struct {
			Name    string
			Program json.RawMessage
		}
		if err := json.Unmarshal(data, &scenarios); err != nil {
			t.Fatal(err)
		}
		for _, s := range scenarios {
			program, err := beckon.ParseProgram(s.Program)
			if err != nil {
				continue // that is what it is about
			}
			list, err := beckon.Vet(program, nil, nil)
			if err != nil {
				continue
			}
			n++
			for _, f := range list {
				switch f.Code {
				case vet.EmailWithoutSubject, vet.UnusedSegment, vet.UnusedCap, vet.ChattySeries, vet.MissingFallback, vet.UnknownEvent: // they are true
				default:
					if f.Code == vet.NeverSends && strings.HasSuffix(f.Message, "control group is everybody") {
						continue // so it is, on purpose
					}
					if f.Code == vet.Contradiction && strings.HasPrefix(s.Name, "A1 the page is known on an event or visit and unknown elsewhere") {
						continue // that is what it shows
					}
					t.Errorf("%s: %s: %+v", name, s.Name, f)
				}
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d programs", n)
	}
}
