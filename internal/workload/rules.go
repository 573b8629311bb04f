package workload

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
)

// A Condition is a rule as a tree that belongs to no peer: each peer's form is
// made from it, so that all are asked the same.
type Condition struct {
	Is     Operator
	Name   string // of an attribute
	Texts  []string
	Number int64 // to compare with; of Recent and Since, days
	Event  int
	Parts  []Condition
}

// An Operator is what a condition asks.
type Operator int

// The operators. All and Any are of their parts.
const (
	All Operator = iota
	Any
	In       // a text is one of Texts
	Contains // a text contains Texts[0], letter case aside
	Above    // a number is greater
	Truth    // a truth is true
	Count    // an event was counted so often, or more
	Recent   // the last time of an event is fewer days ago
	Since    // a date is fewer days ago
)

// Leaves counts the conditions proper.
func (c Condition) Leaves() int {
	if c.Is > Any {
		return 1
	}
	n := 0
	for _, part := range c.Parts {
		n += part.Leaves()
	}
	return n
}

// Depth counts the levels, that of the conditions proper included.
func (c Condition) Depth() int {
	deepest := 0
	for _, part := range c.Parts {
		deepest = max(deepest, part.Depth())
	}
	return deepest + 1
}

// Beckon returns the condition as a rule.
func (c Condition) Beckon() beckon.Rule {
	attribute := beckon.User(c.Name)
	switch c.Is {
	case All, Any:
		var parts []beckon.Rule
		for _, part := range c.Parts {
			parts = append(parts, part.Beckon())
		}
		if c.Is == All {
			return beckon.All(parts...)
		}
		return beckon.Any(parts...)
	case In:
		var values []any
		for _, text := range c.Texts {
			values = append(values, text)
		}
		return attribute.In(values...)
	case Contains:
		return attribute.Contains(c.Texts[0])
	case Above:
		return attribute.GreaterThan(c.Number)
	case Truth:
		return attribute.Is(true)
	case Count:
		return beckon.Did(EventName(c.Event)).AtLeast(int(c.Number))
	case Recent:
		return beckon.Did(EventName(c.Event)).Last().LessThanAgo(beckon.Days(int(c.Number)))
	case Since:
		return attribute.LessThanAgo(beckon.Days(int(c.Number)))
	}
	panic("no such operator")
}

// A RuleCase is one rule of the workload, and the same written out by hand.
type RuleCase struct {
	Name  string
	Rule  Condition
	Limit func(p *Person, now int64) bool
}

// Rules returns the rules of the workload, of 2, 8 and 40 conditions.
func Rules() []RuleCase {
	return []RuleCase{
		{"small", Condition{Is: All, Parts: []Condition{
			{Is: In, Name: "plan", Texts: []string{"pro", "team"}}, {Is: Count, Event: 3, Number: 1},
		}}, smallLimit},
		{"medium", Condition{Is: All, Parts: []Condition{
			{Is: Any, Parts: []Condition{{Is: In, Name: "plan", Texts: []string{"pro"}}, {Is: Truth, Name: "active"}}},
			{Is: In, Name: "country", Texts: []string{"DE", "IE", "FR", "NL", "AT"}},
			{Is: Any, Parts: []Condition{{Is: Contains, Name: "title", Texts: []string{"upload"}}, {Is: Above, Name: "seats", Number: 70}}},
			{Is: Count, Event: 2, Number: 10},
			{Is: Recent, Event: 7, Number: 7},
			{Is: Above, Name: "score", Number: 5},
		}}, mediumLimit},
		{"large", largeCondition(), largeLimit},
	}
}

// largeCondition has 40 conditions on four levels. For whom it holds, every
// one of them has to be looked at: what stands first in an "or" does not hold.
func largeCondition() Condition {
	root := Condition{Is: All}
	for g := range 4 {
		or := func(first, second Condition) Condition { return Condition{Is: Any, Parts: []Condition{first, second}} }
		root.Parts = append(root.Parts, or(
			Condition{Is: In, Name: "country", Texts: []string{"XA", "XB", "XC", fmt.Sprint("X", g)}},
			Condition{Is: All, Parts: []Condition{
				{Is: Count, Event: g * 5, Number: 1},
				{Is: Above, Name: NumberNames()[g], Number: -1},
				{Is: Recent, Event: g*5 + 1, Number: 60},
				or(Condition{Is: Contains, Name: "title", Texts: []string{"nowhere" + fmt.Sprint(g)}}, Condition{Is: Count, Event: g*5 + 2, Number: 2}),
				or(Condition{Is: Above, Name: NumberNames()[g+4], Number: 1000}, Condition{Is: Since, Name: DateNames()[g], Number: 60}),
				or(Condition{Is: Count, Event: g*5 + 3, Number: 1000}, Condition{Is: Count, Event: g*5 + 4, Number: 3}),
			}},
		))
	}
	return root
}

func smallLimit(p *Person, _ int64) bool {
	return (p.Texts[Plan] == "pro" || p.Texts[Plan] == "team") && p.Events[3].Count >= 1
}

func mediumLimit(p *Person, now int64) bool {
	c := p.Texts[Country]
	return (p.Texts[Plan] == "pro" || p.Truths[Active]) &&
		(c == "DE" || c == "IE" || c == "FR" || c == "NL" || c == "AT") &&
		(strings.Contains(p.Lower, "upload") || p.Numbers[Seats] > 70) &&
		p.Events[2].Count >= 10 && p.Events[7].Last > now-7*86400 && p.Numbers[Score] > 5
}

func largeLimit(p *Person, now int64) bool {
	c, n, e, d, ago := p.Texts[Country], &p.Numbers, &p.Events, &p.Dates, now-60*86400
	return (c == "XA" || c == "XB" || c == "XC" || c == "X0" || e[0].Count >= 1 && n[0] > -1 && e[1].Last > ago &&
		(strings.Contains(p.Lower, "nowhere0") || e[2].Count >= 2) && (n[4] > 1000 || d[0] > ago) && (e[3].Count >= 1000 || e[4].Count >= 3)) &&
		(c == "XA" || c == "XB" || c == "XC" || c == "X1" || e[5].Count >= 1 && n[1] > -1 && e[6].Last > ago &&
			(strings.Contains(p.Lower, "nowhere1") || e[7].Count >= 2) && (n[5] > 1000 || d[1] > ago) && (e[8].Count >= 1000 || e[9].Count >= 3)) &&
		(c == "XA" || c == "XB" || c == "XC" || c == "X2" || e[10].Count >= 1 && n[2] > -1 && e[11].Last > ago &&
			(strings.Contains(p.Lower, "nowhere2") || e[12].Count >= 2) && (n[6] > 1000 || d[2] > ago) && (e[13].Count >= 1000 || e[14].Count >= 3)) &&
		(c == "XA" || c == "XB" || c == "XC" || c == "X3" || e[15].Count >= 1 && n[3] > -1 && e[16].Last > ago &&
			(strings.Contains(p.Lower, "nowhere3") || e[17].Count >= 2) && (n[7] > 1000 || d[3] > ago) && (e[18].Count >= 1000 || e[19].Count >= 3))
}

// Persons returns n of them of whom every rule holds for some.
func Persons(n int) []*Person {
	list := make([]*Person, n)
	for i := range list {
		list[i] = NewPerson(i)
	}
	return list
}

// Matching returns a person for whom all of the rule has to be looked at.
func (c RuleCase) Matching() *Person {
	list := Persons(1000)
	return list[slices.IndexFunc(list, func(p *Person) bool { return c.Limit(p, Start().Unix()) })]
}
