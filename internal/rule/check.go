package rule

import (
	"math/bits"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
)

// A checker judges single rules by themselves: whether the members go
// together, and whether operator and value suit the subject. Reading a rule
// and compiling it both do it here, so that they cannot disagree; what it
// makes of a condition on the way is what is run.
type checker struct {
	faults *fault.List
	loc    *time.Location // of days; nil while reading, when no instant is needed
}

// A subjectType is what is known of a subject's values at compile time.
type subjectType uint8

// The types of subjects.
const (
	SubjectAny    subjectType = iota // an attribute of the host's own, or metadata
	subjectText                      // always a text, if known
	subjectNumber                    // always a number, if known
	subjectDate                      // always a date, if known
	subjectCount                     // a number that is always known
	subjectSum                       // a number or money, always known
	subjectAmount                    // a number or money, or unknown
	subjectBool                      // of a field that is compared with only (A11)
	subjectList                      // of such a field only
)

// suits tells which operators a subject takes.
func (t subjectType) suits(c opClass) bool {
	switch t {
	case subjectText:
		return c&(classEqual|classIn|classText|classPresence) != 0
	case subjectNumber, subjectAmount:
		return c&(classEqual|classOrder|classPresence) != 0
	case subjectDate:
		return c&(classSpan|classDay|classPresence) != 0
	case subjectCount, subjectSum:
		return c&(classEqual|classOrder) != 0
	}
	return true
}

func (t subjectType) String() string {
	switch t {
	case subjectText:
		return "a text"
	case subjectNumber:
		return "a number"
	case subjectDate:
		return "a date"
	case subjectCount:
		return "a count"
	case subjectSum:
		return "a sum"
	case subjectAmount:
		return "a number or money"
	case subjectBool:
		return "a boolean"
	case subjectList:
		return "a list of texts"
	}
	return "of any type"
}

// Operators are the operators that a subject takes, in the order of A4.
func (t subjectType) Operators() []string {
	var names []string
	for _, op := range Operators {
		if t.suits(op.class()) {
			names = append(names, string(op))
		}
	}
	return names
}

// takes says which operators a subject takes.
func (t subjectType) takes() string { return "it takes " + strings.Join(t.Operators(), ", ") }

// suggest names the operator that was meant, of those that suit; all of them if none
// of them can be.
func (t subjectType) suggest(op Operator) string {
	if near := fault.DidYouMean(string(op), t.Operators()); near != "" {
		return near
	}
	return "; " + t.takes()
}

// standardAttribute returns the type of a user attribute that every contact has
// by definition; all others are the host's own.
func standardAttribute(name string) (subjectType, bool) {
	switch name {
	case "user_id", "id", "email", "anonymous_id", "name", "phone", "role", "timezone", "language":
		return subjectText, true
	case "created_at", "signed_up_at", "first_seen_at", "last_seen_at", "last_contacted_at":
		return subjectDate, true
	case "session_count":
		return subjectNumber, true
	}
	return SubjectAny, false
}

// shape judges one rule without the rules inside it; m are the members that
// it has. For a sound condition it returns what to run, except for the where.
func (k *checker) shape(r *Rule, m memberSet, path string) (c Condition, ok bool) {
	before := k.faults.Found()
	m &^= hasVetIgnore
	switch heads := m & (hasGroup | hasSubject); {
	case m == 0:
		k.faults.Fault(path, "the rule is empty: it needs a group (all, any, not) or a condition")
		return c, false
	case heads == 0:
		k.faults.Fault(path, "the condition has no subject: user, company, event, metadata, page, message or segment")
		return c, false
	case bits.OnesCount32(uint32(heads)) > 1:
		k.faults.Fault(path, "the rule has "+strings.Join(heads.names(), " and ")+": it can have only one of them")
		return c, false
	case heads&hasGroup != 0:
		k.stray(m&^heads, path, "does not belong to a group")
	case heads == hasSegment:
		k.name(r.Segment, fault.JoinPath(path, "segment"))
		k.stray(m&^heads, path, "does not belong to a segment")
	default:
		c = k.condition(r, m, heads, path)
	}
	return c, k.faults.Found() == before
}

// stray faults members that have no business where they are.
func (k *checker) stray(m memberSet, path, why string) {
	for i, name := range Members {
		if m&(1<<i) != 0 {
			k.faults.Fault(fault.JoinPath(path, name), why)
		}
	}
}

// name judges a name.
func (k *checker) name(name, path string) {
	if problem := nameFault(name); problem != "" {
		k.faults.Fault(path, problem)
	}
}

// nameFault returns what is wrong with a name, "" for nothing.
func nameFault(name string) string {
	if name == "" {
		return "is empty"
	}
	return textFault(name)
}

