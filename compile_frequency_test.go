package beckon

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
)

func TestFrequencyCompile(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      *Frequency
		want   plan.Frequency
		faults string
	}{
		{"F1 nil is once a minute", nil, plan.Frequency{Every: 60_000, Max: 0}, ""},
		{"F1 zero is once a minute", &Frequency{}, plan.Frequency{Every: 60_000, Max: 0}, ""},
		{"0s is no distance", &Frequency{Every: Seconds(0)}, plan.Frequency{Every: 0, Max: 0}, ""},
		{"once", &Frequency{Every: Seconds(0), Max: 1}, plan.Frequency{Every: 0, Max: 1}, ""},
		{"a day is 24 hours", &Frequency{Every: Days(1).Add(Hours(1)), Max: 3}, plan.Frequency{Every: 25 * 3600_000, Max: 3}, ""},
		{"negative distance", &Frequency{Every: Seconds(-1)}, plan.Frequency{Every: 60_000, Max: 0}, "f.every"},
		{"negative days", &Frequency{Every: Days(-1).Add(Hours(1))}, plan.Frequency{Every: 60_000, Max: 0}, "f.every"},
		{"negative maximum", &Frequency{Every: Hours(1), Max: -1}, plan.Frequency{Every: 3600_000, Max: 0}, "f.max"},
	} {
		var faults fault.List
		if got := c.f.compile(DefaultEvery, "f", &faults); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if got := paths(faults); len(got) > 1 || len(got) == 1 && got[0] != c.faults || len(got) == 0 && c.faults != "" {
			t.Errorf("%s: faults at %q, want %q", c.name, got, c.faults)
		}
	}
}

func TestCompileCaps(t *testing.T) {
	var faults fault.List
	plans := compileCaps([]Cap{
		{ID: "a", Channel: Push, Tag: "promo", Max: 3, Within: Days(1)},
		{ID: "b", Channel: Custom("fax"), Max: 1, Within: Seconds(1)},
		{ID: "c", Max: 1, Within: Weeks(1)},
	}, "caps", &faults)
	if len(faults) > 0 {
		t.Error(faults)
	}
	want := []plan.Cap{
		{ID: "a", Channel: Push, Tag: "promo", Max: 3, Within: 86400_000}, {ID: "b", Channel: "custom:fax", Max: 1, Within: 1000}, {ID: "c", Max: 1, Within: 7 * 86400_000},
	}
	for i := range want {
		if plans[i] != want[i] {
			t.Errorf("%+v, want %+v", plans[i], want[i])
		}
	}
	compileCaps([]Cap{
		{ID: "a", Max: 1, Within: Days(1)},
		{ID: "", Max: 0},
		{ID: "a", Channel: "pigeon", Max: -1, Within: Days(-1)},
		{ID: "b", Channel: "custom:", Max: 1, Within: Seconds(0)},
		{ID: strings.Repeat("c", MaxIDLength), Tag: strings.Repeat("t", MaxIDLength), Max: 1, Within: Days(1)},
		{ID: strings.Repeat("c", MaxIDLength+1), Tag: strings.Repeat("t", MaxIDLength+1), Max: 1, Within: Days(1)},
		{ID: "d\n", Tag: "\xff", Max: 1, Within: Days(1)},
	}, "caps", &faults)
	got := paths(faults)
	wantPaths := []string{
		"caps[1].id", "caps[1].max", "caps[1].within",
		"caps[2].id", "caps[2].channel", "caps[2].max", "caps[2].within", "caps[3].channel", "caps[3].within",
		"caps[5].id", "caps[5].tag", "caps[6].id", "caps[6].tag",
	}
	if len(got) != len(wantPaths) {
		t.Fatalf("faults at %q, want %q", got, wantPaths)
	}
	for i := range got {
		if got[i] != wantPaths[i] {
			t.Errorf("fault at %q, want %q", got[i], wantPaths[i])
		}
	}
}
