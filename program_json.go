package beckon

import (
	"strings"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
)

// A shape reads the documents of hosts into the types of hosts.
type shape struct{ document.Reader }

// member is a member that an object may have, and what takes its value.
func member(name string, read func(*ojson.Node, string)) document.Member {
	return document.Member{Name: name, Read: read}
}

// duration takes a duration; negative ones only where the field has a use for
// them.
func (s *shape) duration(dst *Duration, negative bool) func(*ojson.Node, string) {
	return s.Duration(&dst.span, negative)
}

// The readers of a program's parts. Each returns what could be read of a part
// that has faults, so that the rest of it can still be judged.

func (s *shape) program(n *ojson.Node) (p Program) {
	s.Object(n, "",
		member("timezone", s.Text(&p.Timezone)),
		member("office_hours", document.Pointer(&p.OfficeHours, s.officeHours)),
		member("segments", func(n *ojson.Node, path string) { document.Entries(&s.Reader, &p.Segments, n, path, s.segment) }),
		member("caps", document.ListOf(&s.Reader, &p.Caps, s.cap)),
		member("messages", document.ListOf(&s.Reader, &p.Messages, s.message)),
		member("series", document.ListOf(&s.Reader, &p.Series, s.series)),
		member("vet_ignore", s.Texts(&p.VetIgnore)),
		member("topics", document.ListOf(&s.Reader, &p.Topics, s.topic)),
		member("control", s.Share(&p.Control)),
		member("quiet_hours", document.ListOf(&s.Reader, &p.QuietHours, s.quietHours)),
		member("events", func(n *ojson.Node, path string) { document.Entries(&s.Reader, &p.Events, n, path, s.declaration) }),
	)
	return p
}

func (s *shape) rule(n *ojson.Node, path string) Rule {
	r := rule.Decode(n, path, s.Faults)
	return raiseRule(&r)
}

func (s *shape) segment(n *ojson.Node, path string) Rule {
	r := rule.DecodeSegment(n, path, s.Faults)
	return raiseRule(&r)
}

func (s *shape) officeHours(n *ojson.Node, path string) (o OfficeHours) {
	s.Object(n, path,
		member("timezone", s.Text(&o.Timezone)),
		member("windows", document.ListOf(&s.Reader, &o.Windows, s.window)),
	)
	return o
}

func (s *shape) oneChannel(n *ojson.Node, path string) (c Channel) {
	s.channel(&c)(n, path)
	return c
}

func (s *shape) quietHours(n *ojson.Node, path string) (q QuietHours) {
	s.Object(n, path,
		member("channels", document.ListOf(&s.Reader, &q.Channels, s.oneChannel)),
		member("timezone", s.Text(&q.Timezone)),
		member("contact_timezone", s.Flag(&q.ContactTimezone)),
		member("windows", document.ListOf(&s.Reader, &q.Windows, s.window)),
		member("then", document.Word(&s.Reader, &q.Then, OutsideHold, OutsideDrop)),
	)
	return q
}

func (s *shape) window(n *ojson.Node, path string) (w Window) {
	s.Object(n, path,
		member("days", document.ListOf(&s.Reader, &w.Days, s.weekday)),
		member("from", document.TimeOfDay(&s.Reader, &w.From)),
		member("to", document.TimeOfDay(&s.Reader, &w.To)),
	)
	return w
}

func (s *shape) weekday(n *ojson.Node, path string) (d Weekday) {
	document.Word(&s.Reader, &d, weekdayNames()...)(n, path)
	return d
}

func (s *shape) cap(n *ojson.Node, path string) (c Cap) {
	s.Object(n, path,
		member("id", s.Text(&c.ID)),
		member("channel", s.channel(&c.Channel)),
		member("tag", s.Text(&c.Tag)),
		member("max", s.Whole(&c.Max, 1)),
		member("within", s.duration(&c.Within, false)),
	)
	return c
}

