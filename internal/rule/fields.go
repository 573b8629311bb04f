package rule

import (
	"unique"

	"github.com/beckon-go/beckon/internal/event"
)

// Whose a field is that stands in the place of a value (A11).
const (
	fieldOfUser    = "user"
	fieldOfCompany = "company"
	fieldOfEvent   = "metadata"
	fieldOfTrigger = "trigger" // metadata of the event that triggers the message (A14)
)

// fields are all of them, as a rule's JSON has them.
var fields = [...]string{fieldOfUser, fieldOfCompany, fieldOfEvent, fieldOfTrigger} //nolint:gochecknoglobals // a table that nothing writes to

// Field returns what a field holds: of is "user", "company", "metadata" or "trigger".
func Field(of, name string) Operand { return Operand{kind: operandField, num: of, text: name} }

// IsField reports whether the operand is what a field holds.
func (o Operand) IsField() bool { return o.kind == operandField }

// field returns where the value comes from that the condition is compared with; nil if
// the rule has it.
func (c *Condition) field() *Condition {
	if c.x == nil {
		return nil
	}
	return c.x.field
}

// field judges an operand that is a field, or a list with one in it.
func (k *checker) field(c *Condition, t subjectType, class opClass, op Operator, o Operand, path string) {
	switch {
	case op == operatorBetween:
		k.faults.Fault(path, "between takes two numbers, and no field: write at_least and at_most")
		return
	case o.kind == operandList:
		k.faults.Fault(path, "a field cannot stand in a list: it stands for the whole list")
		return
	case class == classSpan:
		k.faults.Fault(path, `a duration is written out, such as "7d": a field cannot stand for it`)
		return
	}
	k.name(o.text, path)
	f := &Condition{name: o.text}
	switch o.num {
	case fieldOfUser:
		f.source = fromUser
		if own, standard := standardAttribute(o.text); standard {
			f.source = fromStandard
			k.never(o.text, own, class.compares(t), path)
		}
	case fieldOfCompany:
		f.source = fromCompany
	default:
		if f.source = fromMetadata; o.num == fieldOfTrigger {
			f.source = fromTrigger
		}
		if o.text != "" && textFault(o.text) == "" {
			if message := event.KeyFault(o.text); message != "" {
				k.faults.Fault(path, message) // no event can have it (M2)
			}
		}
	}
	c.x = &operands{field: f}
	switch class {
	case classEqual:
		c.test, c.signs = testSame, signEqual
	case classIn:
		c.test = testIn
	case classText:
		c.test = textTestOf(op)
	case classOrder:
		c.test, c.signs = testCompare, signsOf(op)
	case classDay:
		c.test, c.signs, c.calendar = testSpan, daySigns(op), true
	case classList:
		if c.test = testListAny; op == operatorContainsAll {
			c.test = testListAll
		}
	}
}

// daySigns returns how a date compares with another for an operator on days; the same
// is the same day.
func daySigns(op Operator) uint8 {
	switch op {
	case operatorAfter:
		return signGreater
	case operatorBefore:
		return signLess
	}
	return signEqual
}

// compares returns what an operator of the family compares a subject of the type with.
func (class opClass) compares(t subjectType) subjectType {
	switch {
	case class == classIn || class == classList:
		return subjectList
	case class == classDay:
		return subjectDate
	case class == classText || t == subjectText:
		return subjectText
	case class == classOrder || t != SubjectAny:
		return subjectNumber
	}
	return SubjectAny
}

// never faults a standard attribute that can never be what it is compared as (A8).
func (k *checker) never(name string, own, need subjectType, path string) {
	if need != SubjectAny && need != own {
		k.faults.Fault(path, name+" is "+own.String()+", and never "+need.String())
	}
}

// placeField judges whether a field may stand where it does, and notes what it uses.
func (e *emitter) placeField(f *Condition, path string) {
	switch {
	case f.source == fromMetadata:
		e.out.usesMetadata = true
		if e.ctx < OfTrigger {
			e.fault(path, "metadata stands only in a trigger's where and in an event condition's where")
		}
	case f.source == fromTrigger:
		if e.out.usesTrigger = true; e.ctx != OfEvent || !e.of.triggered() {
			e.fault(path, "the triggering event can be compared with only in an event condition's where, in the trigger or the audience of a message that an event or a change of an attribute triggers")
		}
	case e.ctx == OfEvent:
		e.fault(path, "in an event condition's where only metadata and the triggering event can be compared with")
	case f.source == fromCompany:
		e.out.UsesCompany = true
	default:
		f.handle = unique.Make(f.name)
		f.slot = e.Slots.of(f.handle)
	}
}
