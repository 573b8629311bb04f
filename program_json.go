package beckon

import (
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
)

// The readers of a program's parts. Each returns what could be read of a part
// that has faults, so that the rest of it can still be judged.

func (s *shape) program(n *ojson.Node) (p Program) {
	s.object(n, "",
		member{"timezone", s.text(&p.Timezone)},
		member{"office_hours", pointer(&p.OfficeHours, s.officeHours)},
		member{"segments", func(n *ojson.Node, path string) { entries(s, &p.Segments, n, path, s.rule) }},
		member{"caps", listOf(s, &p.Caps, s.cap)},
		member{"messages", listOf(s, &p.Messages, s.message)},
		member{"series", listOf(s, &p.Series, s.series)},
	)
	return p
}

func (s *shape) rule(n *ojson.Node, path string) Rule {
	r := rule.Decode(n, path, s.faults)
	return raiseRule(&r)
}

func (s *shape) officeHours(n *ojson.Node, path string) (o OfficeHours) {
	s.object(n, path,
		member{"timezone", s.text(&o.Timezone)},
		member{"windows", listOf(s, &o.Windows, s.window)},
	)
	return o
}

func (s *shape) window(n *ojson.Node, path string) (w Window) {
	s.object(n, path,
		member{"days", listOf(s, &w.Days, s.weekday)},
		member{"from", s.timeOfDay(&w.From)},
		member{"to", s.timeOfDay(&w.To)},
	)
	return w
}

func (s *shape) weekday(n *ojson.Node, path string) (d Weekday) {
	word(s, &d, weekdayNames()...)(n, path)
	return d
}

// timeOfDay takes HH:MM, from 00:00 to 24:00.
func (s *shape) timeOfDay(dst *TimeOfDay) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.is(n, path, ojson.String) {
			return
		}
		t := n.Text
		digit := func(i int) bool { return '0' <= t[i] && t[i] <= '9' }
		ok := len(t) == 5 && t[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4) &&
			(t[:2] < "24" && t[3] < '6' || t == "24:00")
		if !ok {
			s.fault(ErrTypeInvalid, path, fault.Quote(t)+" is not a time of day: write it as 09:00, from 00:00 to 24:00")
			return
		}
		*dst = TimeOfDay(t)
	}
}

func (s *shape) cap(n *ojson.Node, path string) (c Cap) {
	s.object(n, path,
		member{"id", s.text(&c.ID)},
		member{"channel", s.channel(&c.Channel)},
		member{"tag", s.text(&c.Tag)},
		member{"max", s.whole(&c.Max, 1)},
		member{"within", s.duration(&c.Within, false)},
	)
	return c
}

// channel takes one of the channels, or custom:NAME.
func (s *shape) channel(dst *Channel) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if name, custom := strings.CutPrefix(n.Text, plan.CustomPrefix); n.Kind == ojson.String && custom {
			if name == "" {
				s.fault(ErrTypeInvalid, path, "custom: needs a name after it, such as custom:kiosk")
				return
			}
			*dst = Channel(n.Text)
			return
		}
		word(s, dst, plan.Channels()...)(n, path)
	}
}

func (s *shape) message(n *ojson.Node, path string) (m Message) {
	s.object(n, path,
		member{"id", s.text(&m.ID)},
		member{"name", s.text(&m.Name)},
		member{"channel", s.channel(&m.Channel)},
		member{"mode", word(s, &m.Mode, Triggered, Ongoing, OneOff)},
		member{"status", word(s, &m.Status, Draft, Live, Paused, Stopped)},
		member{"live_at", s.instant(&m.LiveAt)},
		member{"trigger", pointer(&m.Trigger, s.trigger)},
		member{"audience", intoValue(&m.Audience, s.rule)},
		member{"frequency", pointer(&m.Frequency, s.frequency)},
		member{"schedule", pointer(&m.Schedule, s.schedule)},
		member{"goal", pointer(&m.Goal, s.goal)},
		member{"control", s.share(&m.Control)},
		member{"priority", s.whole(&m.Priority, minPriority)},
		member{"tags", s.texts(&m.Tags)},
		member{"exempt_from_caps", s.flag(&m.ExemptFromCaps)},
		member{"transactional", s.flag(&m.Transactional)},
		member{"show_until", s.instant(&m.ShowUntil)},
		member{"content", intoValue(&m.Content, s.content)},
	)
	return m
}

