package history

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A vocabulary is what a program mentions.
type vocabulary struct {
	events    map[string]map[string][]any // values by event and metadata key
	users     map[string][]any            // values by attribute
	companies map[string][]any
	urls      []any
	seconds   []any
	spans     []time.Duration
	instants  []time.Time
	clocks    []int // minutes of the day
	zones     []string
	messages  []string // those of series left out
	oneOffs   []string
	series    []string
	topics    []string
	refusals  []string // what can be unsubscribed from

	names []string // of events, sorted
}

// settle puts what was gathered in an order that does not depend on maps.
func (v *vocabulary) settle() {
	if len(v.events) == 0 {
		v.event("happened")
	}
	v.names = slices.Sorted(maps.Keys(v.events))
	v.spans = append(v.spans, time.Second, time.Minute, time.Hour, 24*time.Hour)
	slices.Sort(v.spans)
	v.spans = slices.Compact(v.spans)
	slices.Sort(v.clocks)
	v.clocks = slices.Compact(v.clocks)
	slices.SortFunc(v.instants, time.Time.Compare)
	v.zones = append(v.zones, "UTC", "Asia/Tokyo", "America/New_York")
	for _, list := range []*[]string{&v.zones, &v.topics, &v.refusals} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

func (v *vocabulary) event(name string) map[string][]any {
	if v.events[name] == nil {
		v.events[name] = map[string][]any{}
	}
	return v.events[name]
}

func (v *vocabulary) span(n *ojson.Node, names ...string) {
	for _, name := range names {
		if d, problem := calendar.ParseDuration(n.Member(name).Text); problem == "" && n.Member(name).Kind == ojson.String {
			v.spans = append(v.spans, d.Elapsed().Abs())
		}
	}
}

func (v *vocabulary) instant(n *ojson.Node, names ...string) {
	for _, name := range names {
		if t, err := time.Parse(time.RFC3339, n.Member(name).Text); err == nil {
			v.instants = append(v.instants, t)
		}
	}
}

// clock takes in times of day, such as 09:00.
func (v *vocabulary) clock(n *ojson.Node, names ...string) {
	for _, name := range names {
		if t, err := time.Parse("15:04", n.Member(name).Text); err == nil {
			v.clocks = append(v.clocks, t.Hour()*60+t.Minute())
		}
	}
}

func (v *vocabulary) zone(n *ojson.Node) {
	if name := n.Member("timezone").Text; name != "" {
		v.zones = append(v.zones, name)
	}
}

func (v *vocabulary) program(n *ojson.Node) {
	v.zone(n)
	v.hours(n.Member("office_hours"))
	for i := range n.Member("quiet_hours").Items {
		v.hours(&n.Member("quiet_hours").Items[i])
	}
	for _, s := range n.Member("segments").Members {
		v.rule(&s.Value, "")
	}
	for i := range n.Member("caps").Items {
		v.span(&n.Member("caps").Items[i], "within")
	}
	for _, e := range n.Member("events").Members {
		keys := v.event(e.Name)
		for _, k := range e.Value.Member("metadata").Members {
			keys[k.Name] = append(keys[k.Name], declared(&k.Value)...)
		}
	}
	for _, t := range n.Member("topics").Items {
		v.topics = append(v.topics, t.Member("id").Text)
		v.refusals = append(v.refusals, t.Member("id").Text)
	}
	for i := range n.Member("messages").Items {
		m := &n.Member("messages").Items[i]
		id := m.Member("id").Text
		v.messages = append(v.messages, id)
		if m.Member("mode").Text == "one_off" {
			v.oneOffs = append(v.oneOffs, id)
		}
		v.message(m)
	}
	for i := range n.Member("series").Items {
		v.walk(&n.Member("series").Items[i])
	}
}

func (v *vocabulary) hours(n *ojson.Node) {
	v.zone(n)
	for i := range n.Member("windows").Items {
		v.clock(&n.Member("windows").Items[i], "from", "to")
	}
}

func (v *vocabulary) message(m *ojson.Node) {
	event := v.trigger(m.Member("trigger"))
	v.rule(m.Member("audience"), "")
	v.span(m.Member("frequency"), "every", "wait")
	v.instant(m, "live_at")
	v.instant(m.Member("schedule"), "start", "stop")
	v.hours(m.Member("schedule"))
	v.rule(m.Member("goal").Member("rule"), "")
	v.span(m.Member("goal"), "within")
	if per := m.Member("frequency").Member("per").Text; per != "" && event != "" {
		keys := v.event(event)
		keys[per] = append(keys[per], "a", "b")
	}
	switch channel := m.Member("channel").Text; channel {
	case "email", "push", "sms":
		v.refusals = append(v.refusals, channel)
		for _, tag := range m.Member("tags").Items {
			v.refusals = append(v.refusals, channel+":"+tag.Text)
		}
	}
	v.content(m.Member("content"), event)
}

// variable finds what a template fills in.
var variable = regexp.MustCompile(`\{\{\s*(?:(event|user|company)\.)?([A-Za-z_][A-Za-z0-9_]*)`)

func (v *vocabulary) content(n *ojson.Node, event string) {
	if n.Kind == ojson.String {
		for _, found := range variable.FindAllStringSubmatch(n.Text, -1) {
			v.named(found[1], found[2], event)
		}
	}
	for i := range n.Members {
		if n.Members[i].Name == "parameters" {
			for _, p := range n.Members[i].Value.Members {
				if of, key, dotted := strings.Cut(p.Value.Text, "."); dotted {
					v.named(of, key, event)
				} else {
					v.named("user", of, event)
				}
			}
			continue
		}
		v.content(&n.Members[i].Value, event)
	}
}

// named takes in what a template names.
func (v *vocabulary) named(of, key, event string) {
	switch {
	case of == "event" && event != "":
		keys := v.event(event)
		keys[key] = append(keys[key], "Ann & Bob")
	case of == "company":
		v.companies[key] = append(v.companies[key], "Acme")
	case of != "event":
		v.users[key] = append(v.users[key], "Ann & Bob")
	}
}

// trigger takes in a trigger, and returns the name of its event.
func (v *vocabulary) trigger(n *ojson.Node) string {
	event := n.Member("event").Text
	if event != "" {
		v.event(event)
	}
	followers := n.Member("unless").Items
	if n.Member("unless").Kind == ojson.Object {
		followers = []ojson.Node{*n.Member("unless")}
	}
	for i := range followers {
		f := &followers[i]
		keys := v.event(f.Member("event").Text)
		if same := f.Member("same").Text; same != "" {
			keys[same] = append(keys[same], "a", "b")
			v.event(event)[same] = append(v.event(event)[same], "a", "b")
		}
		v.span(f, "within")
	}
	v.span(n, "offset", "for")
	v.clock(n, "at")
	switch date := n.Member("date"); date.Kind {
	case ojson.String:
		v.users[date.Text] = append(v.users[date.Text], v.dates(n, false)...)
	case ojson.Object:
		key := date.Member("metadata").Text
		v.event(event)[key] = append(v.event(event)[key], v.dates(n, strings.HasSuffix(strings.ToLower(key), "_date"))...)
	}
	if attribute := n.Member("attribute").Text; attribute != "" {
		for _, side := range []string{"from", "to"} {
			v.users[attribute] = append(v.users[attribute], near("is", n.Member(side), false)...)
		}
		v.changes(n.Member("where"), attribute)
		return ""
	}
	v.rule(n.Member("where"), event)
	return event
}

// changes takes in a rule over a change: its metadata is the attribute's values.
func (v *vocabulary) changes(n *ojson.Node, attribute string) {
	if n.Member("metadata").Kind == ojson.String {
		v.users[attribute] = append(v.users[attribute], near(n.Member("op").Text, n.Member("value"), false)...)
	}
	for i := range n.Members {
		v.changes(&n.Members[i].Value, attribute)
	}
	for i := range n.Items {
		v.changes(&n.Items[i], attribute)
	}
}

// dates are values of a date at which a trigger is due now, or nearly.
func (v *vocabulary) dates(n *ojson.Node, unix bool) []any {
	var offset time.Duration
	if d, problem := calendar.ParseDuration(n.Member("offset").Text); problem == "" {
		offset = d.Elapsed()
	}
	var list []any
	for _, by := range []time.Duration{0, -time.Second, time.Second, -24 * time.Hour, 24 * time.Hour} {
		list = append(list, relative{by - offset, unix})
	}
	return list
}

func (v *vocabulary) walk(s *ojson.Node) {
	v.series = append(v.series, s.Member("id").Text)
	v.trigger(s.Member("entry").Member("trigger"))
	v.rule(s.Member("entry").Member("audience"), "")
	v.rule(s.Member("exit"), "")
	v.rule(s.Member("goal").Member("rule"), "")
	v.span(s.Member("goal"), "within")
	v.span(s, "reenter_after")
	for i := range s.Member("blocks").Items {
		b := &s.Member("blocks").Items[i]
		v.span(b, "wait", "within")
		v.rule(b.Member("rule"), "")
		v.clock(b.Member("wait_until"), "at")
		v.message(b.Member("message"))
	}
}
