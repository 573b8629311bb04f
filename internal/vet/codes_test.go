package vet_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/vet"
)

// A finding is silenced where it is, or for the whole program.
func TestIgnore(t *testing.T) {
	doc := audience(`{"all":[` + pro + `,` + free + `]}`)
	for _, silent := range []string{
		strings.Replace(doc, `"id":"m"`, `"id":"m","vet_ignore":["contradiction"]`, 1),
		strings.Replace(doc, `{"messages"`, `{"vet_ignore":["contradiction"],"messages"`, 1),
		`{"segments":{"s":{"all":[` + pro + `,` + free + `],"vet_ignore":["contradiction","unused_segment"]}}}`,
		`{"segments":{"s":{"user":"plan","op":"is","value":"pro","vet_ignore":["unused_segment"]}}}`,
	} {
		if got := check(t, silent, ""); len(got) > 0 {
			t.Errorf("%s\n%s", silent, got)
		}
	}
	if got := check(t, strings.Replace(doc, `"id":"m"`, `"id":"m","vet_ignore":["always_true"]`, 1), ""); len(got) != 1 {
		t.Error("another code silences it")
	}
}

// A code that no finding has is told, wherever it stands, and silences nothing.
func TestUnknownCodes(t *testing.T) {
	for _, c := range []struct{ doc, want string }{
		{message(`"vet_ignore":["contradicton"],"audience":{"all":[` + pro + `,` + free + `]}`), "contradiction messages[0].audience, unknown_code messages[0].vet_ignore[0]"},
		{message(`"vet_ignore":["contradiction","Contradiction",""]`), "unknown_code messages[0].vet_ignore[1], unknown_code messages[0].vet_ignore[2]"},
		{message(`"vet_ignore":["x","unknown_code"]`), ""},
		{message(`"vet_ignore":[]`), ""},
		{`{"vet_ignore":["unused"],` + message(`"priority":1`)[1:], "unknown_code vet_ignore[0]"},
		{`{"vet_ignore":["unknown_code"],` + message(`"vet_ignore":["x"]`)[1:], ""},
		{inBlock(`"vet_ignore":["x"]`), "unknown_code series[0].blocks[0].message.vet_ignore[0]"},
		{strings.Replace(inBlock(`"priority":1`), `"id":"s"`, `"id":"s","vet_ignore":["never_sends","x"]`, 1), "unknown_code series[0].vet_ignore[1]"},
		{`{"segments":{"s":{"user":"a","op":"is","value":1,"vet_ignore":["unused_segment","unusedsegment"]}}}`, "unknown_code segments.s.vet_ignore[1]"},
	} {
		if got := strings.Join(check(t, c.doc, ""), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
	n, err := ojson.ParseString(message(`"vet_ignore":["contradicton"]`), ojson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := vet.Finding{Path: "messages[0].vet_ignore[0]", ID: "m", Code: vet.UnknownCode, Message: `no finding has the code "contradicton", so nothing is silenced`, Fix: `did you mean "contradiction"?`}
	if got := vet.Check(&n, nil); len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
}

// Codes has each code that a finding can have.
func TestCodesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/vet.md")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 4 {
			for _, code := range strings.Split(cells[1], ",") {
				if code = strings.Trim(strings.TrimSpace(code), "`"); strings.Contains(code, "_") || code == vet.Contradiction {
					told = append(told, code)
				}
			}
		}
	}
	codes := vet.Codes()
	slices.Sort(told)
	slices.Sort(codes)
	if !slices.Equal(told, codes) {
		t.Errorf("docs/vet.md has\n%s, and the codes are\n%s", told, codes)
	}
}

