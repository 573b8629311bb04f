package benchmarks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
)

// A condition is a rule as a tree that belongs to no peer: each peer's form is
// made from it, so that all are asked the same.
type condition struct {
	is     operator
	name   string // of an attribute
	texts  []string
	number int64 // to compare with; of recent and since, days
	event  int
	parts  []condition
}

type operator int

const (
	all      operator = iota
	any_              // "any" is the type
	in                // a text is one of texts
	contains          // a text contains texts[0], letter case aside
	above             // a number is greater
	truth             // a truth is true
	count             // an event was counted so often, or more
	recent            // the last time of an event is fewer days ago
	since             // a date is fewer days ago
)

// leaves counts the conditions proper.
func (c condition) leaves() int {
	if c.is > any_ {
		return 1
	}
	n := 0
	for _, part := range c.parts {
		n += part.leaves()
	}
	return n
}

func (c condition) depth() int {
	deepest := 0
	for _, part := range c.parts {
		deepest = max(deepest, part.depth())
	}
	return deepest + 1
}

// beckon gives the condition as a rule.
func (c condition) beckon() beckon.Rule {
	attribute := beckon.User(c.name)
	switch c.is {
	case all, any_:
		var parts []beckon.Rule
		for _, part := range c.parts {
			parts = append(parts, part.beckon())
		}
		if c.is == all {
			return beckon.All(parts...)
		}
		return beckon.Any(parts...)
	case in:
		var values []any
		for _, text := range c.texts {
			values = append(values, text)
		}
		return attribute.In(values...)
	case contains:
		return attribute.Contains(c.texts[0])
	case above:
		return attribute.GreaterThan(c.number)
	case truth:
		return attribute.Is(true)
	case count:
		return beckon.Did(eventName(c.event)).AtLeast(int(c.number))
	case recent:
		return beckon.Did(eventName(c.event)).Last().LessThanAgo(beckon.Duration(c.number) * beckon.Day)
	case since:
		return attribute.LessThanAgo(beckon.Duration(c.number) * beckon.Day)
	}
	panic("no such operator")
}

// expression gives the condition in the syntax that expr and CEL nearly share;
// contained is how each asks for a part of a text, and of is what names stand behind.
func (c condition) expression(of string, contained func(text, part string) string) string {
	name := of + field(c.name)
	switch c.is {
	case all, any_:
		var parts []string
		for _, part := range c.parts {
			parts = append(parts, part.expression(of, contained))
		}
		return "(" + strings.Join(parts, map[operator]string{all: " && ", any_: " || "}[c.is]) + ")"
	case in:
		var texts []string
		for _, text := range c.texts {
			texts = append(texts, fmt.Sprintf("%q", text))
		}
		return fmt.Sprintf("%s in [%s]", name, strings.Join(texts, ", "))
	case contains:
		// As the limit has it, the text is there in small letters.
		return contained(name+"Lower", fmt.Sprintf("%q", c.texts[0]))
	case above:
		return fmt.Sprintf("%s > %d", name, c.number)
	case truth:
		return name
	case count:
		return fmt.Sprintf("%sCount%02d >= %d", of, c.event, c.number)
	case recent:
		return fmt.Sprintf("%sLast%02d > %sNow - %d", of, c.event, of, c.number*86400)
	case since:
		return fmt.Sprintf("%s > %sNow - %d", name, of, c.number*86400)
	}
	panic("no such operator")
}

func (c condition) expr(of string) string {
	return c.expression(of, func(text, part string) string { return text + " contains " + part })
}

func (c condition) cel(of string) string {
	return c.expression(of, func(text, part string) string { return text + ".contains(" + part + ")" })
}

