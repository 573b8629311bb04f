package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
)

// Message returns all that a message says, a sentence a line. Parts that are left out, and
// mean nothing, are not mentioned. It knows neither segments nor series: see [MessageOf].
func Message(m beckon.Message) string {
	return strings.Join(messageLines(&m, false, nil), "\n")
}

// MessageOf returns all that a message of a program says, as Message does, with what follows from
// its segments and from the series that has it; empty if there is none of that id.
func MessageOf(p beckon.Program, id string) string {
	for i := range p.Messages {
		if p.Messages[i].ID == id {
			return strings.Join(messageLines(&p.Messages[i], false, segmentsOf(&p)), "\n")
		}
	}
	for i := range p.Series {
		for k := range p.Series[i].Blocks {
			if m := p.Series[i].Blocks[k].Message; m != nil && m.ID == id {
				return strings.Join(messageLines(m, true, segmentsOf(&p)), "\n")
			}
		}
	}
	return ""
}

func messageLines(m *beckon.Message, inSeries bool, known *segments) []string {
	return sentences(messageParts(m, owner{"", m.ID}, inSeries, known))
}

// messageTitle names a message.
func messageTitle(m *beckon.Message) string {
	title := "the message " + strconv.Quote(m.ID)
	if m.Name != "" && m.Name != m.ID {
		title += ", called " + strconv.Quote(m.Name) + ","
	}
	return title
}

// messageParts are the members of a message, and what follows from them.
func messageParts(m *beckon.Message, o owner, inSeries bool, known *segments) []*node {
	mode := modeOf(m)
	if inSeries {
		mode = ""
	}
	status := statusWords(m.Status)
	channel := channelWords(m.Channel)
	schedule := scheduleWords(m.Schedule, mode)
	parts := []*node{
		o.part("id", "the id", m.ID, strconv.Quote(m.ID), capital(messageTitle(m))+" goes out on the channel "+channel+"."),
		o.part("name", "the name", m.Name, orNone(m.Name), ""),
		o.part("channel", "the channel", m.Channel, channel, ""),
		o.part("mode", "the mode", m.Mode, strings.TrimPrefix(modeWords(mode, m.Channel), "is "), note(mode != beckon.Triggered, "It "+modeWords(mode, m.Channel)+".")),
		o.part("status", "the status", m.Status, status, note(!inSeries || m.Status != "", "It is "+status+".")),
		timePart(o, "live_at", "when it goes live", m.LiveAt, "the moment it is first published live", "It counts as live from "),
		o.part("trigger", "the trigger", m.Trigger, triggerOr(m.Trigger), note(m.Trigger != nil, "It is sent "+Trigger(m.Trigger)+".")),
		audiencePart(o, "audience", &m.Audience, "It goes to "),
		frequencyPart(o, m, inSeries),
		o.part("schedule", "the schedule", m.Schedule, schedule, note(m.Schedule != nil, "It goes out "+schedule+".")),
		goalPart(o, m.Goal, "send"),
		o.part("control", "the control group", m.Control, shareWords(m.Control)+" of contacts", note(m.Control != 0, shareWords(m.Control)+" of the contacts are held out as a control group: they get nothing, and are measured.")),
		o.part("priority", "the priority", m.Priority, strconv.Itoa(m.Priority), note(m.Priority != 0, "Its priority is "+strconv.Itoa(m.Priority)+".")),
		o.part("tags", "the tags", m.Tags, tagsWords(m.Tags), note(len(m.Tags) > 0, tagsSentence(m.Tags))),
	}
	parts = append(parts, followingParts(m, o, inSeries, known)...)
	parts = append(parts, capParts(o, m)...)
	parts = append(parts,
		o.part("transactional", "whether it is transactional", m.Transactional, yesNo(m.Transactional), note(m.Transactional, "It is transactional: no unsubscription, quiet hours or snooze hold it.")),
		o.part("topic", "the topic", m.Topic, orNone(m.Topic), note(m.Topic != "", "Its topic is "+strconv.Quote(m.Topic)+".")),
		timePart(o, "show_until", "until when it is shown", m.ShowUntil, "not said", "It is shown until "),
	)
	parts = append(parts, contentParts(owner{o.path + dot(o.path) + "content", o.id}, &m.Content)...)
	return append(parts, vetPart(o, m.VetIgnore))
}

func dot(path string) string {
	if path == "" {
		return ""
	}
	return "."
}

func statusWords(s beckon.Status) string {
	switch s {
	case "", beckon.Draft:
		return "a draft"
	case beckon.Stopped:
		return "stopped, for good"
	case beckon.Live, beckon.Paused:
		return string(s)
	}
	return strconv.Quote(string(s))
}

func modeWords(m beckon.Mode, channel beckon.Channel) string {
	switch m {
	case "":
		return "goes out when a walk through the series reaches it"
	case beckon.Triggered:
		return "is triggered"
	case beckon.Ongoing:
		occasion := "a visit"
		if plan.Sweeps(channel) {
			occasion = "a sweep"
		}
		return "is ongoing: on " + occasion + " those who match get it, now and later"
	case beckon.OneOff:
		return "is a one-off: those who match when it is sent get it"
	}
	return "has the mode " + strconv.Quote(string(m))
}

