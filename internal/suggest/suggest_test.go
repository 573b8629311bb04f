package suggest

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"where", "event", "live_at", "id"}
	for name, want := range map[string]string{
		"were": "where", "wehre": "where", "WHERE": "where", "liveAt": "live_at", "live at": "live_at", "ID": "id",
		"xy": "", "zebra": "", "": "", strings.Repeat("where", 20): "", strings.Repeat("e", Longest+1): "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if got := Nearest("aab", []string{"aaa", "abb"}); got != "aaa" {
		t.Errorf("of two that are as near got %q, want the first", got)
	}
}

func TestOneSlip(t *testing.T) {
	for name, want := range map[string]bool{"pages": true, "page": true, "apge": true, "paging": false, "": false, strings.Repeat("p", Longest+1): false} {
		if got := OneSlip(name, "page"); got != want {
			t.Errorf("%q: got %t", name, got)
		}
	}
}