// channel takes one of the channels, or custom:NAME.
func (s *shape) channel(dst *Channel) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if name, custom := strings.CutPrefix(n.Text, plan.CustomPrefix); n.Kind == ojson.String && custom {
			if name == "" {
				s.Fault(ErrTypeInvalid, path, "custom: needs a name after it, such as custom:kiosk")
				return
			}
			*dst = Channel(n.Text)
			return
		}
		if !s.Is(n, path, ojson.String) {
			return
		}
		if !plan.KnownChannel(Channel(n.Text)) {
			s.Fault(ErrTypeInvalid, path, channelUnknown(Channel(n.Text)))
			return
		}
		*dst = Channel(n.Text)
	}
}

func (s *shape) message(n *ojson.Node, path string) (m Message) {
	s.Object(n, path,
		member("id", s.Text(&m.ID)),
		member("name", s.Text(&m.Name)),
		member("channel", s.channel(&m.Channel)),
		member("mode", document.Word(&s.Reader, &m.Mode, Triggered, Ongoing, OneOff)),
		member("status", document.Word(&s.Reader, &m.Status, Draft, Live, Paused, Stopped)),
		member("live_at", s.Instant(&m.LiveAt)),
		member("trigger", document.Pointer(&m.Trigger, s.trigger)),
		member("audience", document.Into(&m.Audience, s.rule)),
		member("frequency", document.Pointer(&m.Frequency, s.frequency)),
		member("schedule", document.Pointer(&m.Schedule, s.schedule)),
		member("goal", document.Pointer(&m.Goal, s.goal)),
		member("control", s.Share(&m.Control)),
		member("priority", s.Whole(&m.Priority, minPriority)),
		member("tags", s.Texts(&m.Tags)),
		member("exempt_from_caps", s.Flag(&m.ExemptFromCaps)),
		member("limited_by_caps", document.Pointer(&m.LimitedByCaps, s.flag)),
		member("counts_toward_caps", document.Pointer(&m.CountsTowardCaps, s.flag)),
		member("transactional", s.Flag(&m.Transactional)),
		member("topic", s.Text(&m.Topic)),
		member("show_until", s.Instant(&m.ShowUntil)),
		member("content", document.Into(&m.Content, s.content)),
		member("vet_ignore", s.Texts(&m.VetIgnore)),
	)
	return m
}

func (s *shape) flag(n *ojson.Node, path string) (on bool) {
	s.Flag(&on)(n, path)
	return on
}

// frequency: a maximum of 0 is refused here, for in a [Frequency] it is "no
// maximum", which a document says by leaving it out (F1).
func (s *shape) frequency(n *ojson.Node, path string) (f Frequency) {
	s.Object(n, path,
		member("every", s.duration(&f.Every, false)),
		member("max", s.Whole(&f.Max, 1)),
		member("wait", s.duration(&f.Wait, false)),
		member("per", s.Text(&f.Per)),
	)
	return f
}

func (s *shape) schedule(n *ojson.Node, path string) (c Schedule) {
	s.Object(n, path,
		member("start", s.Instant(&c.Start)),
		member("stop", s.Instant(&c.Stop)),
		member("timezone", s.Text(&c.Timezone)),
		member("contact_timezone", s.Flag(&c.ContactTimezone)),
		member("office_hours", s.Flag(&c.OfficeHours)),
		member("windows", document.ListOf(&s.Reader, &c.Windows, s.window)),
		member("outside", document.Word(&s.Reader, &c.Outside, OutsideDrop, OutsideHold)),
	)
	return c
}

func (s *shape) goal(n *ojson.Node, path string) (g Goal) {
	s.Object(n, path,
		member("rule", document.Into(&g.Rule, s.rule)),
		member("within", s.duration(&g.Within, false)),
	)
	return g
}

func (s *shape) content(n *ojson.Node, path string) (c Content) {
	s.Object(n, path,
		member("format", document.Word(&s.Reader, &c.Format, FormatText, FormatHTML)),
		member("subject", s.Text(&c.Subject)),
		member("body", s.Text(&c.Body)),
		member("text", s.Text(&c.Text)),
		member("data", s.TextMap(&c.Data)),
		member("missing", document.Word(&s.Reader, &c.Missing, MissingEmpty, MissingHold)),
		member("parameters", s.TextMap(&c.Parameters)),
	)
	return c
}