func (s *shape) trigger(n *ojson.Node, path string) (t Trigger) {
	before := s.faults.Found()
	s.object(n, path,
		member{"event", s.text(&t.Event)},
		member{"where", intoValue(&t.Filter, s.rule)},
		member{"unless", pointer(&t.Absence, s.unless)},
		member{"date", s.text(&t.Date)},
		member{"offset", s.duration(&t.Offset, true)},
	)
	if s.faults.Found() > before && t.Event == "" && t.Date == "" {
		t.Event = "unreadable" // so that event variables are not called faults, too
	}
	return t
}

func (s *shape) unless(n *ojson.Node, path string) (u Unless) {
	s.object(n, path,
		member{"event", s.text(&u.Event)},
		member{"within", s.duration(&u.Within, false)},
		member{"same", s.text(&u.Same)},
	)
	return u
}

// frequency: a maximum of 0 is refused here, for in a [Frequency] it is "no
// maximum", which a document says by leaving it out (F1).
func (s *shape) frequency(n *ojson.Node, path string) (f Frequency) {
	s.object(n, path,
		member{"every", s.duration(&f.Every, false)},
		member{"max", s.whole(&f.Max, 1)},
	)
	return f
}

func (s *shape) schedule(n *ojson.Node, path string) (c Schedule) {
	s.object(n, path,
		member{"start", s.instant(&c.Start)},
		member{"stop", s.instant(&c.Stop)},
		member{"timezone", s.text(&c.Timezone)},
		member{"contact_timezone", s.flag(&c.ContactTimezone)},
		member{"office_hours", s.flag(&c.OfficeHours)},
		member{"windows", listOf(s, &c.Windows, s.window)},
		member{"outside", word(s, &c.Outside, OutsideDrop, OutsideHold)},
	)
	return c
}

func (s *shape) goal(n *ojson.Node, path string) (g Goal) {
	s.object(n, path,
		member{"rule", intoValue(&g.Rule, s.rule)},
		member{"within", s.duration(&g.Within, false)},
	)
	return g
}

func (s *shape) content(n *ojson.Node, path string) (c Content) {
	s.object(n, path,
		member{"format", word(s, &c.Format, FormatText, FormatHTML)},
		member{"subject", s.text(&c.Subject)},
		member{"body", s.text(&c.Body)},
		member{"data", s.textMap(&c.Data)},
		member{"missing", word(s, &c.Missing, MissingEmpty, MissingHold)},
	)
	return c
}

func (s *shape) series(n *ojson.Node, path string) (r Series) {
	s.object(n, path,
		member{"id", s.text(&r.ID)},
		member{"status", word(s, &r.Status, Draft, Live, Paused, Stopped)},
		member{"entry", intoValue(&r.Entry, s.entry)},
		member{"exit", intoValue(&r.Exit, s.rule)},
		member{"reenter", s.flag(&r.Reenter)},
		member{"blocks", listOf(s, &r.Blocks, s.block)},
	)
	return r
}

func (s *shape) entry(n *ojson.Node, path string) (e Entry) {
	s.object(n, path,
		member{"trigger", pointer(&e.Trigger, s.trigger)},
		member{"audience", intoValue(&e.Audience, s.rule)},
	)
	return e
}

func (s *shape) block(n *ojson.Node, path string) (b Block) {
	s.object(n, path,
		member{"id", s.text(&b.ID)},
		member{"wait", s.duration(&b.Wait, false)},
		member{"rule", pointer(&b.Rule, s.rule)},
		member{"within", s.duration(&b.Within, false)},
		member{"yes", s.text(&b.Yes)},
		member{"no", s.text(&b.No)},
		member{"message", pointer(&b.Message, s.message)},
		member{"update", pointer(&b.Update, s.update)},
		member{"exit", s.flag(&b.Exit)},
		member{"next", s.text(&b.Next)},
	)
	return b
}

func (s *shape) update(n *ojson.Node, path string) (u Update) {
	s.object(n, path,
		member{"attributes", func(n *ojson.Node, path string) {
			u.Attributes = make(Attributes)
			s.attributes(u.Attributes, n, path)
		}},
	)
	return u
}
