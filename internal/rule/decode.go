package rule

import (
	"slices"
	"strconv"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// Parse reads one rule from JSON, strictly. It may be a segment's own. Segments, and
// whether metadata may stand where it does, are judged when it is compiled.
func Parse(data []byte) (Rule, fault.List) {
	var faults fault.List
	n, err := ojson.ParseString(string(data), ojson.Limits{})
	if err != nil {
		faults.Fault("", err.Error())
		return Rule{}, faults
	}
	r := DecodeSegment(&n, "", &faults)
	return r, faults
}

// ParseOperand reads an operand as a rule's "value" has it.
func ParseOperand(data []byte) (Operand, error) {
	n, err := ojson.ParseString(string(data), ojson.Limits{})
	if err != nil {
		return Operand{}, err
	}
	var faults fault.List
	d := decoder{faults: &faults}
	o := d.operand(&n, "")
	if len(faults) > 0 {
		return Operand{}, faults
	}
	return o, nil
}

// Decode reads a rule from a node at path. Every fault is added to
// faults; what is returned then is only a part of the rule.
func Decode(n *ojson.Node, path string, faults *fault.List) Rule {
	d := decoder{faults: faults}
	return d.whole(n, path)
}

// DecodeSegment is Decode of a segment's own rule, which may have a "vet_ignore".
func DecodeSegment(n *ojson.Node, path string, faults *fault.List) Rule {
	d := decoder{faults: faults, segment: true}
	return d.whole(n, path)
}

// A decoder reads one rule, and stops at the limits.
type decoder struct {
	faults  *fault.List
	size    ruleSize
	segment bool // the rule is a segment's own
}

// whole reads a rule with all that is in it. In the place of one that is past the limit, or
// of which nothing could be read, stands one that always holds: what is wrong is told, and
// what it keeps from being there is not told again.
func (d *decoder) whole(n *ojson.Node, path string) Rule {
	before := d.faults.Found()
	r := d.rule(n, path, 0)
	if d.size.full || r.IsZero() && d.faults.Found() > before {
		return Rule{All: []Rule{}}
	}
	return r
}

func (d *decoder) rule(n *ojson.Node, path string, depth int) (r Rule) {
	if n.Kind != ojson.Object {
		d.faults.Fault(path, "a rule must be an object, is "+n.Kind.String())
		return r
	}
	if depth > MaxDepth {
		d.faults.Fault(path, "the rule nests deeper than "+strconv.Itoa(MaxDepth)+" levels")
		return r
	}
	before := d.faults.Found()
	var m memberSet
	for i := range n.Members {
		member := &n.Members[i]
		at := fault.JoinPath(path, member.Name)
		bit := memberOf(member.Name)
		switch {
		case bit == 0:
			if d.faults.Full() {
				d.faults.Fault(at, "")
				continue
			}
			d.faults.Fault(at, unknownMember(member.Name))
			continue
		case m&bit != 0:
			d.faults.Fault(at, "given twice")
			continue
		}
		m |= bit
	}
	if !d.size.take(m&hasGroup != 0, path, MaxConditions, d.faults) {
		return r
	}
	sound := d.faults.Found() == before
	seen := memberSet(0)
	for i := range n.Members {
		bit := memberOf(n.Members[i].Name)
		if bit == 0 || seen&bit != 0 {
			continue
		}
		seen |= bit
		if !d.member(&r, bit, &n.Members[i].Value, fault.JoinPath(path, n.Members[i].Name), depth) {
			sound = false
		}
	}
	if sound {
		c := checker{faults: d.faults}
		c.shape(&r, m, path)
	}
	return r
}

// unknownMember says that a rule has no such member. A name that is an operator, or
// near one and near no member, is taken for one that stands in the wrong place.
func unknownMember(name string) string {
	op := Operator(name)
	if op.class() == 0 {
		if fault.Meant(name, Members[:]) != "" {
			return fault.UnknownField(name, Members[:])
		}
		op = Operator(fault.Meant(name, SubjectAny.Operators()))
	}
	switch op.class() {
	case 0:
		return "unknown field"
	case classPresence:
		return `unknown field, did you mean "op": "` + string(op) + `"?`
	}
	return `unknown field, did you mean "op": "` + string(op) + `" and a "value"?`
}

func memberOf(name string) memberSet {
	for i, known := range Members {
		if name == known {
			return 1 << i
		}
	}
	return 0
}

// member reads one member into r and reports whether it has the right type.
// Faults inside a nested rule are that rule's own.
func (d *decoder) member(r *Rule, bit memberSet, n *ojson.Node, path string, depth int) bool {
	before := d.faults.Found()
	switch bit {
	case hasAll, hasAny:
		if n.Kind != ojson.Array {
			d.faults.Fault(path, "must be an array of rules, is "+n.Kind.String())
			return false
		}
		list := make([]Rule, len(n.Items))
		for i := range n.Items {
			if d.size.full {
				break
			}
			list[i] = d.rule(&n.Items[i], path+"["+strconv.Itoa(i)+"]", depth+1)
		}
		if bit == hasAll {
			r.All = list
		} else {
			r.Any = list
		}
	case hasNot, hasWhere:
		nested := d.rule(n, path, depth+1)
		if bit == hasNot {
			r.Not = &nested
		} else {
			r.Where = &nested
		}
	case hasVetIgnore:
		if !d.segment || depth > 0 {
			d.faults.Fault(path, misplacedCodes)
			return false
		}
		return d.codes(r, n, path)
	case hasValue:
		r.Value = d.operand(n, path)
		return d.faults.Found() == before
	default:
		if n.Kind != ojson.String {
			want := "a string"
			if bit == hasWithin {
				want = calendar.DurationText
			}
			d.faults.Fault(path, "must be "+want+", is "+n.Kind.String())
			return false
		}
		return d.text(r, bit, n.Text, path)
	}
	return true
}

// misplacedCodes says where a "vet_ignore" stands.
const misplacedCodes = "stands only on a message, a series, a segment and the program, not within a rule"

// codes takes the list of codes that vet passes over.
func (d *decoder) codes(r *Rule, n *ojson.Node, path string) bool {
	before := d.faults.Found()
	if n.Kind != ojson.Array || len(n.Items) > MaxList {
		d.faults.Fault(path, "must be a list of codes, is "+n.Kind.String())
		return false
	}
	r.VetIgnore = make([]string, len(n.Items))
	for i := range n.Items {
		if r.VetIgnore[i] = n.Items[i].Text; n.Items[i].Kind != ojson.String {
			d.faults.Fault(path+"["+strconv.Itoa(i)+"]", "must be a string, is "+n.Items[i].Kind.String())
		}
	}
	return d.faults.Found() == before
}

// text takes a member that is written as a string.
func (d *decoder) text(r *Rule, bit memberSet, s, path string) bool {
	switch bit {
	case hasUser:
		r.User = s
	case hasCompany:
		r.Company = s
	case hasEvent:
		r.Event = s
	case hasMetadata:
		r.Metadata = s
	case hasPage:
		r.Page = s
	case hasMessage:
		r.Message = s
	case hasSegment:
		r.Segment = s
	case hasStat:
		r.Stat = Statistic(s)
	case hasSince:
		r.Since = s
	case hasOf:
		r.Of = s
	case hasOp:
		r.Op = Operator(s)
	case hasWithin:
		within, problem := calendar.ParseDuration(s)
		if problem != "" {
			d.faults.Fault(path, problem)
			return false
		}
		r.Within = within
	}
	return true
}

// operand reads a value. What its operator makes of it is judged later.
func (d *decoder) operand(n *ojson.Node, path string) Operand {
	switch n.Kind {
	case ojson.String:
		return Text(n.Text)
	case ojson.Number:
		return Number(n.Text)
	case ojson.Bool:
		return Bool(n.Bool)
	case ojson.Array:
		if len(n.Items) > MaxList {
			d.faults.Fault(path, "the list has more than "+strconv.Itoa(MaxList)+" elements")
			return Operand{}
		}
		list := make([]Operand, len(n.Items))
		for i := range n.Items {
			at := path + "[" + strconv.Itoa(i) + "]"
			if n.Items[i].Kind == ojson.Array {
				d.faults.Fault(at, "a list inside a list is not a value")
				continue
			}
			list[i] = d.operand(&n.Items[i], at)
		}
		return List(list)
	case ojson.Object:
		if len(n.Members) == 1 && slices.Contains(fields[:], n.Members[0].Name) {
			return d.field(&n.Members[0], path)
		}
		return d.money(n, path)
	}
	d.faults.Fault(path, "must be a value, is "+n.Kind.String()+": use the operator is_unknown or has_any_value") // null
	return Operand{}
}

// field reads {"user": k} and its like, what a field holds (A11).
func (d *decoder) field(m *ojson.Member, path string) Operand {
	if m.Value.Kind != ojson.String {
		d.faults.Fault(path, "must have the name of a field, has "+m.Value.Kind.String())
		return Operand{}
	}
	return Field(m.Name, m.Value.Text)
}

// strangeMember names the first member of an object that no value has, if one that it may have
// is near: not one that it has already.
func strangeMember(n *ojson.Node) string {
	known := append([]string{"amount", "currency"}, fields[:]...)
	missing := slices.DeleteFunc(slices.Clone(known), func(name string) bool { return n.Get(name) != nil })
	for i := range n.Members {
		if name := n.Members[i].Name; !slices.Contains(known, name) {
			if near := fault.DidYouMean(name, missing); near != "" {
				return "; " + fault.Quote(name) + " is not among them" + near
			}
			return ""
		}
	}
	return ""
}

// money reads {"amount", "currency"}, the one object that is a value.
func (d *decoder) money(n *ojson.Node, path string) Operand {
	amount, currency := n.Get("amount"), n.Get("currency")
	if len(n.Members) != 2 || amount == nil || currency == nil ||
		amount.Kind != ojson.Number || currency.Kind != ojson.String {
		d.faults.Fault(path, `the only objects that are values are money, {"amount": minor units, "currency": "eur"}, and a field, {"user": name}, {"company": name}, {"metadata": key} or {"trigger": key}`+strangeMember(n))
		return Operand{}
	}
	return Money(amount.Text, currency.Text)
}