func (s *shape) series(n *ojson.Node, path string) (r Series) {
	s.Object(n, path,
		member("id", s.Text(&r.ID)),
		member("status", document.Word(&s.Reader, &r.Status, Draft, Live, Paused, Stopped)),
		member("entry", document.Into(&r.Entry, s.entry)),
		member("exit", document.Into(&r.Exit, s.rule)),
		member("reenter", func(n *ojson.Node, path string) {
			r.Reenter = true // also if it cannot be read, so that it is not called missing, too
			s.Flag(&r.Reenter)(n, path)
		}),
		member("reenter_after", s.duration(&r.ReenterAfter, false)),
		member("max_entries", s.Whole(&r.MaxEntries, 1)),
		member("goal", document.Pointer(&r.Goal, s.goal)),
		member("vet_ignore", s.Texts(&r.VetIgnore)),
		member("blocks", document.ListOf(&s.Reader, &r.Blocks, s.block)),
	)
	return r
}

func (s *shape) entry(n *ojson.Node, path string) (e Entry) {
	s.Object(n, path,
		member("trigger", document.Pointer(&e.Trigger, s.trigger)),
		member("audience", document.Into(&e.Audience, s.rule)),
	)
	return e
}

func (s *shape) block(n *ojson.Node, path string) (b Block) {
	s.Object(n, path,
		member("id", s.Text(&b.ID)),
		member("wait", s.duration(&b.Wait, false)),
		member("rule", document.Pointer(&b.Rule, s.rule)),
		member("within", s.duration(&b.Within, false)),
		member("yes", s.Text(&b.Yes)),
		member("no", s.Text(&b.No)),
		member("message", document.Pointer(&b.Message, s.message)),
		member("update", document.Pointer(&b.Update, s.update)),
		member("exit", s.Flag(&b.Exit)),
		member("wait_until", document.Pointer(&b.WaitUntil, s.waitUntil)),
		member("split", document.ListOf(&s.Reader, &b.Split, s.way)),
		member("next", s.Text(&b.Next)),
	)
	return b
}

func (s *shape) waitUntil(n *ojson.Node, path string) (u WaitUntil) {
	s.Object(n, path,
		member("at", document.TimeOfDay(&s.Reader, &u.At)),
		member("days", document.ListOf(&s.Reader, &u.Days, s.weekday)),
		member("contact_timezone", s.Flag(&u.ContactTimezone)),
	)
	return u
}

func (s *shape) way(n *ojson.Node, path string) (w Way) {
	before := s.Faults.Found()
	s.Object(n, path,
		member("weight", s.Share(&w.Weight)),
		member("next", s.Text(&w.Next)),
	)
	if s.Faults.Found() > before && w.Weight == 0 {
		w.Weight = 1 // so that the ways are not called weightless, too
	}
	return w
}

func (s *shape) update(n *ojson.Node, path string) (u Update) {
	s.Object(n, path,
		member("attributes", func(n *ojson.Node, path string) {
			u.Attributes = make(Attributes)
			attribute.ReadAll(&s.Reader, u.Attributes, n, path)
		}),
	)
	return u
}

// unmarshalPart reads a part of a program on its own, in a host's own documents, as strictly
// as in a whole one: encoding/json by itself would pass over names that it does not know. The
// paths of its faults begin at the part.
func unmarshalPart[T any](data []byte, dst *T, read func(*shape, *ojson.Node, string) T) error {
	var faults fault.List
	s := &shape{document.Reader{Faults: &faults}}
	n := s.Document(data, ojson.Limits{Bytes: MaxProgramBytes, Depth: MaxProgramDepth, Nodes: maxProgramNodes})
	if n == nil {
		return raise(faults)
	}
	part := read(s, n, "")
	if len(faults) > 0 {
		return raise(faults)
	}
	*dst = part
	return nil
}