// field is an attribute's name in environments.
func field(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// A ruleCase is one rule of the workload, and the same written out by hand.
type ruleCase struct {
	name  string
	rule  condition
	limit func(p *person, now int64) bool
}

func ruleCases() []ruleCase {
	return []ruleCase{
		{"small", condition{is: all, parts: []condition{
			{is: in, name: "plan", texts: []string{"pro", "team"}}, {is: count, event: 3, number: 1},
		}}, smallLimit},
		{"medium", condition{is: all, parts: []condition{
			{is: any_, parts: []condition{{is: in, name: "plan", texts: []string{"pro"}}, {is: truth, name: "active"}}},
			{is: in, name: "country", texts: []string{"DE", "IE", "FR", "NL", "AT"}},
			{is: any_, parts: []condition{{is: contains, name: "title", texts: []string{"upload"}}, {is: above, name: "seats", number: 70}}},
			{is: count, event: 2, number: 10}, {is: recent, event: 7, number: 7}, {is: above, name: "score", number: 5},
		}}, mediumLimit},
		{"large", largeCondition(), largeLimit},
	}
}

// largeCondition has 40 conditions on four levels. For whom it holds, every
// one of them has to be looked at: what stands first in an "or" does not hold.
func largeCondition() condition {
	root := condition{is: all}
	for g := range 4 {
		or := func(first, second condition) condition { return condition{is: any_, parts: []condition{first, second}} }
		root.parts = append(root.parts, or(
			condition{is: in, name: "country", texts: []string{"XA", "XB", "XC", fmt.Sprint("X", g)}},
			condition{is: all, parts: []condition{
				{is: count, event: g * 5, number: 1},
				{is: above, name: numberNames[g], number: -1},
				{is: recent, event: g*5 + 1, number: 60},
				or(condition{is: contains, name: "title", texts: []string{"nowhere" + fmt.Sprint(g)}}, condition{is: count, event: g*5 + 2, number: 2}),
				or(condition{is: above, name: numberNames[g+4], number: 1000}, condition{is: since, name: dateNames[g], number: 60}),
				or(condition{is: count, event: g*5 + 3, number: 1000}, condition{is: count, event: g*5 + 4, number: 3}),
			}},
		))
	}
	return root
}

func smallLimit(p *person, _ int64) bool {
	return (p.texts[plan] == "pro" || p.texts[plan] == "team") && p.events[3].count >= 1
}

func mediumLimit(p *person, now int64) bool {
	c := p.texts[country]
	return (p.texts[plan] == "pro" || p.truths[active]) &&
		(c == "DE" || c == "IE" || c == "FR" || c == "NL" || c == "AT") &&
		(strings.Contains(p.lower, "upload") || p.numbers[seats] > 70) &&
		p.events[2].count >= 10 && p.events[7].last > now-7*86400 && p.numbers[score] > 5
}

func largeLimit(p *person, now int64) bool {
	c, n, e, d, ago := p.texts[country], &p.numbers, &p.events, &p.dates, now-60*86400
	return (c == "XA" || c == "XB" || c == "XC" || c == "X0" || e[0].count >= 1 && n[0] > -1 && e[1].last > ago &&
		(strings.Contains(p.lower, "nowhere0") || e[2].count >= 2) && (n[4] > 1000 || d[0] > ago) && (e[3].count >= 1000 || e[4].count >= 3)) &&
		(c == "XA" || c == "XB" || c == "XC" || c == "X1" || e[5].count >= 1 && n[1] > -1 && e[6].last > ago &&
			(strings.Contains(p.lower, "nowhere1") || e[7].count >= 2) && (n[5] > 1000 || d[1] > ago) && (e[8].count >= 1000 || e[9].count >= 3)) &&
		(c == "XA" || c == "XB" || c == "XC" || c == "X2" || e[10].count >= 1 && n[2] > -1 && e[11].last > ago &&
			(strings.Contains(p.lower, "nowhere2") || e[12].count >= 2) && (n[6] > 1000 || d[2] > ago) && (e[13].count >= 1000 || e[14].count >= 3)) &&
		(c == "XA" || c == "XB" || c == "XC" || c == "X3" || e[15].count >= 1 && n[3] > -1 && e[16].last > ago &&
			(strings.Contains(p.lower, "nowhere3") || e[17].count >= 2) && (n[7] > 1000 || d[3] > ago) && (e[18].count >= 1000 || e[19].count >= 3))
}

// persons gives n of them of whom every rule holds for some.
func persons(n int) []*person {
	list := make([]*person, n)
	for i := range list {
		list[i] = newPerson(i)
	}
	return list
}

// matching gives a person for whom all of the rule has to be looked at.
func (c ruleCase) matching() *person {
	list := persons(1000)
	return list[slices.IndexFunc(list, func(p *person) bool { return c.limit(p, start.Unix()) })]
}
