package scenario

import (
	"encoding/json"
	"testing"
)

// The quick way to read a step and the thorough one agree, in what they take and in what
// they make of it.
func FuzzParseStep(f *testing.F) {
	for _, seed := range []string{
		`{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u"}}`,
		`{ "track" : {"a":[1,{"b":null}]} , "at" : "2026-03-02T09:00:00.5+01:00" }`,
		`{"at":"2026-03-02T09:00:00Z","track":{},"want":{"sent":[]}}`,
		`{"at":"2026-03-02T09:00:00Z","track":{},"visit":{}}`,
		`{"at":"2026-03-02T09:00:00Z","at":"2026-03-02T09:00:00Z","due":{}}`,
		`{"at":"2026-03-02T09:00:00,5Z","due":{}}`,
		`{"at":"2026-03-02t09:00:00z","sweep":7}`,
		`{"at":"2026-03-02T09:00:00\u005a","track_json":"{"}`,
		`{"at":"0001-01-01T00:00:00Z","due":{}}`,
		`{"At":"2026-03-02T09:00:00Z","due":{}}`,
		`{"at":null,"due":{}}`, `{"due":{}}`, `{"at":"2026-03-02T09:00:00Z"}`, `[]`, `{`, `{}x`, "\ufeff{}", "",
		`{"at":"2026-03-02T09:00:00Z","track":{"user_id":"` + "\xff" + `"}}`,
		`{"at":"2026-03-02T09:00:00Z","track":{"user_id":"\ud800"}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		quick, ok := plainStep(line)
		got, err := ParseStep([]byte(line))
		if !ok {
			return
		}
		if err != nil || quick.verb != got.Verb() {
			t.Fatalf("%v, %v", quick, err)
		}
		if !json.Valid([]byte(line)) {
			t.Fatalf("taken, and no JSON: %q", line)
		}
		d := &document{}
		slow := d.step(json.RawMessage(line), "step")
		if len(d.faults) > 0 {
			t.Fatalf("taken, and wrong: %q: %v", line, d.faults)
		}
		if slow.verb != got.Verb() || !slow.at.Equal(got.At()) || string(slow.arg) != string(got.Arg()) || slow.want != nil {
			t.Errorf("%q: %v, slowly %v", line, got.s, slow)
		}
	})
}

// Most lines take the quick way: else it would be of no use.
func TestPlainStep(t *testing.T) {
	for line, want := range map[string]bool{
		`{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","metadata":{"k":[1]}}}`: true,
		`{"visit":{"user_id":"u"},"at":"2026-03-02T09:00:00Z"}`:                         true,
		`{"at":"2026-03-02T09:00:00Z","merge":{}}`:                                      true,
		`{"at":"2026-03-02T09:00:00Z","want":{}}`:                                       false,
		`{"at":"2026-03-02T09:00:00Z","due":{}} x`:                                      false,
	} {
		if _, ok := plainStep(line); ok != want {
			t.Errorf("%s: %v", line, ok)
		}
	}
}
