package vet_test

import (
	"os"
	"slices"
	"strings"
	"testing"

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
