package vet

import (
	"math/big"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/schedule"
)

// held says why a message goes to nobody, whatever its audience and schedule; empty if it
// may go.
func (v *vetter) held(n *ojson.Node) string {
	switch {
	case everybody(n.Get("control")):
		return "its control group is everybody"
	case !truth(n, "transactional") && everybody(v.program.Get("control")):
		return "the program's control group is everybody"
	case unchanged(n.Get("trigger")):
		return "its trigger asks for a change from a value to the same value"
	case v.quiet(n):
		return "quiet hours of its channel cover all the time at which it may go out"
	}
	return ""
}

// everybody reports whether a share is 1.
func everybody(share *ojson.Node) bool {
	x, ok := rational(share)
	return ok && x.Cmp(big.NewRat(1, 1)) == 0
}

func rational(n *ojson.Node) (*big.Rat, bool) {
	if n == nil || n.Kind != ojson.Number {
		return nil, false
	}
	return new(big.Rat).SetString(n.Text)
}

// truth returns a member that is true or false; false for none.
func truth(n *ojson.Node, name string) bool {
	m := n.Get(name)
	return m != nil && m.Kind == ojson.Bool && m.Bool
}

// unchanged reports whether a trigger asks for a change of an attribute that is none.
// Numbers equal in value are the same value.
func unchanged(trigger *ojson.Node) bool {
	if trigger == nil || trigger.Get("attribute") == nil {
		return false
	}
	from, to := trigger.Get("from"), trigger.Get("to")
	if from == nil || to == nil {
		return false
	}
	a, first := rational(from)
	b, second := rational(to)
	if first && second {
		return a.Cmp(b) == 0
	}
	return encode(from) == encode(to)
}

// quiet reports whether quiet hours cover each instant at which a message's windows are
// open.
func (v *vetter) quiet(n *ojson.Node) bool {
	if truth(n, "transactional") {
		return false
	}
	channel := text(n, "channel")
	if channel == "" {
		channel = "chat"
	}
	type clocks struct {
		zone    string
		contact bool
	}
	zoneOf := func(n *ojson.Node) clocks {
		zone := text(n, "timezone")
		if zone == "" {
			zone = text(v.program, "timezone")
		}
		return clocks{zone, truth(n, "contact_timezone")}
	}
	spans := map[clocks][]schedule.Span{}
	each(v.program, "quiet_hours", func(q *ojson.Node, _ string) {
		channels := []string{"email", "push", "sms"}
		if list := q.Get("channels"); list != nil && len(list.Items) > 0 {
			channels = nil
			for i := range list.Items {
				channels = append(channels, list.Items[i].Text)
			}
		}
		windows := q.Get("windows")
		if windows == nil || !slices.Contains(channels, channel) {
			return
		}
		for i := range windows.Items {
			spans[zoneOf(q)] = append(spans[zoneOf(q)], spansOf(&windows.Items[i])...)
		}
	})
	s := n.Member("schedule")
	for zone, list := range spans {
		quiet := schedule.NewWeek(list)
		open := schedule.Week{{From: 0, To: 7 * calendar.DaySeconds}}
		if windows := weekOf(s.Get("windows")); len(windows) > 0 && zoneOf(s) == zone {
			open = windows
		}
		if !slices.ContainsFunc(open, func(o schedule.Span) bool {
			return !slices.ContainsFunc(quiet, func(q schedule.Span) bool { return q.From <= o.From && o.To <= q.To })
		}) {
			return true
		}
	}
	return false
}

// anywhere returns the week, in UTC, in which windows are open in some zone on earth: those
// lie from 12 hours behind to 14 hours ahead.
func anywhere(windows schedule.Week) schedule.Week {
	const hour, week = 3600, 7 * calendar.DaySeconds
	var spans []schedule.Span
	for _, w := range windows {
		s := schedule.Span{From: w.From - 14*hour, To: w.To + 12*hour}
		if s.To-s.From >= week {
			return nil // always
		}
		if s.From < 0 {
			s.From, s.To = s.From+week, s.To+week
		}
		spans = append(spans, s)
	}
	return schedule.NewWeek(spans)
}

// once reports whether a message that is not asked to repeat goes to each contact once
// only: one-off, or ongoing without a frequency (F1). With company data it goes out once
// for each company.
func once(n *ojson.Node) bool {
	return n.Get("trigger") == nil && n.Get("frequency") == nil && !ofCompany(n.Get("audience")) && !ofCompany(n.Get("content"))
}

// ofCompany reports whether a part of a message looks like company data.
func ofCompany(n *ojson.Node) bool {
	if n == nil {
		return false
	}
	return slices.ContainsFunc(n.Members, func(m ojson.Member) bool { return m.Name == "company" || ofCompany(&m.Value) }) ||
		slices.ContainsFunc(n.Items, func(item ojson.Node) bool { return ofCompany(&item) }) ||
		n.Kind == ojson.String && strings.Contains(n.Text, "company")
}

// seesPage reports whether a message's audience is ever judged with a page known: on an
// event or a visit (A1). Sweeps, checks, sends and updates know none.
func seesPage(n *ojson.Node) bool {
	trigger := n.Member("trigger")
	switch {
	case trigger.Get("event") != nil, trigger.Get("enters") != nil, trigger.Get("leaves") != nil:
		return true
	case trigger.Get("attribute") != nil, text(n, "mode") == "one_off":
		return false
	}
	return !slices.Contains([]string{"email", "push", "sms"}, text(n, "channel"))
}
