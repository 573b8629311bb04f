package vet

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A subject is what conditions look at: one field, or all that is counted of one event. Its
// worlds are the values that it may have, as far as these conditions tell them apart. Each
// world is judged by the conditions themselves, so that vet cannot read a rule in another
// way than an engine does.
type subject struct {
	key    string
	kind   subjectKind
	never  bool // what is counted cannot happen
	leaves []*leaf
	worlds []string // the distinct verdicts of all leaves, one byte for each; set by judge
	typed  []string // by world, the metadata type of its value; empty for unknown
}

type subjectKind uint8

const (
	free    subjectKind = iota // each condition may hold or not, whatever the others say
	field                      // an attribute, or a metadata key
	page                       // a text, or a number that is not negative
	counted                    // a count with its first and last time
)

// A leaf is one condition of a rule.
type leaf struct {
	node    *ojson.Node
	path    string
	subject *subject
	at      int // its place among the subject's leaves
	op      string
	run     *rule.Compiled // over an attribute, or a metadata key, that stands for the subject
	pattern bool           // it looks into a text
}

// The instant as of which conditions are judged. Dates that are given are told apart from
// spans to now, so that it does not matter which it is.
var now = time.Date(2026, 6, 17, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // never written

// maxWorlds is how many values of one subject are looked at. Of more it is not said what
// holds.
const maxWorlds = 20_000

// stands are the names of the attributes that stand for parts of a subject: a value, and the
// same where it is compared with now; a count, the first and the last time.
const (
	standsValue, standsSpan              = "v", "w"
	standsCount, standsFirst, standsLast = "c", "f", "l"
	standsFirstSpan, standsLastSpan      = "g", "m"
)

// text returns the text of a member, "" for none.
func text(n *ojson.Node, name string) string {
	if m := n.Member(name); m.Kind == ojson.String {
		return m.Text
	}
	return ""
}

// subjectOf returns what a condition looks at, and by which name it stands.
func (s *subjects) subjectOf(n *ojson.Node) (*subject, string) {
	op := text(n, "op")
	v := n.Get("value")
	span := strings.HasSuffix(op, "_ago") || strings.HasSuffix(op, "_ahead")
	if v != nil && v.Kind == ojson.Object && v.Get("amount") == nil { // another field: what that is nobody knows
		return s.get("free:"+encode(n), free), standsValue
	}
	named := func(name string) string {
		if span {
			return standsSpan
		}
		return name
	}
	switch {
	case n.Get("user") != nil:
		return s.get("user:"+text(n, "user"), field), named(standsValue)
	case n.Get("company") != nil:
		return s.get("company:"+text(n, "company"), field), named(standsValue)
	case n.Get("metadata") != nil:
		return s.get("metadata:"+fold.Key(text(n, "metadata")), field), named(standsValue)
	case n.Get("page") != nil:
		return s.get("page:"+text(n, "page"), page), standsValue
	case n.Get("message") != nil, n.Get("event") != nil && n.Get("of") == nil:
		key := "message:" + text(n, "message")
		if n.Get("event") != nil {
			name, _ := fold.EventName(text(n, "event"))
			key = "event:" + name
			for _, member := range []string{"within", "where", "since"} {
				if m := n.Get(member); m != nil {
					key += "," + member + ":" + encode(m)
				}
			}
		}
		sub := s.get(key, counted)
		switch stat := text(n, "stat"); {
		case stat == "first" && span:
			return sub, standsFirstSpan
		case stat == "first":
			return sub, standsFirst
		case (stat == "last" || stat == "last_sent") && span:
			return sub, standsLastSpan
		case stat == "last" || stat == "last_sent":
			return sub, standsLast
		}
		return sub, standsCount
	}
	// A sum and its like may be of numbers or of money.
	return s.get("free:"+encode(n), free), standsValue
}

// subjects are all that a rule looks at.
type subjects struct{ list []*subject }

func (s *subjects) get(key string, kind subjectKind) *subject {
	for _, x := range s.list {
		if x.key == key {
			return x
		}
	}
	x := &subject{key: key, kind: kind}
	s.list = append(s.list, x)
	return x
}

// leafOf adds a condition.
func (s *subjects) leafOf(n *ojson.Node, path string) *leaf {
	sub, name := s.subjectOf(n)
	l := &leaf{node: n, path: path, subject: sub, at: len(sub.leaves), op: text(n, "op")}
	sub.leaves = append(sub.leaves, l)
	switch l.op {
	case "contains", "does_not_contain", "contains_word", "starts_with", "ends_with", "matches":
		l.pattern = true
	}
	if sub.kind == free {
		return l
	}
	kind, in := "user", rule.OfContact
	if strings.HasPrefix(sub.key, "metadata:") {
		kind, in = "metadata", rule.OfTrigger
	}
	doc := `{"` + kind + `":"` + name + `","op":` + quoted(l.op)
	if v := n.Get("value"); v != nil {
		doc += `,"value":` + encode(v)
	}
	r, faults := rule.Parse([]byte(doc + "}"))
	if len(faults) == 0 {
		k := &rule.Compiler{Loc: time.UTC, Counters: &rule.CounterSet{}, Faults: new(fault.List)}
		l.run = rule.Compile(&r, k, in, "")
		faults = *k.Faults
	}
	if len(faults) > 0 { // it means something else for the field that stands for the subject
		sub.kind = free
	}
	return l
}

// A world is one value that a subject may have, under the names that stand for it.
type world struct {
	fields value.Fields
	kind   string
	fresh  bool // a text of which the conditions that look into texts say whatever they say
}

// judge finds the distinct verdicts that the leaves can come to together.
func (sub *subject) judge() {
	if sub.worlds != nil {
		return
	}
	seen := map[string]bool{}
	add := func(verdict, kind string) {
		if !seen[verdict+kind] {
			seen[verdict+kind] = true
			sub.worlds, sub.typed = append(sub.worlds, verdict), append(sub.typed, kind)
		}
	}
	worlds := sub.possible()
	if sub.kind == free || worlds == nil {
		sub.every(nil, make([]byte, len(sub.leaves)), func(v string) { add(v, "") })
		return
	}
	for _, w := range worlds {
		rec := &store.Record{Exists: true, Profile: &store.Profile{}}
		scope := &rule.Scope{Rec: rec, Now: now.UnixMilli(), Loc: time.UTC, Fields: w.fields}
		for _, f := range w.fields {
			rec.Profile.Attributes = append(rec.Profile.Attributes, store.NewAttribute(f.Key, f.Value))
		}
		slices.SortFunc(rec.Profile.Attributes, func(a, b store.Attribute) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
		verdict := make([]byte, len(sub.leaves))
		open := []int{}
		for i, l := range sub.leaves {
			verdict[i] = '0'
			if l.run.Eval(scope) {
				verdict[i] = '1'
			}
			if w.fresh && l.pattern {
				open = append(open, i)
			}
		}
		if len(open) == 0 {
			add(string(verdict), w.kind)
			continue
		}
		sub.every(open, verdict, func(v string) { add(v, w.kind) })
	}
}

// maxOpen is how many conditions are free together; beyond it each verdict is taken for
// possible one after the other, which finds no contradiction.
const maxOpen = 12

// every calls fn with each verdict in which the leaves at open, nil for all, say whatever
// they say. Conditions with the same text say the same, and "does not contain" is the
// opposite of "contains".
func (sub *subject) every(open []int, verdict []byte, fn func(string)) {
	if open == nil {
		for i := range sub.leaves {
			open = append(open, i)
		}
	}
	groups := map[string][]int{}
	var names []string
	for _, i := range open {
		l := sub.leaves[i]
		name := strings.TrimPrefix(l.op, "does_not_")
		if l.op == "does_not_contain" {
			name = "contains"
		}
		if v := l.node.Get("value"); v != nil {
			name += " " + strings.ToLower(encode(v))
		}
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], i)
	}
	if len(names) > maxOpen {
		names = names[:maxOpen]
	}
	for mask := range 1 << len(names) {
		for j, name := range names {
			holds := mask>>j&1 != 0
			for _, i := range groups[name] {
				verdict[i] = '0'
				if holds != (sub.leaves[i].op == "does_not_contain") {
					verdict[i] = '1'
				}
			}
		}
		fn(string(verdict))
	}
}

