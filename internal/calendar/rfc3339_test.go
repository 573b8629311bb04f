package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A5: a time is what the grammar of RFC 3339 has, as package time reads it.
func TestParseRFC3339(t *testing.T) {
	for _, s := range []string{
		"2026-03-02T12:00:00Z", "2026-03-02T12:00:00.5Z", "2026-03-02T12:00:00.123456789123+05:30", "0000-01-01T00:00:00Z",
		"9999-12-31T23:59:59-23:59", "2024-02-29T00:00:00Z", "1969-12-31T23:59:59.9Z",
		"", "2026-03-02", "2026-03-02T12:00:00", "2026-03-02T12:00:00z", "2026-03-02t12:00:00Z", "2026-03-02 12:00:00Z",
		"2026-03-02T9:00:00Z", "2026-03-02T12:00:00,5Z", "2026-03-02T12:00:00.Z", "2026-03-02T12:00:60Z", "2026-03-02T24:00:00Z",
		"2026-03-02T12:60:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
		"2026-03-02T12:00:00+24:00", "2026-03-02T12:00:00+01:60", "2026-03-02T12:00:00+0100", "2026-03-02T12:00:00+01:00 ",
		"2026-03-02T12:00:00ZZ", "+2026-03-02T12:00:00Z", "２026-03-02T12:00:00Z", "2026-03-02T12:00:00+1a:00", "2026-03-02T12:00:00.5",
	} {
		want, strict := ParseInstant(s)
		sec, ok := ParseRFC3339(s)
		if ok != strict || ok && sec != want.Unix() {
			t.Errorf("%q: %d, %v; want %v, %v", s, sec, ok, want, strict)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-62_000_000_000, 253_402_200_000).Draw(t, "at"), 999).
			In(time.FixedZone("", rapid.IntRange(-1439, 1439).Draw(t, "east")*60))
		if sec, ok := ParseRFC3339(at.Format(time.RFC3339Nano)); !ok || sec != at.Unix() {
			t.Fatalf("%v: %d, %v", at, sec, ok)
		}
	})
}

func FuzzParseRFC3339(f *testing.F) {
	f.Add("2026-03-02T12:00:00.5+01:00")
	f.Fuzz(func(t *testing.T, s string) {
		want, strict := ParseInstant(s)
		if sec, ok := ParseRFC3339(s); ok != strict || ok && sec != want.Unix() {
			t.Errorf("%q: %d, %v; want %v, %v", s, sec, ok, want, strict)
		}
	})
}
