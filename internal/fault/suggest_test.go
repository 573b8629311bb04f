package fault

import (
	"strings"
	"testing"
)

func TestDidYouMean(t *testing.T) {
	known := []string{"where", "event", "unless", "live_at", "id"}
	for name, want := range map[string]string{
		"were":                          "where",
		"wehre":                         "where",
		"WHERE":                         "where",
		"events":                        "event",
		"liveAt":                        "live_at",
		"live-at":                       "live_at",
		"LIVE AT":                       "live_at",
		"unles":                         "unless",
		"ID":                            "id",
		"xy":                            "", // two slips in two letters are another word
		"zebra":                         "",
		"":                              "",
		"whereever":                     "",
		strings.Repeat("where", 10_000): "",
	} {
		got := DidYouMean(name, known)
		if want != "" {
			want = `, did you mean "` + want + `"?`
		}
		if got != want {
			t.Errorf("%.20q: got %q, want %q", name, got, want)
		}
	}
}

func TestJoinPath(t *testing.T) {
	for _, tt := range []struct{ path, name, want string }{
		{"", "a", "a"},
		{"a", "b-c_D9", "a.b-c_D9"},
		{"a[0]", "b c", `a[0]["b c"]`},
		{"a", "", `a[""]`},
		{"a", "b.c", `a["b.c"]`},
		{"a", "é", `a["\u00e9"]`},
		{"", strings.Repeat("x", 65), `["` + strings.Repeat("x", 64) + `"…]`},
	} {
		if got := JoinPath(tt.path, tt.name); got != tt.want {
			t.Errorf("%q, %q: got %s, want %s", tt.path, tt.name, got, tt.want)
		}
	}
}
