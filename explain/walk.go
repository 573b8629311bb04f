package explain

import (
	"time"

	"github.com/beckon-go/beckon/store"
)

// A WalkState is where in a series a contact is.
type WalkState string

// The states of walks.
const (
	NeverBegan WalkState = "never_began"
	Walking    WalkState = "walking"
	Finished   WalkState = "finished" // it came to an end
	Exited     WalkState = "exited"   // the exit rule ended it, each time that it was entered
)

// A BlockKind is what a block of a series does.
type BlockKind string

// The kinds of blocks.
const (
	RuleBlock      BlockKind = "rule"
	WaitBlock      BlockKind = "wait"
	WaitUntilBlock BlockKind = "wait_until"
	MessageBlock   BlockKind = "message"
	UpdateBlock    BlockKind = "update"
	SplitBlock     BlockKind = "split"
	ExitBlock      BlockKind = "exit"
)

// A Walk says where a contact stands in a series, what it waits for, and, of one that is
// not under way, why it has not begun (X1).
type Walk struct {
	Series  string    `json:"series"`
	State   WalkState `json:"state"`
	Live    *Live     `json:"live"`
	Unknown bool      `json:"unknown,omitempty"` // nobody is known by the identity that was given
	Note    string    `json:"note,omitempty"`    // what the other fields do not say, in words
	Entered time.Time `json:"entered,omitzero"`  // the latest entry
	Entries int       `json:"entries,omitempty"`
	Exits   int       `json:"exits,omitempty"` // how often the exit rule has ended it

	Block   string       `json:"block,omitempty"` // at which it stands
	Kind    BlockKind    `json:"kind,omitempty"`
	Since   time.Time    `json:"since,omitzero"`    // it came there
	Until   time.Time    `json:"until,omitzero"`    // time alone takes it on, or has it judged again, then; zero: never
	For     store.Reason `json:"for,omitempty"`     // at a message: why it waits: schedule, quiet, snoozed or outbox_full
	Ends    time.Time    `json:"ends,omitzero"`     // at a rule: its time is up then, and the walk goes on as if it did not hold
	Rule    *Rule        `json:"rule,omitempty"`    // of the block at which it stands, as of now
	Message *Message     `json:"message,omitempty"` // at which it stands

	NextMessage string    `json:"next_message,omitempty"` // if nothing but time passes, it sends this next
	NextAt      time.Time `json:"next_at,omitzero"`       // and then

	Exit  *Rule  `json:"exit,omitempty"`  // the rule that ends the walk, as of now; nil if there is none
	Entry *Entry `json:"entry,omitempty"` // of a walk that is not under way
}

// An Entry says what a walk begins with, and how that stands.
type Entry struct {
	Event    string    `json:"event,omitempty"` // that begins it; empty: to begin to match Audience does
	Where    string    `json:"where,omitempty"` // the rule on the event, as JSON
	Audience *Rule     `json:"audience,omitempty"`
	Count    int       `json:"count,omitempty"`   // how often the contact had the event
	Last     time.Time `json:"last,omitzero"`     // and when last
	Matched  bool      `json:"matched,omitempty"` // of one by audience: it matched when it was last seen, and so must cease to first
	Again    bool      `json:"again,omitempty"`   // the series may be entered again
	From     time.Time `json:"from,omitzero"`     // it may be entered from then on
	Left     int       `json:"left,omitempty"`    // so many entries are left; 0: any number, or none if Spent
	Spent    bool      `json:"spent,omitempty"`   // it may not be entered any more
	Barred   bool      `json:"barred,omitempty"`  // the exit rule holds, which bars entry
	Why      string    `json:"why"`               // why it is not under way, in words
}
