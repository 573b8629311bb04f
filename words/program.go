package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/fault"
)

// Program returns all that a program says: what holds for all of it, its segments, caps and
// topics a line each, and then each message and series, with an empty line before it. It
// ends without a newline; the empty program has no words.
func Program(p beckon.Program) string {
	var blocks []string
	if lines := sentences(settingParts(&p)); len(lines) > 0 {
		blocks = append(blocks, strings.Join(lines, "\n"))
	}
	for _, list := range [...]*node{segmentList(&p), capList(&p), topicList(&p), quietList(&p), eventList(&p)} {
		if lines := sentences(list.of()); len(lines) > 0 {
			blocks = append(blocks, strings.Join(lines, "\n"))
		}
	}
	known := segmentsOf(&p)
	for i := range p.Messages {
		blocks = append(blocks, block(messageLines(&p.Messages[i], false, known)))
	}
	for i := range p.Series {
		blocks = append(blocks, block(seriesLines(&p.Series[i], known)))
	}
	return strings.Join(blocks, "\n\n")
}

// programParts are all members of a program.
func programParts(p *beckon.Program) []*node {
	return append(settingParts(p), segmentList(p), capList(p), topicList(p), quietList(p), eventList(p), messageList(p), seriesList(p))
}

// settingParts are what holds for all of a program.
func settingParts(p *beckon.Program) []*node {
	var o owner
	zone := "UTC"
	if p.Timezone != "" {
		zone = zoneName(p.Timezone)
	}
	return []*node{
		o.part("timezone", "the time zone", p.Timezone, zone, note(p.Timezone != "", "Times and days are those of "+zone+".")),
		o.part("office_hours", "the office hours", p.OfficeHours, officeWords(p.OfficeHours), note(p.OfficeHours != nil, "The office hours are "+officeWords(p.OfficeHours)+".")),
		o.part("control", "the control group of the program", p.Control, shareWords(p.Control)+" of contacts",
			note(p.Control != 0, shareWords(p.Control)+" of contacts are a control group: they get nothing but transactional messages.")),
		vetPart(o, p.VetIgnore),
	}
}

// listNode is a list of parts.
func listNode[T any](member string, all T, about string, count int, of func() []*node) *node {
	n := owner{}.part(member, about, all, plural(strconv.Itoa(count), "entry"), "")
	if count != 1 {
		n.text = strconv.Itoa(count) + " entries"
	}
	n.list, n.of = true, of
	return n
}

// named is a part of a list that is found by a name.
func named(path, id, about string, v any, text, sentence string) *node {
	return &node{path: path, id: id, key: id, about: about, text: text, sentence: sentence, value: v}
}

func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func segmentList(p *beckon.Program) *node {
	return listNode("segments", p.Segments, "the segments", len(p.Segments), func() (list []*node) {
		for _, id := range slices.Sorted(maps.Keys(p.Segments)) {
			r := p.Segments[id]
			about := "the segment " + strconv.Quote(id)
			text := "contacts for whom " + inline(&r, 0, alone)
			if r.IsZero() {
				text = "everyone"
			}
			n := named(fault.JoinPath("segments", id), id, about, r, text, "")
			n.rule(capital(about)+" has the contacts for whom", &r)
			list = append(list, n)
		}
		return list
	})
}

func capList(p *beckon.Program) *node {
	return listNode("caps", p.Caps, "the caps", len(p.Caps), func() (list []*node) {
		for i := range p.Caps {
			c := &p.Caps[i]
			text := "at most " + plural(strconv.Itoa(c.Max), "message")
			if c.Channel != "" {
				text += " on the channel " + channelWords(c.Channel)
			}
			if c.Tag != "" {
				text += " with the tag " + strconv.Quote(c.Tag)
			}
			text += " for one contact in any " + durationWords(c.Within)
			about := "the cap " + strconv.Quote(c.ID)
			list = append(list, named(at("caps", i), c.ID, about, c, text, capital(about)+": "+text+"."))
		}
		return list
	})
}

func topicList(p *beckon.Program) *node {
	return listNode("topics", p.Topics, "the topics", len(p.Topics), func() (list []*node) {
		for i := range p.Topics {
			t := &p.Topics[i]
			text := "on any channel"
			if len(t.Channels) > 0 {
				text = onChannels(t.Channels)
			}
			if t.Name != "" {
				text = "called " + strconv.Quote(t.Name) + ", " + text
			}
			if t.OptIn {
				text += "; only for contacts who chose it"
			} else {
				text += "; for all contacts who did not refuse it"
			}
			about := "the topic " + strconv.Quote(t.ID)
			list = append(list, named(at("topics", i), t.ID, about, t, text, capital(about)+": "+text+"."))
		}
		return list
	})
}

// quietList are quiet hours. They have no names: one is found by its place.
func quietList(p *beckon.Program) *node {
	return listNode("quiet_hours", p.QuietHours, "the quiet hours", len(p.QuietHours), func() (list []*node) {
		for i := range p.QuietHours {
			text := quietWords(&p.QuietHours[i])
			n := named(at("quiet_hours", i), "", "the quiet hours", p.QuietHours[i], text, "Quiet hours: "+text+".")
			list = append(list, n)
		}
		return list
	})
}

func messageList(p *beckon.Program) *node {
	return listNode("messages", p.Messages, "the messages", len(p.Messages), func() (list []*node) {
		for i := range p.Messages {
			m := &p.Messages[i]
			n := named(at("messages", i), m.ID, "the message "+strconv.Quote(m.ID), m, "", "")
			n.of = func() []*node { return messageParts(m, owner{n.path, m.ID}, false, nil) }
			n.whole = func() string { return flatSentences(messageParts(m, owner{"", m.ID}, false, nil)) }
			list = append(list, n)
		}
		return list
	})
}

func seriesList(p *beckon.Program) *node {
	return listNode("series", p.Series, "the series", len(p.Series), func() (list []*node) {
		for i := range p.Series {
			s := &p.Series[i]
			n := named(at("series", i), s.ID, "the series "+strconv.Quote(s.ID), s, "", "")
			n.of = func() []*node { return seriesParts(s, owner{n.path, s.ID}) }
			n.whole = func() string { return seriesFlat(s) }
			list = append(list, n)
		}
		return list
	})
}
