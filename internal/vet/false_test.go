package vet_test

import (
	"strings"
	"testing"
)

// What a number, a date and money may be at once: programs that can send have no finding.
func TestValuesOfSeveralTypes(t *testing.T) {
	const a = "messages[0].audience"
	of := func(op, number, date string) string {
		return audience(`{"all":[{"user":"p","op":"` + op + `","value":` + number + `},` + date + `]}`)
	}
	price := func(op, value string) string {
		return declared(`"trigger":{"event":"bought","where":{"metadata":"price","op":"` + op + `","value":` + value + `}}`)
	}
	const after, before = `{"user":"p","op":"after","value":"2026-03-01"}`, `{"user":"p","op":"before","value":"2026-03-01"}`
	for _, c := range []struct{ doc, want string }{
		// A4: money is compared in major units.
		{price("at_least", "9.99"), ""},
		{price("greater_than", "9.99"), ""},
		{price("is", "9.99"), ""},
		{price("is_not", "9.99"), ""},
		{price("in", "[1.5]"), ""},
		{price("between", "[1.5,9.99]"), ""},
		{price("between", "[9.991,9.992]"), ""}, // a currency may have three decimals, or four
		{price("is", "9.99999"), "wrong_type messages[0].trigger.where.value"},
		{price("is", "1"), ""},
		{price("is", "5.0"), ""},
		{where(`{"all":[{"metadata":"p","op":"at_least","value":4.5},{"metadata":"p","op":"greater_than","value":{"amount":300,"currency":"usd"}}]}`), ""},
		{where(`{"all":[{"metadata":"p","op":"at_least","value":4.5},{"metadata":"p","op":"less_than","value":{"amount":450,"currency":"usd"}}]}`), "contradiction messages[0].trigger.where"},

		// A5: operators on dates read Unix seconds.
		{of("at_least", "0", after), ""},
		{of("at_least", "0", `{"user":"p","op":"on","value":"2026-03-01"}`), ""},
		{of("greater_than", "18", `{"user":"p","op":"exactly_ago","value":"1d"}`), ""},
		{of("greater_than", "18", `{"user":"p","op":"less_than_ahead","value":"3d"}`), ""},
		{of("at_least", "9.5", before), ""},
		{of("at_least", "9.5", `{"user":"p","op":"more_than_ago","value":"3d"}`), ""},
		{of("between", "[9.4,9.6]", before), "contradiction " + a},
		{of("at_most", "18", after), "contradiction " + a},
		{audience(`{"any":[{"user":"p","op":"less_than","value":0},{"not":` + after + `}]}`), ""},
		{strings.Replace(of("at_least", "0", `{"user":"q","op":"is","value":"x"}`), `"audience"`, `"goal":{"rule":{"not":`+after+`},"within":"1d"},"audience"`, 1), ""},
		{where(`{"all":[{"metadata":"p","op":"at_least","value":0},{"metadata":"p","op":"after","value":"2026-03-01"}]}`), ""},
		{audience(`{"all":[{"user":"p","op":"is","value":"2026-01-01"},{"user":"p","op":"less_than_ago","value":"30d"}]}`), ""}, // whatever day it is
		{audience(`{"all":[{"user":"p","op":"is","value":"2026-01-01"},` + after + `]}`), "contradiction " + a},

		// A list operator on what is declared to be no list.
		{declared(`"trigger":{"event":"bought","where":{"metadata":"count","op":"contains_any","value":["x"]}}`), "wrong_type messages[0].trigger.where.value"},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"count","op":"contains_none","value":["x"]}}`), "wrong_type messages[0].trigger.where.value"},
		{declared(`"trigger":{"event":"bought","where":{"metadata":"plan","op":"contains_all","value":["x"]}}`), "wrong_type messages[0].trigger.where.value"},
	} {
		if got := strings.Join(check(t, c.doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}

// A message that never sends is told so for each cause by itself.
func TestNeverSends(t *testing.T) {
	const stopped = `"live_at":"2026-05-02T00:00:00Z","schedule":{"stop":"2026-05-01T00:00:00Z"},`
	const never = `"audience":{"all":[` + pro + `,` + free + `]}`
	const sent = `"audience":{"message":"m","stat":"sent_count","op":"at_least","value":2}`
	for _, c := range []struct{ doc, want string }{
		{message(stopped + never), "contradiction messages[0].audience, never_sends messages[0]"},
		{message(`"trigger":{"event":"e"},"frequency":{"max":2},` + never), "contradiction messages[0].audience"},
		{message(`"vet_ignore":["contradiction"],"trigger":{"event":"e"},"frequency":{"max":2},` + never), ""},
		{message(`"vet_ignore":["contradiction"],"goal":{"rule":` + pro + `,"within":"1d"},` + never), ""},
		{message(`"trigger":{"event":"e"},"frequency":{"every":"0s","max":2},` + sent), "never_sends messages[0]"},
		{message(`"trigger":{"event":"e"},"frequency":{"every":"0s","max":2,"per":"k"},` + sent), ""}, // F7: of each value
	} {
		if got := strings.Join(check(t, c.doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}

// A schedule is read in its own zone, office hours in theirs, and those of the contact in any there is.
func TestSchedulesInTheirZones(t *testing.T) {
	const office = `{"office_hours":{"timezone":"Asia/Tokyo","windows":[{"from":"09:00","to":"17:00"}]},`
	between := func(from, to, rest string) string {
		return message(`"trigger":{"event":"e"},"schedule":{"start":"2026-05-01T` + from + `:00Z","stop":"2026-05-01T` + to + `:00Z",` + rest + `}`)
	}
	within := func(from, to, rest string) string {
		return message(`"trigger":{"event":"e"},"schedule":{"windows":[{"from":"` + from + `","to":"` + to + `"}]` + rest + `}`)
	}
	const nine = `"timezone":"Asia/Tokyo","windows":[{"from":"09:00","to":"10:00"}]`
	const midnight, late = `"contact_timezone":true,"windows":[{"days":["fri"],"from":"00:00","to":"01:00"}]`, `"contact_timezone":true,"windows":[{"days":["fri"],"from":"23:00","to":"24:00"}]`
	const told = "never_sends messages[0]"
	for _, c := range []struct{ doc, want string }{
		{between("00:00", "00:30", nine), ""},
		{between("09:00", "09:30", nine), told},
		{between("12:30", "12:59", midnight), ""}, // 12 hours behind
		{between("13:00", "13:30", midnight), told},
		{between("09:10", "09:30", late), ""}, // 14 hours ahead
		{between("08:30", "09:00", late), told},
		{office + within("00:30", "01:00", `,"office_hours":true`)[1:], ""},
		{office + within("10:00", "11:00", `,"office_hours":true`)[1:], told},
		{office + within("10:00", "11:00", `,"office_hours":false`)[1:], ""},
	} {
		if got := strings.Join(check(t, c.doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}

// What is found in a segment is told there; what is ignored there, nowhere.
func TestSegmentsTellOfThemselves(t *testing.T) {
	const users = `"messages":[{"id":"m","content":{"body":"x"},"audience":{"segment":"s"}},{"id":"n","content":{"body":"x"},"audience":{"not":{"segment":"s"}}},{"id":"o","content":{"body":"x"},"audience":{"segment":"a"}}]}`
	for _, c := range []struct{ segments, want string }{
		{`"s":{"any":[]},"a":{"segment":"s"}`, "contradiction segments.s"},
		{`"s":{"any":[],"vet_ignore":["contradiction"]},"a":{"not":{"segment":"s"}}`, ""},
		{`"s":{"segment":"z"},"z":{"any":[],"vet_ignore":["contradiction"]},"a":{"all":[{"segment":"z"},` + pro + `]}`, ""},
		{`"s":{"any":[` + pro + `,{"any":[]}],"vet_ignore":["contradiction"]},"a":{"segment":"s"}`, ""},
		{`"s":{"event":"e","stat":"count","op":"at_least","value":1,"where":{"segment":"z"}},"z":{"any":[]},"a":{"segment":"s"}`, "contradiction segments.z"},
		{`"s":{"any":[]},"a":{"all":[{"segment":"s"},` + pro + `,` + free + `]}`, "contradiction segments.a, contradiction segments.s"},
	} {
		doc := `{"segments":{` + c.segments + `},` + users
		if got := strings.Join(check(t, doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", doc, got, c.want)
		}
	}
}

// A series is chatty only if each event can mail, however many came before it.
func TestChattySeries(t *testing.T) {
	const chatty = "chatty_series series[0]"
	const mail = `"channel":"email","content":{"subject":"s","body":"x"}`
	entry := func(trigger, audience string) string {
		return strings.Replace(chattySeries(mail, ""), `"trigger":{"event":"e"}`, `"trigger":{"event":"e"`+trigger+`},"audience":`+audience, 1)
	}
	capped := func(cap, message string) string {
		return `{"caps":[{"id":"c",` + cap + `"max":1,"within":"24h"}],` + chattySeries(message+mail, "")[1:]
	}
	for _, c := range []struct{ doc, want string }{
		{entry("", pro), chatty},
		{entry("", `{"event":"e","stat":"count","op":"at_least","value":1}`), chatty},
		{entry("", `{"event":"E","stat":"count","op":"is","value":0}`), ""},
		{entry("", `{"any":[`+pro+`,{"event":"e","stat":"count","op":"is","value":0}]}`), chatty},
		{entry("", `{"event":"e","stat":"count","op":"less_than","value":5}`), ""},
		{entry("", `{"event":"e","stat":"count","op":"is","value":0,"within":"1d"}`), ""},
		{entry("", `{"event":"f","stat":"count","op":"is","value":0}`), chatty},
		{entry("", `{"event":"e","stat":"last","op":"more_than_ago","value":"7d"}`), ""},
		{entry("", `{"event":"e","stat":"first","op":"more_than_ago","value":"7d"}`), chatty},
		{entry("", `{"event":"e","stat":"count","op":"is","value":0,"where":{"metadata":"k","op":"is","value":"a"}}`), chatty},
		{entry(`,"where":{"metadata":"k","op":"is","value":"a"}`, `{"event":"e","stat":"count","op":"is","value":0,"where":{"metadata":"k","op":"is","value":"a"}}`), ""},
		{entry("", `{"message":"m","stat":"sent_count","op":"is","value":0}`), ""},
		{entry("", `{"message":"other","stat":"sent_count","op":"is","value":0}`), chatty},
		{entry("", `{"not":{"message":"m","stat":"last_sent","op":"less_than_ago","value":"1d"}}`), ""},
		{chattySeries(`"channel":"push","content":{"body":"x"}`, ""), ""}, // no mail
		{strings.Replace(chattySeries(mail, ""), `"blocks":[`, `"blocks":[{"id":"w","wait_until":{"at":"09:00"},"next":"b"},`, 1), ""},
		{strings.Replace(chattySeries(mail, ""), `"blocks":[`, `"blocks":[{"id":"w","wait":"0s","next":"b"},`, 1), chatty},
		{strings.Replace(chattySeries(mail, ""), `}}]`, `},"next":"end"},{"id":"end","exit":true}]`, 1), chatty},
		{strings.Replace(chattySeries(mail, ""), `}}]`, `},"next":"end"},{"id":"end","wait":"1d"}]`, 1), ""}, // nobody enters again meanwhile
		{strings.Replace(chattySeries(mail, ""), `"blocks":[`, `"blocks":[{"id":"h","split":[{"weight":1},{"weight":1,"next":"b"}]},`, 1), chatty},
		{capped("", ""), ""},
		{capped(`"channel":"email",`, ""), ""},
		{capped("", `"counts_toward_caps":false,`), chatty},
		{capped("", `"exempt_from_caps":true,`), chatty + ", unused_cap caps[0]"},
	} {
		if got := strings.Join(check(t, c.doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}
