package beckon

// A Series is a graph of blocks that a contact walks through (X1). Events,
// imports, visits, updates, merges and Due move its walks, and what these calls
// return has the messages that were reached; sweeps, checks and sends move none.
type Series struct {
	ID      string
	Status  Status
	Entry   Entry
	Exit    Rule
	Reenter bool
	Blocks  []Block // the walk begins at the first
}

// An Entry is what starts a walk: an event, a rule, or both. With an event the
// rule sees the state before it. A rule alone starts a walk when the contact begins
// to match, seen on each event, import, visit, update, merge and Due of the
// contact, as it is after that; who has matched already when the series is first
// published starts on the next of these. With [Series.Reenter] a walk starts again
// only if the contact has ceased to match meanwhile, and begins again while it is
// not walking. The trigger is an event with, if need be, a filter; dates and Unless
// are faults.
type Entry struct {
	Trigger  *Trigger
	Audience Rule
}

// A Block is one step of a series: exactly one of Wait, Rule, Message, Update
// and Exit is set, anything else is a fault on publish. A rule block goes on by
// Yes and No, all others by Next. One without Within waits for as long as it
// takes, and then has no No. When Within is over the rule is judged once more, as of
// that second and as things stood before whatever notices it, so that a Due that
// comes late takes the way of one on time (X3).
type Block struct {
	ID      string
	Wait    Duration
	Rule    *Rule
	Within  Duration // how long a rule block waits
	Yes, No string   // where a rule block goes
	Message *Message
	Update  *Update
	Exit    bool
	Next    string // empty ends the walk
}

// An Update changes the contact's attributes on the way.
type Update struct {
	Attributes Attributes
}