// possible returns the values that a subject may have; nil if they are too many.
func (sub *subject) possible() []world {
	c := sub.candidates()
	switch sub.kind {
	case counted:
		worlds := c.counts()
		if sub.never {
			return worlds[:min(1, len(worlds))] // the first is that of none
		}
		return worlds
	case page:
		worlds := []world{{}}
		if sub.key == "page:seconds" {
			for _, n := range c.numbers {
				if n.Sign() >= 0 {
					worlds = append(worlds, single(literal(n), "number", false))
				}
			}
			return worlds
		}
		for _, t := range c.texts {
			worlds = append(worlds, single(value.String(t), "string", false))
		}
		return append(worlds, single(value.String(freshText), "string", true))
	}
	return c.values(strings.HasPrefix(sub.key, "metadata:"))
}

func single(v value.Value, kind string, fresh bool) world {
	return world{fields: value.Fields{{Key: standsValue, Value: v}, {Key: standsSpan, Value: v}}, kind: kind, fresh: fresh}
}

// freshText is a text that no condition names.
const freshText = "~\u2042 another text \u2042~"

// A candidates is what the operands of a subject's conditions tell apart.
type candidates struct {
	texts   []string
	lists   []string // elements of lists
	numbers []*big.Rat
	dates   []int64 // Unix seconds
	spans   []int64
	money   []money
}

