package beckon

import "github.com/beckon-go/beckon/internal/rule"

// Rules as hosts write them become those that are compiled, and back.

// A lowering makes the rules that are compiled. What a rule shares stays shared: a
// rule made in Go may share its parts, or contain itself, and so stand for far more
// than it takes to write it.
type lowering struct {
	rules known[*Rule, *rule.Rule]
	lists known[ruleList, []rule.Rule]
	todo  []loweringRule
}

// A known is a map that needs no memory while it has few entries, as in most rules.
type known[K comparable, V any] struct {
	keys   [8]K
	values [8]V
	n      int
	more   map[K]V
}

func (m *known[K, V]) get(key K) (v V) {
	for i := range m.n {
		if m.keys[i] == key {
			return m.values[i]
		}
	}
	return m.more[key]
}

func (m *known[K, V]) put(key K, v V) {
	if m.n < len(m.keys) {
		m.keys[m.n], m.values[m.n] = key, v
		m.n++
		return
	}
	if m.more == nil {
		m.more = make(map[K]V)
	}
	m.more[key] = v
}

// A ruleList is where a list of rules stands.
type ruleList struct {
	first *Rule
	n     int
}

// A loweringRule is a rule, and where it goes.
type loweringRule struct {
	from *Rule
	to   *rule.Rule
}

// lowerRule returns a rule as it is compiled.
func lowerRule(r *Rule) *rule.Rule {
	l := lowering{}
	out := l.rule(r)
	l.finish()
	return out
}

// lowerRules returns named rules as they are compiled.
func lowerRules(rules map[string]Rule) map[string]rule.Rule {
	l, out := lowering{}, make(map[string]rule.Rule, len(rules))
	named := make(map[string]*rule.Rule, len(rules))
	for name, r := range rules {
		named[name] = l.rule(&r)
	}
	l.finish()
	for name, r := range named {
		out[name] = *r
	}
	return out
}

// rule returns a rule that finish fills in.
func (l *lowering) rule(r *Rule) *rule.Rule {
	if r == nil {
		return nil
	}
	if out := l.rules.get(r); out != nil {
		return out
	}
	out := &rule.Rule{}
	l.rules.put(r, out)
	l.todo = append(l.todo, loweringRule{r, out})
	return out
}

// list returns rules that finish fills in. No list is not an empty one.
func (l *lowering) list(rules []Rule) []rule.Rule {
	if len(rules) == 0 {
		if rules == nil {
			return nil
		}
		return []rule.Rule{}
	}
	at := ruleList{&rules[0], len(rules)}
	if out := l.lists.get(at); out != nil {
		return out
	}
	out := make([]rule.Rule, len(rules))
	l.lists.put(at, out)
	for i := range rules {
		l.todo = append(l.todo, loweringRule{&rules[i], &out[i]})
	}
	return out
}

// finish fills the rules in. It does not go down into them, however deep they are.
func (l *lowering) finish() {
	for len(l.todo) > 0 {
		last := len(l.todo) - 1
		from, to := l.todo[last].from, l.todo[last].to
		l.todo = l.todo[:last]
		*to = rule.Rule{
			All: l.list(from.All), Any: l.list(from.Any), Not: l.rule(from.Not),
			User: from.User, Company: from.Company, Event: from.Event, Metadata: from.Metadata,
			Page: from.Page, Message: from.Message, Segment: from.Segment,
			Stat: rule.Statistic(from.Stat), Of: from.Of, Op: rule.Operator(from.Op), Value: from.Value.form,
			Within: from.Within.span, Where: l.rule(from.Where), Since: from.Since, VetIgnore: from.VetIgnore,
		}
	}
}

// raiseRule returns a rule that was read, and so is no deeper than it may be, as
// hosts write it.
func raiseRule(r *rule.Rule) Rule {
	return Rule{
		All: raiseRules(r.All), Any: raiseRules(r.Any), Not: raiseInner(r.Not),
		User: r.User, Company: r.Company, Event: r.Event, Metadata: r.Metadata,
		Page: r.Page, Message: r.Message, Segment: r.Segment,
		Stat: Stat(r.Stat), Of: r.Of, Op: Op(r.Op), Value: Operand{r.Value},
		Within: Duration{r.Within}, Where: raiseInner(r.Where), Since: r.Since, VetIgnore: r.VetIgnore,
	}
}

func raiseRules(list []rule.Rule) []Rule {
	if list == nil {
		return nil
	}
	out := make([]Rule, len(list))
	for i := range list {
		out[i] = raiseRule(&list[i])
	}
	return out
}

func raiseInner(r *rule.Rule) *Rule {
	if r == nil {
		return nil
	}
	out := raiseRule(r)
	return &out
}
