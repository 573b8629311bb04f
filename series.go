package beckon

// A Series is a graph of blocks that a contact walks through. Events, imports,
// visits, updates, merges and Due move walks, and return what these reach;
// sweeps, checks and sends move none. (X1)
type Series struct {
	ID      string
	Status  Status
	Entry   Entry
	Exit    Rule
	Reenter bool
	Blocks  []Block // the walk begins at the first
}

// An Entry starts a walk: an event, a rule, or both. With an event the rule
// sees the state before it. A rule alone starts a walk when the contact begins
// to match, seen after each event, import, visit, update, merge and Due; a
// contact that matches when the series is first published starts at the next of
// these. With Reenter it must have ceased to match meanwhile. Dates and Unless
// are faults. (X1, X4)
type Entry struct {
	Trigger  *Trigger
	Audience Rule
}

// A Block is one step of a series: exactly one of Wait, Rule, Message, Update
// and Exit is set. A rule block goes on by Yes and No, all others by Next.
// Without Within it waits as long as it takes and has no No. When Within is
// over, the rule is judged as of that second, over the state before whatever
// notices it, so a late Due takes the same way as one on time. (X3)
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
