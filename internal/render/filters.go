package render

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/repr"
)

// A filter shows a value in another form than its plain one (R4).
type filter interface {
	// apply writes the value to dst; false means that the filter is not for
	// values of this kind, which then show in their plain form.
	apply(dst []byte, v repr.Value) ([]byte, bool)
}

// Filters are the filters that templates use, by name and arguments: what
// a locale or a zone takes is made once, however many variables ask for it.
type Filters map[string]filter

// of returns the filter of a name and its arguments.
func (c Filters) of(name string, args []string, loc *time.Location) (filter, error) {
	key := name
	for _, a := range args {
		key += "\x00" + a
	}
	if f := c[key]; f != nil {
		return f, nil
	}
	f, err := newFilter(name, args, loc)
	if err == nil {
		c[key] = f
	}
	return f, err
}

// newFilter makes the filter of a name and its arguments; loc is the
// workspace's zone.
func newFilter(name string, args []string, loc *time.Location) (filter, error) {
	switch name {
	case "date":
		return newDateFilter(args, loc)
	case "money":
		return newMoneyFilter(args)
	}
	return nil, fmt.Errorf("unknown filter %s: expected fallback, money or date", fault.Quote(name))
}

// A dateFilter shows dates, RFC 3339 text, plain days and Unix seconds in a
// layout of package time.
type dateFilter struct {
	layout string
	loc    *time.Location
}

func newDateFilter(args []string, loc *time.Location) (filter, error) {
	if len(args) < 1 || len(args) > 2 {
		return nil, errors.New(`date takes a layout and, optionally, a zone: date: "2 Jan 2006", "Europe/Dublin"`)
	}
	f := &dateFilter{layout: args[0], loc: loc}
	// Two instants that differ in everything: only a layout without any
	// element ("YYYY-MM-DD") shows them alike.
	a := time.Date(2001, 2, 3, 4, 5, 6, 789e6, time.UTC)
	b := time.Date(2012, 11, 28, 17, 58, 49, 123e6, time.FixedZone("X", 3600))
	if a.Format(f.layout) == b.Format(f.layout) {
		return nil, fmt.Errorf("the layout %s shows no part of a date; it shows how 2 January 2006, 15:04:05 is to look",
			fault.Quote(f.layout))
	}
	if len(args) == 2 {
		zone, err := calendar.LoadZone(args[1])
		if err != nil || args[1] == "" {
			return nil, errors.New(calendar.ZoneFault(args[1]))
		}
		f.loc = zone
	}
	return f, nil
}

func (f *dateFilter) apply(dst []byte, v repr.Value) ([]byte, bool) {
	t, ok := instantOf(v, f.loc)
	if !ok {
		return dst, false
	}
	return t.In(f.loc).AppendFormat(dst, f.layout), true
}

// instantOf reads what operators on dates read (A5) as an instant, with the
// fraction that a text has. A plain day is that day in whatever zone it is
// shown.
func instantOf(v repr.Value, loc *time.Location) (time.Time, bool) {
	sec, ok := v.ConditionDate(loc)
	if !ok {
		return time.Time{}, false
	}
	at := time.Unix(sec, 0)
	if v.Kind == repr.KindString && len(v.Str) > len("2026-01-02T15:04:05Z") {
		if t, err := time.Parse(time.RFC3339, strings.ToUpper(v.Str)); err == nil {
			at = at.Add(time.Duration(t.Nanosecond()))
		}
	}
	return at, true
}
