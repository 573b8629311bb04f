package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/render"
)

// segments are those of a program; nil where it is not known. What one asks for is found out
// once, however many messages use it.
type segments struct {
	rules map[string]beckon.Rule
	asks  map[wanted]bool
}

// A wanted is something that a segment may ask for.
type wanted struct{ segment, what string }

func segmentsOf(p *beckon.Program) *segments { return &segments{p.Segments, map[wanted]bool{}} }

func (known *segments) rule(id string) (r beckon.Rule, ok bool) {
	if known == nil {
		return r, false
	}
	r, ok = known.rules[id]
	return r, ok
}

// followingParts say what follows from several members, which those do not say by themselves.
func followingParts(m *beckon.Message, o owner, inSeries bool, known *segments) []*node {
	variables := mentioned(&m.Content)
	company := usesCompany(m, variables, known)
	named := valuesNamed(variables)
	part := func(key, about, sentence string) *node {
		n := &node{path: o.path, id: o.id, key: key, about: about, text: "nothing special", sentence: sentence, value: ""}
		if sentence != "" {
			n.text = strings.TrimSuffix(strings.ToLower(sentence[:1])+sentence[1:], ".")
		}
		return n
	}
	return []*node{
		part("follows company", "what follows from company data", note(company, companyWords(m, inSeries))),
		part("follows source", "what follows from the source of an event", sourceWords(m)),
		part("follows audience", "what the audience sees of the event", beforeWords(m, known)),
		part("follows date", "what follows from the date", dateOccasion(m)),
		part("follows segment", "what follows from the segment", note(m.Trigger != nil && m.Trigger.Enters+m.Trigger.Leaves != "", "What is so already when it goes live does not trigger it.")),
		part("follows values", "what is filled in", note(named != "", "It fills in "+named+".")),
	}
}

// companyWords says for which company a message with company data is. (D2)
func companyWords(m *beckon.Message, inSeries bool) string {
	const uses = "It uses company data: "
	switch t := m.Trigger; {
	case inSeries, t != nil && t.Event == "":
		return uses + "that of the contact's first company."
	case modeOf(m) == beckon.Triggered:
		return uses + "that of the company which the event names, else of the contact's first."
	}
	return uses + "it goes out once for each company of the contact, and each is judged by itself; who has none is judged without a company."
}

// usesCompany reports whether a message shows company data or has a rule that asks for it.
func usesCompany(m *beckon.Message, variables []render.Mention, known *segments) bool {
	if slices.ContainsFunc(variables, func(x render.Mention) bool { return x.Namespace == render.Company }) {
		return true
	}
	const what = "company"
	asks := func(r *beckon.Rule) bool {
		return r.Company != "" || operandOf(r.Value).of == "company"
	}
	if t := m.Trigger; t != nil {
		if known.segment(t.Enters, what, asks, 0) || known.segment(t.Leaves, what, asks, 0) || known.some(&t.Filter, what, asks, 0) {
			return true
		}
	}
	return known.some(&m.Audience, what, asks, 0)
}

// some reports whether a condition of a rule, or of a segment that it names, is such a one.
// what says which.
func (known *segments) some(r *beckon.Rule, what string, is func(*beckon.Rule) bool, depth int) bool {
	if depth > maxDepth {
		return false
	}
	if is(r) || r.Not != nil && known.some(r.Not, what, is, depth+1) {
		return true
	}
	for _, list := range [][]beckon.Rule{r.All, r.Any} {
		for i := range list {
			if known.some(&list[i], what, is, depth+1) {
				return true
			}
		}
	}
	return r.Segment != "" && known.segment(r.Segment, what, is, depth+1)
}

// segment is some of a segment.
func (known *segments) segment(id, what string, is func(*beckon.Rule) bool, depth int) bool {
	r, ok := known.rule(id)
	if !ok {
		return false
	}
	key := wanted{id, what}
	found, seen := known.asks[key]
	if !seen {
		known.asks[key] = false // of one that leads back to itself
		found = known.some(&r, what, is, depth)
		known.asks[key] = found
	}
	return found
}

// sourceWords says which events do not trigger a message because of where they come from. (D6)
func sourceWords(m *beckon.Message) string {
	if m.Trigger == nil || m.Trigger.Event == "" || plan.Sources(nil).Allow(beckon.SourceREST, m.Channel) {
		return ""
	}
	return "An event that came in over REST does not trigger it, unless the host allows that."
}

// beforeWords says what an audience sees that asks for the event which triggers. (A2, T6)
func beforeWords(m *beckon.Message, known *segments) string {
	t := m.Trigger
	if t == nil || t.Event == "" {
		return ""
	}
	own, err := beckon.CanonicalEventName(t.Event)
	if err != nil {
		return ""
	}
	if !known.some(&m.Audience, "event "+own, func(r *beckon.Rule) bool {
		name, err := beckon.CanonicalEventName(r.Event)
		return err == nil && name == own
	}, 0) {
		return ""
	}
	s := "The audience is judged before that event counts"
	if t.Recheck {
		s += ", and again when it goes out, when it does"
	}
	return s + "."
}

// dateOccasion says what sends a message about a date of the contact. (T5, T9, D3)
func dateOccasion(m *beckon.Message) string {
	t := m.Trigger
	if t == nil || t.Date == "" {
		return ""
	}
	const once = "It goes out once for each date, "
	_, days := t.Offset.Days()
	switch instant := t.Time != "" || !t.Offset.IsZero() && !days; {
	case plan.Sweeps(m.Channel) && instant:
		return once + "at that instant or up to an hour late."
	case plan.Sweeps(m.Channel):
		return once + "by a sweep on that day."
	case !t.Span.IsZero():
		return once + "on a visit from then on for " + durationWords(t.Span) + "."
	case instant:
		return once + "on a visit from then on until that day ends."
	}
	return once + "on a visit on that day."
}

// valuesNamed lists what a content fills in, and where that comes from. (R1, R2)
func valuesNamed(variables []render.Mention) string {
	var parts []string
	seen := map[render.Mention]bool{}
	for _, from := range [...]struct {
		space render.Namespace
		words string
	}{{render.User, "the contact's "}, {render.Company, "the company's "}, {render.Event, "the event's "}} {
		var keys []string
		for _, x := range variables {
			if x.Fallback = false; x.Namespace == from.space && !seen[x] {
				seen[x] = true
				keys = append(keys, nameWords(x.Key))
			}
		}
		if len(keys) > maxNamed {
			keys = append(keys[:maxNamed], strconv.Itoa(len(keys)-maxNamed)+" more")
		}
		if len(keys) > 0 {
			parts = append(parts, from.words+strings.Join(keys, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// maxNamed is how many values of one kind are named.
const maxNamed = 12

// mentioned returns the variables of a content, in the order in which they stand.
func mentioned(c *beckon.Content) (list []render.Mention) {
	for _, source := range []string{c.Subject, c.Body, c.Text} {
		list = append(list, render.Mentioned(source)...)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Data)) {
		list = append(list, render.Mentioned(c.Data[key])...)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Parameters)) {
		list = append(list, render.Mentioned("{{ "+c.Parameters[key]+" }}")...)
	}
	return list
}

// passingWords says what a walk does at messages that do not go out. (X3, S4)
func passingWords(s *beckon.Series) string {
	if !slices.ContainsFunc(s.Blocks, func(b beckon.Block) bool { return b.Message != nil }) {
		return ""
	}
	return "A walk waits at a message for its hours, and passes by one that is held for another reason, such as its audience, a cap or a refusal."
}