// Each code has a program that has it, and one beside it that has not.
func TestEachCode(t *testing.T) {
	page := func(event string) string { return message(`"trigger":{"event":"` + event + `"}`) }
	plan := func(fallback string) string {
		return strings.Replace(declared(`"trigger":{"event":"bought"}`), `"body":"x"`, `"body":"{{ event.plan`+fallback+` }}"`, 1)
	}
	body := func(format, body string) string {
		return `{"messages":[{"id":"m","content":{"format":"` + format + `","body":"` + body + `"}}]}`
	}
	window := func(from string) string {
		return message(`"schedule":{"windows":[{"from":"09:00","to":"12:00"},{"from":"` + from + `","to":"15:00"}]}`)
	}
	capped := func(channel string) string {
		return `{"caps":[{"id":"c","channel":"` + channel + `","max":1,"within":"1d"}],` + message(`"channel":"sms"`)[1:]
	}
	used := func(segment string) string {
		return `{"segments":{"s":` + pro + `,"r":` + free + `},"messages":[{"id":"m","content":{"body":"x"},"audience":` + segment + `},{"id":"n","content":{"body":"x"},"audience":{"segment":"r"}}]}`
	}
	goal := func(rule string) string {
		return message(`"audience":` + pro + `,"goal":{"rule":` + rule + `,"within":"1d"}`)
	}
	mail := func(subject string) string {
		return `{"messages":[{"id":"m","channel":"email","content":{` + subject + `"body":"x"}}]}`
	}
	cases := map[string]struct{ has, hasNot, known string }{
		vet.Contradiction:       {audience(both(pro, free)), audience(either(pro, free)), ""},
		vet.AlwaysTrue:          {audience(either(pro, `{"not":`+pro+`}`)), audience(either(pro, `{"not":`+free+`}`)), ""},
		vet.NeverSends:          {message(`"control":1`), message(`"control":0.999`), ""},
		vet.UnknownEvent:        {page("bougth"), page("bought"), catalogue},
		vet.UnknownMetadata:     {declared(`"trigger":{"event":"bought","unless":{"event":"bought","within":"1d","same":"plann"}}`), declared(`"trigger":{"event":"bought","unless":{"event":"bought","within":"1d","same":"Plan"}}`), ""},
		vet.UnknownAttribute:    {audience(strings.ReplaceAll(pro, "plan", "plans")), audience(pro), catalogue},
		vet.UnknownCode:         {message(`"vet_ignore":["never-sends"]`), message(`"vet_ignore":["never_sends"]`), ""},
		vet.WrongType:           {declared(`"trigger":{"event":"bought","where":{"metadata":"count","op":"is","value":"3"}}`), declared(`"trigger":{"event":"bought","where":{"metadata":"count","op":"is","value":3}}`), ""},
		vet.MissingFallback:     {plan(""), plan(" | fallback: 'none'"), ""},
		vet.EmailWithoutSubject: {mail(""), mail(`"subject":"s",`), ""},
		vet.PageViewEvent:       {page("viewed-page"), page("viewed-invoice"), ""},
		vet.UnusedCap:           {capped("push"), capped("sms"), ""},
		vet.UnusedSegment:       {used(`{"segment":"r"}`), used(`{"segment":"s"}`), ""},
		vet.OverlappingWindows:  {window("11:59"), window("12:00"), ""},
		vet.GoalImplied:         {goal(`{"user":"plan","op":"in","value":["pro","team"]}`), goal(`{"user":"plan","op":"in","value":["team"]}`), ""},
		vet.ChattySeries:        {chattySeries(`"channel":"email","content":{"subject":"s","body":"x"}`, ""), chattySeries(`"channel":"email","content":{"subject":"s","body":"x"}`, `"reenter_after":"1d",`), ""},
		vet.UnreachableBlock:    {series(`{"id":"a","exit":true},{"id":"b","exit":true}`), series(`{"id":"a","wait":"1d","next":"b"},{"id":"b","exit":true}`), ""},
		vet.HTMLInText:          {body("text", "<p>x</p>"), body("html", "<p>x</p>"), ""},
	}
	for _, code := range vet.Codes() {
		c, ok := cases[code]
		if !ok && code != vet.ProgramInvalid { // which is an error
			t.Errorf("%s: nothing has it", code)
			continue
		}
		if code == vet.ProgramInvalid {
			continue
		}
		if got := check(t, c.has, c.known); len(got) != 1 || !strings.HasPrefix(got[0], code+" ") {
			t.Errorf("%s: %s\n%s", code, got, c.has)
		}
		if got := check(t, c.hasNot, c.known); len(got) > 0 {
			t.Errorf("%s: %s\n%s", code, got, c.hasNot)
		}
	}
}

// What marketing does every day has no finding.
func TestMarketing(t *testing.T) {
	files, err := filepath.Glob("testdata/marketing/*.json")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		doc, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		program, err := beckon.ParseProgram(doc)
		if err != nil {
			t.Fatal(name, err)
		}
		list, err := beckon.Vet(program, nil, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, f := range list {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
