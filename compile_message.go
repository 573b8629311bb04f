package beckon

import (
	"cmp"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/rule"
)

func itoa(n int) string { return strconv.Itoa(n) }

// plainText reports whether s is valid UTF-8 without control characters.
func plainText(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// identifier checks an id: not empty, bounded, plain text.
func (k *compiler) identifier(id, path string) bool {
	if id == "" {
		k.faults.Fault(path, "an id is required")
		return false
	}
	return shortName(id, path, k.faults)
}

// shortName checks an id or a tag that is not required: bounded, plain text.
func shortName(id, path string, faults *fault.List) bool {
	switch {
	case len(id) > MaxIDLength:
		faults.Fault(path, "longer than "+itoa(MaxIDLength)+" bytes")
	case !plainText(id):
		faults.Fault(path, "must be valid UTF-8 without control characters")
	default:
		return true
	}
	return false
}

// message compiles one message. Those of a series are decided by their walk:
// they have neither trigger nor frequency.
func (k *compiler) message(msg *Message, path string, in *plan.Series) *plan.Message {
	m := &plan.Message{
		ID: msg.ID, Name: msg.Name, Path: path, Channel: msg.Channel, Status: plan.Status(msg.Status), Priority: msg.Priority, Series: in,
		NotLimited: k.isOff(msg, msg.LimitedByCaps, path+".limited_by_caps"), NotCounted: k.isOff(msg, msg.CountsTowardCaps, path+".counts_toward_caps"),
		Transactional: msg.Transactional, Control: share(msg.Control, path+".control", k.faults),
		Tags: append([]string(nil), msg.Tags...), HoldMissing: msg.Content.Missing == MissingHold,
	}
	if k.identifier(msg.ID, path+".id") {
		if k.plan.ByID[msg.ID] != nil {
			k.faults.Fault(path+".id", "another message has the id "+fault.Quote(msg.ID))
		} else {
			k.plan.ByID[msg.ID] = m
		}
	}
	if m.Channel == "" {
		m.Channel = Chat
	}
	if !KnownChannel(m.Channel) {
		k.faults.Fault(path+".channel", channelUnknown(m.Channel))
	}
	k.status(&m.Status, path+".status")
	if !msg.LiveAt.IsZero() {
		m.LiveAt = cmp.Or(boundary(msg.LiveAt, path+".live_at", k.faults), 1) // zero is none: the first instant of 1970 is a millisecond later
	}
	if len(m.Tags) > MaxTags {
		k.faults.Fault(path+".tags", "more than "+itoa(MaxTags)+" tags")
		m.Tags = nil
	}
	for i, tag := range m.Tags {
		k.identifier(tag, path+".tags["+itoa(i)+"]")
	}
	k.mode(m, msg, path)
	if msg.Trigger != nil && in == nil {
		k.trigger(m, msg.Trigger, path+".trigger")
	}
	of := rule.OfContact
	if t := msg.Trigger; t != nil && in == nil && (t.Event != "" || t.Attribute != "") {
		of = rule.OfAudience
	}
	m.Audience = k.rule(msg.Audience, of, path+".audience")
	m.Paced = in == nil && (m.Mode == plan.Triggered || m.Mode == plan.Ongoing && msg.Frequency != nil)
	if msg.Frequency != nil && (m.Mode == plan.OneOff && msg.Trigger == nil || in != nil) {
		// With a trigger it is the mode that is at fault, and that is said (F1, T1).
		k.faults.Fault(path+".frequency", "only a triggered or an ongoing message has a frequency")
	} else {
		every := DefaultEvery
		if msg.Transactional {
			every = 0 // a second receipt within the minute goes out (F1)
		}
		m.Frequency = msg.Frequency.compile(every, path+".frequency", k.faults)
		if m.Frequency.Wait > 0 && m.Mode != plan.Triggered && msg.Trigger == nil {
			k.faults.Fault(path+".frequency.wait", "only a triggered message waits for room")
		}
		if m.Frequency.Per != "" && (msg.Trigger == nil || msg.Trigger.Event == "") {
			k.faults.Fault(path+".frequency.per", "only a message that an event triggers has metadata to count by")
		}
	}
	m.Schedule = k.schedules.compile(msg.Schedule, path+".schedule", k.faults)
	m.Topic = k.topic(msg.Topic, m.Channel, path+".topic")
	if !m.Transactional {
		m.Quiet = k.plan.QuietOn(m.Channel)
	}
	if m.Dates != nil && m.Dates.At >= 0 && m.Schedule != nil {
		m.Dates.Zone, m.Dates.ContactZone = m.Schedule.Windows.Zone, m.Schedule.ContactZone
	}
	if g := msg.Goal; g != nil {
		m.Goal = k.goal(g, path+".goal")
	}
	if !msg.ShowUntil.IsZero() && msg.Trigger != nil {
		k.faults.Fault(path+".show_until", "a triggered message cannot be shown again") // D8
	}
	m.Content = render.Compile(msg.Content.source(), render.Options{
		EventVars: in == nil && msg.Trigger != nil && (msg.Trigger.Event != "" || msg.Trigger.Attribute != ""), Loc: k.plan.Loc, Isolate: k.cfg.isolate, Limits: k.cfg.rendering, Filters: k.filters,
	}, path+".content", k.faults)
	// D2: in content or rules. A goal is no rule about who gets it.
	m.UsesCompany = m.Content != nil && m.Content.UsesCompany() || m.Audience.Company() || m.Where.Company() || m.Crossing != nil && m.Crossing.Segment.Company()
	k.plan.Messages = append(k.plan.Messages, m)
	return m
}

// isOff reports whether one of the two switches of ExemptFromCaps is off (F8).
func (k *compiler) isOff(msg *Message, on *bool, path string) bool {
	if on == nil {
		return msg.ExemptFromCaps
	}
	if *on && msg.ExemptFromCaps {
		k.faults.Fault(path, "cannot be on with exempt_from_caps")
	}
	return !*on
}

// rule compiles a rule; the zero Rule is none, and nil is returned.
func (k *compiler) rule(r Rule, ctx rule.Context, path string) *rule.Compiled {
	if r.IsZero() {
		return nil
	}
	return rule.Compile(lowerRule(&r), k.rules, ctx, path)
}

// share checks a share of contacts.
func share(s float64, path string, faults *fault.List) float64 {
	if !(s >= 0 && s <= 1) { // nor is NaN
		faults.Fault(path, "expected a share from 0 to 1")
	}
	return s
}

func (k *compiler) status(s *plan.Status, path string) {
	switch *s {
	case "":
		*s = plan.Draft
	case plan.Draft, plan.Live, plan.Paused, plan.Stopped:
	default:
		k.faults.Fault(path, fault.UnknownWord(string(*s), []string{string(plan.Draft), string(plan.Live), string(plan.Paused), string(plan.Stopped)}))
	}
}

// mode resolves the mode: left out, it follows from the trigger.
func (k *compiler) mode(m *plan.Message, msg *Message, path string) {
	switch m.Mode = plan.Mode(msg.Mode); m.Mode {
	case "":
		m.Mode = plan.Ongoing
		if msg.Trigger != nil {
			m.Mode = plan.Triggered
		}
	case plan.Triggered:
		if msg.Trigger == nil && m.Series == nil {
			k.faults.Fault(path+".mode", "a triggered message needs a trigger")
		}
	case plan.Ongoing, plan.OneOff:
		if msg.Trigger != nil { // T1
			k.faults.Fault(path+".mode", "a message with a trigger is triggered, not "+string(m.Mode))
		}
	default:
		k.faults.Fault(path+".mode", fault.UnknownWord(string(m.Mode), []string{string(plan.Triggered), string(plan.Ongoing), string(plan.OneOff)}))
	}
	if m.Series != nil && msg.Trigger != nil {
		k.faults.Fault(path+".trigger", "a message of a series goes out when the walk reaches it; it has no trigger")
	}
}

func (k *compiler) goal(g *Goal, path string) *plan.Goal {
	p := &plan.Goal{Rule: k.rule(g.Rule, rule.OfContact, path+".rule"), Within: g.Within.Elapsed().Milliseconds()}
	if g.Rule.IsZero() {
		k.faults.Fault(path+".rule", "a goal needs a rule")
	}
	if p.Within <= 0 {
		k.faults.Fault(path+".within", "expected a time above zero, such as 7d")
	}
	checkDuration(k.faults, g.Within, path+".within")
	return p
}
