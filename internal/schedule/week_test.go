package schedule

import (
	"slices"
	"testing"
)

const hour = 3600

func TestNewWeek(t *testing.T) {
	for _, c := range []struct {
		name  string
		spans []Span
		want  Week
	}{
		{"none", nil, nil},
		{"sorted", []Span{{9 * hour, 10 * hour}, {hour, 2 * hour}}, Week{{hour, 2 * hour}, {9 * hour, 10 * hour}}},
		{"joined where they touch", []Span{{hour, 2 * hour}, {2 * hour, 3 * hour}}, Week{{hour, 3 * hour}}},
		{"joined where they overlap", []Span{{hour, 9 * hour}, {2 * hour, 3 * hour}}, Week{{hour, 9 * hour}}},
		{"from Sunday into Monday", []Span{{weekSeconds - hour, weekSeconds + hour}}, Week{{0, hour}, {weekSeconds - hour, weekSeconds}}},
		{"Monday joined with Sunday's rest", []Span{{hour, 2 * hour}, {weekSeconds - hour, weekSeconds + hour}}, Week{{0, 2 * hour}, {weekSeconds - hour, weekSeconds}}},
	} {
		if got := NewWeek(c.spans); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWeekNext(t *testing.T) {
	w := NewWeek([]Span{{9 * hour, 17 * hour}}) // on Mondays
	const monday = 4 * 24 * hour                // 5 January 1970
	for _, c := range []struct{ wall, want int64 }{
		{monday, monday + 9*hour},
		{monday + 9*hour, monday + 9*hour},
		{monday + 17*hour - 1, monday + 17*hour - 1},
		{monday + 17*hour, monday + weekSeconds + 9*hour},
		{0, monday + 9*hour},
		{monday - weekSeconds, monday - weekSeconds + 9*hour},
		{-1, monday + 9*hour},
	} {
		if got := w.next(c.wall); got != c.want {
			t.Errorf("from %d: %d, want %d", c.wall, got, c.want)
		}
	}
	if got := Week(nil).next(7); got != 7 {
		t.Errorf("a week without spans is open, got %d", got)
	}
}
