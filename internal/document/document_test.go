package document

import (
	"math"
	"testing"

	"github.com/beckon-go/beckon/internal/calendar"
)

func TestParseInstant(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-01-05T09:00:00Z":           true,
		"2026-01-05T09:00:00.123456789Z": true,
		"2026-01-05T09:00:00+05:45":      true,
		"2026-01-05T09:00:00-00:00":      true,
		"2024-02-29T23:59:59.5-12:00":    true,
		"2026-01-05T9:00:00Z":            false,
		"2026-01-05T09:00:00,5Z":         false,
		"2026-01-05T09:00:00+24:00":      false,
		"2026-01-05T09:00:00+05:60":      false,
		"2026-01-05T09:00:00+5:45":       false,
		"2026-01-05T09:00:00+0545":       false,
		"2026-01-05T09:00:00+":           false,
		"2026-01-05T09:00:00":            false,
		"2026-01-05T09:00:00.Z":          false,
		"2026-01-05T09:00:60Z":           false,
		"2026-01-05T24:00:00Z":           false,
		"2026-02-29T00:00:00Z":           false,
		"2026-01-05 09:00:00Z":           false,
		"2026-01-05t09:00:00z":           true,
		" 2026-01-05T09:00:00Z":          false,
		"2026-01-05":                     false,
		"":                               false,
	} {
		if _, got := calendar.ParseInstant(text); got != want {
			t.Errorf("%q: accepted is %t, want %t", text, got, want)
		}
	}
}

func TestWholeNumber(t *testing.T) {
	// What an int of 32 bits cannot hold is no whole number there.
	n := int64(999999999999999)
	largest, wide := int(n), n <= math.MaxInt
	if !wide {
		largest = 0
	}
	for _, tt := range []struct {
		literal string
		want    int
		ok      bool
	}{
		{"0", 0, true},
		{"-0", 0, true},
		{"3", 3, true},
		{"3.0", 3, true},
		{"3e2", 300, true},
		{"-12", -12, true},
		{"1000000000", 1_000_000_000, true},
		{"999999999999999", largest, wide},
		{"1000000000000000", 0, false},
		{"-1000000000000000", 0, false},
		{"1e400", 0, false},
		{"0.5", 0, false},
		{"1e-400", 0, true}, // as near to 0 as makes no difference
	} {
		got, ok := WholeNumber(tt.literal)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %d, %t, want %d, %t", tt.literal, got, ok, tt.want, tt.ok)
		}
	}
}
