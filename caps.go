package beckon

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// MaxCapSends is the greatest maximum of a cap: so many sends of a contact are
// kept for it, and looked at when it is full.
const MaxCapSends = 10_000

// A capPlan is a cap made ready.
type capPlan struct {
	id      string
	channel Channel // empty: every channel
	tag     string  // empty: whatever the tags
	max     int
	within  int64 // milliseconds
}

// compileCaps makes caps ready, in their order, and reports every fault in
// them by path.
func compileCaps(caps []Cap, path string, faults *fault.List) []capPlan {
	plans := make([]capPlan, len(caps))
	first := make(map[string]int, len(caps))
	for i, c := range caps {
		at := path + "[" + strconv.Itoa(i) + "]"
		if c.ID == "" {
			faults.Fault(at+".id", "a cap needs an id")
		} else if j, twice := first[c.ID]; twice {
			faults.Fault(at+".id", fault.Quote(c.ID)+" is the id of "+path+"["+strconv.Itoa(j)+"] already")
		} else {
			first[c.ID] = i
		}
		if message := c.Channel.ownFault(); message != "" {
			faults.Fault(at+".channel", message)
		} else if c.Channel != "" && !c.Channel.known() {
			faults.Fault(at+".channel", fault.Quote(string(c.Channel))+" is not a channel")
		}
		switch {
		case c.Max < 1:
			faults.Fault(at+".max", "the maximum of a cap is at least 1")
		case c.Max > MaxCapSends:
			faults.Fault(at+".max", "the maximum of a cap is at most "+strconv.Itoa(MaxCapSends))
		}
		if c.Within.millis() <= 0 {
			faults.Fault(at+".within", "the window of a cap must be longer than none")
		}
		checkDuration(faults, c.Within, at+".within")
		plans[i] = capPlan{id: c.ID, channel: c.Channel, tag: c.Tag, max: c.Max, within: c.Within.millis()}
	}
	return plans
}

// known reports whether c is one of the channels or a host's own with a name.
func (c Channel) known() bool {
	switch c {
	case Chat, Post, Email, Banner, Push, SMS, Carousel, ProductTour, Survey, Workflow:
		return true
	}
	return strings.HasPrefix(string(c), "custom:") && c.ownFault() == ""
}

// ownFault judges the name of a channel of the host's own, "" if it is fine or the
// channel is none: it is a name as an id is.
func (c Channel) ownFault() string {
	switch name, own := strings.CutPrefix(string(c), "custom:"); {
	case !own:
	case blank(name):
		return "custom: needs a name after it, such as custom:kiosk"
	case len(name) > MaxIDLength:
		return "the name of a channel has at most " + strconv.Itoa(MaxIDLength) + " bytes"
	case !plainText(name):
		return "the name of a channel must be valid UTF-8 without control characters"
	}
	return ""
}

// applies reports whether the cap spans messages of that channel with these
// tags.
func (c *capPlan) applies(channel Channel, tags []string) bool {
	return (c.channel == "" || c.channel == channel) && (c.tag == "" || slices.Contains(tags, c.tag))
}

// takes reports whether a send counts for the cap at all.
func (c *capPlan) takes(s *Sent) bool {
	return !s.Exempt && c.applies(s.Channel, s.Tags)
}

// from returns the first instant that lies in the window at now: (now - within,
// now].
func (c *capPlan) from(now int64) int64 { return addMillis(addMillis(now, -c.within), 1) }

// A capScope is what narrows a cap. Caps with the same one count the same sends.
type capScope struct {
	channel Channel
	tag     string
}

// A capGroup is the caps of one scope.
type capGroup struct {
	capScope
	caps  []capPlan // in the order of the program
	least int       // the least of their maxima
	most  int       // the greatest

	longest int64 // the longest window, in milliseconds
}

// takes reports whether a send counts for the group's caps at all.
func (g *capGroup) takes(s *Sent) bool { return g.caps[0].takes(s) }

// A capIndex finds the caps that concern a message or a send, so that many caps
// and many messages cost their sum and not their product.
type capIndex struct {
	groups  []capGroup
	byScope map[capScope]int32
}

// newCapIndex puts caps into groups, in the order of the program.
func newCapIndex(caps []capPlan) capIndex {
	x := capIndex{byScope: make(map[capScope]int32)}
	for _, c := range caps {
		scope := capScope{c.channel, c.tag}
		i, known := x.byScope[scope]
		if !known {
			i = int32(len(x.groups))
			x.byScope[scope] = i
			x.groups = append(x.groups, capGroup{capScope: scope, least: c.max})
		}
		g := &x.groups[i]
		g.caps = append(g.caps, c)
		g.least, g.most, g.longest = min(g.least, c.max), max(g.most, c.max), max(g.longest, c.within)
	}
	return x
}

// concern appends the groups whose caps concern a channel with these tags to
// list, each once.
func (x *capIndex) concern(list []int32, channel Channel, tags []string) []int32 {
	if len(x.groups) == 0 {
		return list
	}
	from := len(list)
	add := func(scope capScope) {
		if i, known := x.byScope[scope]; known {
			list = append(list, i)
		}
	}
	add(capScope{})
	if channel != "" {
		add(capScope{channel: channel})
	}
	for i, tag := range tags {
		if tag == "" || slices.Contains(tags[:i], tag) {
			continue
		}
		add(capScope{tag: tag})
		if channel != "" {
			add(capScope{channel, tag})
		}
	}
	slices.Sort(list[from:])
	return list
}