type money struct {
	amount   int64
	currency string
}

// candidates reads the operands.
func (sub *subject) candidates() *candidates {
	c := &candidates{}
	for _, l := range sub.leaves {
		v := l.node.Get("value")
		if v == nil {
			continue
		}
		c.operand(l.op, v)
	}
	slices.Sort(c.texts)
	c.texts = slices.Compact(c.texts)
	slices.Sort(c.lists)
	c.lists = slices.Compact(c.lists)
	c.between()
	for _, list := range []*[]int64{&c.dates, &c.spans} {
		if len(*list) == 0 { // nothing tells one from another
			*list = append(*list, now.Unix())
			continue
		}
		for _, at := range slices.Clone(*list) {
			*list = append(*list, at-calendar.DaySeconds, at-1, at+1, at+calendar.DaySeconds/2, at+calendar.DaySeconds-1, at+calendar.DaySeconds, at+2*calendar.DaySeconds)
		}
		*list = append(*list, now.Unix(), now.Unix()-1, now.Unix()+1, now.Unix()-200*365*calendar.DaySeconds, now.Unix()+200*365*calendar.DaySeconds)
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return c
}

func (c *candidates) operand(op string, v *ojson.Node) {
	switch {
	case strings.HasPrefix(op, "contains_") && op != "contains_word":
		for i := range v.Items {
			c.lists = append(c.lists, v.Items[i].Text)
		}
		return
	case strings.HasSuffix(op, "_ago") || strings.HasSuffix(op, "_ahead"):
		if d, bad := calendar.ParseDuration(v.Text); bad == "" {
			sign := int64(-1)
			if strings.HasSuffix(op, "_ahead") {
				sign = 1
			}
			c.spans = append(c.spans, now.Unix()+sign*d.Total())
		}
		return
	case op == "after" || op == "on" || op == "before":
		if at, ok := calendar.ParseDate(v.Text, time.UTC); ok {
			c.dates = append(c.dates, at)
		}
		return
	}
	switch v.Kind {
	case ojson.Array:
		for i := range v.Items {
			c.operand(op, &v.Items[i])
		}
	case ojson.String:
		c.texts = append(c.texts, v.Text)
	case ojson.Number:
		if n, ok := new(big.Rat).SetString(v.Text); ok {
			c.numbers = append(c.numbers, n)
		}
	case ojson.Object:
		amount := v.Get("amount")
		if amount == nil {
			return
		}
		if n, ok := new(big.Rat).SetString(amount.Text); ok && n.IsInt() && n.Num().IsInt64() {
			c.money = append(c.money, money{n.Num().Int64(), strings.ToUpper(text(v, "currency"))})
		}
	}
}

// between puts numbers between those that conditions name, and beyond them.
func (c *candidates) between() {
	slices.SortFunc(c.numbers, func(a, b *big.Rat) int { return a.Cmp(b) })
	c.numbers = slices.CompactFunc(c.numbers, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
	all := []*big.Rat{big.NewRat(0, 1), big.NewRat(1, 1)}
	for i, n := range c.numbers {
		all = append(all, n, new(big.Rat).Sub(n, big.NewRat(1, 1)), new(big.Rat).Add(n, big.NewRat(1, 1)))
		if i > 0 {
			sum := new(big.Rat).Add(n, c.numbers[i-1])
			all = append(all, sum.Mul(sum, big.NewRat(1, 2)))
		}
	}
	slices.SortFunc(all, func(a, b *big.Rat) int { return a.Cmp(b) })
	c.numbers = slices.CompactFunc(all, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
}

// literal writes a number that has a last digit.
func literal(n *big.Rat) value.Value {
	digits, _ := n.FloatPrec()
	return value.NumberLiteral(n.FloatString(digits))
}

// values returns the values that a field may have, of each type.
func (c *candidates) values(metadata bool) []world {
	worlds := []world{{}}
	for _, t := range c.texts {
		worlds = append(worlds, single(value.String(t), "string", false))
	}
	worlds = append(worlds, single(value.String(freshText), "string", true), single(value.String(""), "string", false))
	for _, n := range c.numbers {
		worlds = append(worlds, single(literal(n), "number", false))
	}
	worlds = append(worlds, single(value.Bool(true), "boolean", false), single(value.Bool(false), "boolean", false))
	if len(c.dates)*len(c.spans) > maxWorlds {
		return nil
	}
	date := func(at int64) value.Value {
		if metadata {
			return value.Date(time.Unix(at, 0))
		}
		return value.String(time.Unix(at, 0).UTC().Format(time.RFC3339))
	}
	for _, at := range c.dates {
		for _, span := range c.spans {
			worlds = append(worlds, world{fields: value.Fields{{Key: standsValue, Value: date(at)}, {Key: standsSpan, Value: date(span)}}, kind: "date", fresh: !metadata})
		}
	}
	if metadata {
		worlds = append(worlds, single(value.Link("https://example.com/a"), "link", true), single(value.Image("https://example.com/a.png"), "image", true),
			single(value.RichLink("https://example.com/a", freshText), "rich_link", true), single(value.Stripe("cus_1"), "stripe", true))
		for _, t := range c.texts {
			worlds = append(worlds, single(value.RichLink("https://example.com/a", t), "rich_link", false))
			for kind, v := range map[string]value.Value{"link": value.Link(t), "image": value.Image(t), "stripe": value.Stripe(t)} {
				if v.Err() == nil {
					worlds = append(worlds, single(v, kind, false))
				}
			}
		}
		worlds = append(worlds, single(value.Monetary(0, "XAF"), "monetary", false))
		for _, m := range c.money {
			for _, d := range []int64{-1, 0, 1} {
				worlds = append(worlds, single(value.Monetary(m.amount+d, m.currency), "monetary", false))
			}
		}
		for _, n := range c.numbers {
			if n.Num().IsInt64() && n.IsInt() && n.Num().Int64() < 1<<40 && n.Num().Int64() > -1<<40 {
				worlds = append(worlds, single(value.Monetary(n.Num().Int64()*100, "EUR"), "monetary", false))
			}
		}
		return worlds
	}
	if len(c.lists) > 10 {
		return nil
	}
	for mask := range 1 << len(c.lists) {
		elements := []string{freshText}
		for i, t := range c.lists {
			if mask>>i&1 != 0 {
				elements = append(elements, t)
			}
		}
		worlds = append(worlds, single(value.List(elements...), "list", false), single(value.List(elements[1:]...), "list", false))
	}
	return worlds
}

// counts returns how often something may have happened, and when first and last.
func (c *candidates) counts() []world {
	if len(c.dates) > 100 || len(c.spans) > 100 || len(c.numbers) > 1000 {
		return nil
	}
	number := func(n int64) value.Field { return value.Field{Key: standsCount, Value: value.Number(n)} }
	worlds := []world{{fields: value.Fields{number(0)}}}
	date := func(key string, at int64) value.Field {
		return value.Field{Key: key, Value: value.String(time.Unix(at, 0).UTC().Format(time.RFC3339))}
	}
	var times []value.Fields // dates that are given and spans to now, each with the first not after the last
	for i, first := range c.dates {
		for _, last := range c.dates[i:] {
			times = append(times, value.Fields{date(standsFirst, first), date(standsLast, last)})
		}
	}
	var spans []value.Fields
	for i, first := range c.spans {
		for _, last := range c.spans[i:] {
			spans = append(spans, value.Fields{date(standsFirstSpan, first), date(standsLastSpan, last)})
		}
	}
	known := map[int64]bool{}
	for _, n := range c.numbers {
		whole := new(big.Int).Quo(n.Num(), n.Denom())
		if !whole.IsInt64() || whole.Sign() < 0 || whole.Int64() > 1<<62 {
			continue
		}
		for _, m := range []int64{max(whole.Int64(), 1), whole.Int64() + 1} {
			if known[m] {
				continue
			}
			known[m] = true
			for _, t := range times {
				for _, s := range spans {
					if len(worlds) == maxWorlds {
						return nil
					}
					worlds = append(worlds, world{fields: slices.Concat(value.Fields{number(m)}, t, s)})
				}
			}
		}
	}
	return worlds
}
