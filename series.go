package beckon

// A Series is a graph of blocks that a contact walks through (X1).
type Series struct {
	ID      string
	Status  Status
	Entry   Entry
	Exit    Rule
	Reenter bool
	Blocks  []Block // the walk begins at the first
}

// An Entry is what starts a walk: an event, a rule, or both. With a rule alone
// an event, a visit or Due of a contact who matches starts it. The trigger is an event
// with, if need be, a filter; dates and Unless are faults.
type Entry struct {
	Trigger  *Trigger
	Audience Rule
}

// A Block is one step of a series: exactly one of Wait, Rule, Message, Update
// and Exit is set, anything else is a fault on publish. A rule block goes on by
// Yes and No, all others by Next. One without Within waits for as long as it
// takes, and then has no No.
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