// audiencePart is a rule that says who.
func audiencePart(o owner, member string, r *beckon.Rule, lead string) *node {
	p := o.part(member, "the audience", *r, "everyone", lead+"everyone.")
	if !r.IsZero() {
		p.text = "contacts for whom " + inline(r, 0, alone)
		p.rule(lead+"contacts for whom", r)
	}
	return p
}

func frequencyPart(o owner, m *beckon.Message, inSeries bool) *node {
	p := o.part("frequency", "the frequency", m.Frequency, "as often as a walk reaches it", "")
	if !inSeries || m.Frequency != nil {
		p.text = Frequency(*m)
		p.sentence = "It reaches one contact " + p.text + "."
	}
	return p
}

// goalPart is a goal, whose time begins with since.
func goalPart(o owner, g *beckon.Goal, since string) *node {
	if g == nil {
		return o.part("goal", "the goal", g, "none", "")
	}
	within := ", at any time after the " + since
	if !g.Within.IsZero() {
		within = ", within " + durationWords(g.Within) + " after the " + since
	}
	rule := inline(&g.Rule, 0, joined)
	return o.part("goal", "the goal", g, rule+within, "Its goal is that "+rule+within+".")
}

// capParts are the switches about caps across messages.
func capParts(o owner, m *beckon.Message) []*node {
	limited, counts := !m.ExemptFromCaps, !m.ExemptFromCaps
	if m.LimitedByCaps != nil {
		limited = *m.LimitedByCaps
	}
	if m.CountsTowardCaps != nil {
		counts = *m.CountsTowardCaps
	}
	var sentence string
	switch {
	case !limited && !counts:
		sentence = "Caps neither hold it nor count it."
	case !limited:
		sentence = "Caps do not hold it, but count it."
	case !counts:
		sentence = "Caps hold it, but do not count it."
	}
	return []*node{
		o.part("exempt_from_caps", "whether it is exempt from caps", m.ExemptFromCaps, yesNo(m.ExemptFromCaps), sentence),
		o.part("limited_by_caps", "whether caps hold it", m.LimitedByCaps, yesNo(limited), ""),
		o.part("counts_toward_caps", "whether caps count it", m.CountsTowardCaps, yesNo(counts), ""),
	}
}

// contentParts are what a message says.
func contentParts(o owner, c *beckon.Content) []*node {
	format, missing := "text", "renders as nothing"
	if c.Format != "" && c.Format != beckon.FormatText {
		format = strings.ToUpper(string(c.Format))
	}
	switch c.Missing {
	case beckon.MissingHold:
		missing = "holds the message"
	case beckon.MissingEmpty, "":
	default:
		missing = strconv.Quote(string(c.Missing))
	}
	parts := []*node{
		o.part("format", "the format", c.Format, format, ""),
		o.template("subject", "the subject", c.Subject),
		o.template("body", "the body", c.Body),
		o.template("text", "the body as text", c.Text),
		o.part("missing", "what an unknown variable does", c.Missing, missing, note(c.Missing == beckon.MissingHold, "An unknown variable without a fallback "+missing+".")),
	}
	if format != "text" && c.Body != "" {
		parts[2].sentence = strings.Replace(parts[2].sentence, "Its body", "Its body, in "+format+",", 1)
	}
	parts = append(parts, o.templates("data", "the template", c.Data))
	return append(parts, o.templates("parameters", "the parameter", c.Parameters))
}

// template is a part of the content that may be long.
func (o owner) template(member, about, s string) *node {
	p := o.part(member, about, s, orNone(s), "")
	if p.long = s != ""; p.long {
		p.text, p.sentence = s, "Its "+strings.TrimPrefix(about, "the ")+" is "+excerpt(s)+"."
	}
	return p
}

// templates are those that have names.
func (o owner) templates(member, about string, named map[string]string) *node {
	p := o.part(member, "the "+member, named, "none", "")
	p.list = true
	p.of = func() (parts []*node) {
		for _, key := range slices.Sorted(maps.Keys(named)) {
			one := owner{p.path, o.id}.template(key, about+" "+strconv.Quote(key), named[key])
			one.path = fault.JoinPath(p.path, key)
			parts = append(parts, one)
		}
		return parts
	}
	if len(named) > 0 {
		names := slices.Sorted(maps.Keys(named))
		p.text = quotedList(names)
		var lines []string
		for _, key := range names {
			lines = append(lines, "Its "+strings.TrimPrefix(about, "the ")+" "+strconv.Quote(key)+" is "+excerpt(named[key])+".")
		}
		p.sentence = strings.Join(lines, "\n")
	}
	return p
}

// vetPart says what vet passes over.
func vetPart(o owner, codes []string) *node {
	text := "nothing"
	if len(codes) > 0 {
		text = quotedList(codes)
	}
	return o.part("vet_ignore", "what vet ignores", codes, text, note(len(codes) > 0, "Vet ignores "+text+" here."))
}

// triggerOr writes a trigger, or that there is none.
func triggerOr(t *beckon.Trigger) string {
	if t == nil {
		return "none"
	}
	return Trigger(t)
}

func tagsWords(tags []string) string {
	if len(tags) == 0 {
		return "none"
	}
	return quotedList(tags)
}

// tagsSentence names the tags of a message, at least one.
func tagsSentence(tags []string) string {
	if len(tags) == 1 {
		return "Its tag is " + quotedList(tags) + "."
	}
	return "Its tags are " + quotedList(tags) + "."
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return strconv.Quote(s)
}

// capital begins a sentence.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
