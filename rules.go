package beckon

// A Rule is a condition on a contact, or a group of rules. It is the JSON
// document itself, field for field; the zero Rule is no rule at all.
type Rule struct {
	All, Any []Rule // groups; not nil but empty: true, false
	Not      *Rule

	// The subject of a condition: exactly one is set.
	User, Company, Event, Metadata, Page, Message, Segment string

	Stat   Stat
	Op     Op
	Value  Operand
	Within Duration // a sliding window for a count (A7)
	Where  *Rule    // a rule over the metadata of the events counted (A7)
}

// A Stat is what of an event or a message a condition is about.
type Stat string

// The statistics.
const (
	StatCount     Stat = "count"
	StatFirst     Stat = "first"
	StatLast      Stat = "last"
	StatSentCount Stat = "sent_count"
	StatLastSent  Stat = "last_sent"
)

// An Op is an operator (A4).
type Op string

// An Operand is the value on the right of a condition's operator.
type Operand struct{ any any }
