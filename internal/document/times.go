package document

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// Instant takes a time as RFC 3339. The zero time of Go stands for no time at
// all in these types, so it cannot be said in a document.
func (s *Reader) Instant(dst *time.Time) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.Is(n, path, ojson.String) {
			return
		}
		t, ok := calendar.ParseInstant(n.Text)
		switch {
		case !ok && calendar.WithoutZone(n.Text) != "":
			s.Fault(fault.ErrTypeInvalid, path, fault.Quote(n.Text)+" has no zone: "+calendar.WithoutZone(n.Text))
		case !ok:
			s.Fault(fault.ErrTypeInvalid, path, fault.Quote(n.Text)+" is not a time: write it as 2026-01-05T09:00:00Z (RFC 3339)")
		case t.IsZero():
			s.Fault(fault.ErrTypeInvalid, path, "is the first instant of year 1, which means no time: leave it out")
		default:
			*dst = t
		}
	}
}

// Duration takes a duration; negative ones only where the field has a use for
// them.
func (s *Reader) Duration(dst *calendar.Duration, negative bool) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if n.Kind != ojson.String {
			s.Fault(fault.ErrTypeInvalid, path, "must be "+calendar.DurationText+", is "+n.Kind.String())
			return
		}
		d, problem := calendar.ParseDuration(n.Text)
		switch {
		case problem != "":
			s.Fault(fault.ErrTypeInvalid, path, problem)
		case d.Negative() && !negative:
			s.Fault(fault.ErrTypeInvalid, path, fault.Quote(n.Text)+" is negative")
		default:
			*dst = d
		}
	}
}

// TimeOfDay takes HH:MM, from 00:00 to 24:00.
func TimeOfDay[T ~string](s *Reader, dst *T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.Is(n, path, ojson.String) {
			return
		}
		t := n.Text
		digit := func(i int) bool { return '0' <= t[i] && t[i] <= '9' }
		ok := len(t) == 5 && t[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4) &&
			(t[:2] < "24" && t[3] < '6' || t == "24:00")
		if !ok {
			s.Fault(fault.ErrTypeInvalid, path, fault.Quote(t)+" is not a time of day: write it as 09:00, from 00:00 to 24:00")
			return
		}
		*dst = T(t)
	}
}