// condition judges a condition and returns what to run. Faults of one member do
// not make others faulty.
func (k *checker) condition(r *Rule, m, head memberSet, path string) (c Condition) {
	subject, known := k.subject(r, m, head, path, &c)
	if head != hasEvent {
		k.stray(m&hasWhere, path, "stands only with an event")
		k.stray(m&hasOf, path, "stands only with an event")
		k.stray(m&hasSince, path, "stands only with an event")
	} else if known {
		k.of(r, m, path)
	}
	if m&hasSince != 0 && head == hasEvent && r.Since != SinceEntry {
		k.faults.Fault(fault.JoinPath(path, "since"), "is "+fault.Quote(r.Since)+`: it can only be "entry"`)
	}
	switch {
	case m&hasWithin == 0:
	case head != hasEvent || known && c.source != fromCount && !r.Stat.ofValues():
		k.faults.Fault(fault.JoinPath(path, "within"), `stands only with an event's "count" and with what has an "of"`)
	case r.Within.Total() <= 0:
		k.faults.Fault(fault.JoinPath(path, "within"), "must be longer than no time")
	case r.Within.Fault() != "":
		k.faults.Fault(fault.JoinPath(path, "within"), r.Within.Fault())
	default:
		c.within = r.Within.Millis()
	}
	class := r.Op.class()
	switch {
	case m&hasOp == 0:
		k.faults.Fault(fault.JoinPath(path, "op"), "is missing")
		return c
	case class == 0:
		if !known {
			subject = SubjectAny
		}
		k.faults.Fault(fault.JoinPath(path, "op"), "unknown operator "+fault.Quote(string(r.Op))+subject.suggest(r.Op))
		return c
	case !known:
		return c
	case !subject.suits(class):
		k.faults.Fault(fault.JoinPath(path, "op"), string(r.Op)+" does not suit the subject, which is "+subject.String()+": "+subject.takes())
		return c
	}
	c.negate = r.Op.negative()
	at := fault.JoinPath(path, "value")
	switch {
	case class == classPresence:
		c.test = testUnknown
		if m&hasValue != 0 {
			k.faults.Fault(at, string(r.Op)+" takes no value")
		}
	case m&hasValue == 0:
		k.faults.Fault(at, "is missing")
	default:
		k.value(&c, subject, class, r.Op, r.Value, at)
	}
	return c
}

// subject judges subject and stat, and tells where the value comes from.
func (k *checker) subject(r *Rule, m, head memberSet, path string, c *Condition) (t subjectType, known bool) {
	before := k.faults.Found()
	c.name = r.text(head)
	at := func() string { return fault.JoinPath(path, head.word()) } // nearly no subject needs it
	if problem := nameFault(c.name); problem != "" {
		k.faults.Fault(at(), problem)
	} else if head == hasMetadata {
		if message := event.KeyFault(c.name); message != "" {
			k.faults.Fault(at(), message) // no event can have it (M2)
		}
	}
	if head != hasEvent && head != hasMessage {
		k.stray(m&hasStat, path, "stands only with an event or a message")
	}
	switch head {
	case hasUser:
		standard := false
		if t, standard = standardAttribute(r.User); standard {
			c.source = fromStandard
		} else {
			c.source = fromUser
		}
	case hasCompany:
		c.source = fromCompany
	case hasMetadata:
		c.source = fromMetadata
	case hasPage:
		switch r.Page {
		case "url":
			c.source, t = fromPageURL, subjectText
		case "seconds":
			c.source, t = fromPageSeconds, subjectNumber
		default:
			if k.faults.Found() > before { // it is no name at all
				break
			}
			k.faults.Fault(at(), "unknown: a page has url and seconds"+fault.DidYouMean(r.Page, []string{"url", "seconds"}))
		}
	case hasEvent:
		if k.faults.Found() == before {
			if canonical, code := fold.EventName(r.Event); code != "" {
				k.faults.Fault(at(), fault.Quote(r.Event)+" is not an event name")
			} else {
				c.name = canonical
			}
		}
		return k.stat(r, m, path, c, eventStatistics...)
	case hasMessage:
		return k.stat(r, m, path, c, statisticSentCount, statisticLastSent)
	}
	return t, k.faults.Found() == before
}

// stat judges the stat of an event or a message.
func (k *checker) stat(r *Rule, m memberSet, path string, c *Condition, allowed ...Statistic) (t subjectType, known bool) {
	names := make([]string, len(allowed))
	known = false
	for i, s := range allowed {
		names[i] = string(s)
		known = known || r.Stat == s
	}
	if !known {
		problem := "is missing"
		if m&hasStat != 0 {
			problem = "unknown: " + fault.Quote(string(r.Stat)) + fault.DidYouMean(string(r.Stat), names)
		}
		k.faults.Fault(fault.JoinPath(path, "stat"), problem+"; it must be one of "+strings.Join(names, ", "))
		return SubjectAny, false
	}
	switch r.Stat {
	case statisticCount:
		c.source = fromCount
	case statisticFirst:
		c.source = fromFirst
	case statisticLast:
		c.source = fromLast
	case statisticSentCount:
		c.source = fromSentCount
	case statisticLastSent:
		c.source = fromLastSent
	case statisticSum:
		c.source = fromSum
		return subjectSum, true
	case statisticMin:
		c.source = fromMin
	case statisticMax:
		c.source = fromMax
	case statisticAverage:
		c.source = fromAverage
	case statisticDistinct:
		c.source = fromDistinct
	}
	switch c.source.kind() {
	case ofCount:
		return subjectCount, true
	case ofTotal:
		return subjectAmount, true
	}
	return subjectDate, true
}

// of judges the metadata key that a statistic is of.
func (k *checker) of(r *Rule, m memberSet, path string) {
	at := fault.JoinPath(path, "of")
	switch {
	case !r.Stat.ofValues():
		k.stray(m&hasOf, path, `stands only with an event's "sum", "min", "max", "average" and "distinct"`)
	case m&hasOf == 0:
		k.faults.Fault(at, "is missing: "+string(r.Stat)+" is of the values under a metadata key")
	case r.Of == "" || textFault(r.Of) != "":
		k.name(r.Of, at)
	default:
		if message := event.KeyFault(r.Of); message != "" {
			k.faults.Fault(at, message) // no event can have it (M2)
		}
	}
}
