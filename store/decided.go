package store

// A Decided is what was decided of a message for a contact, kept because the host has asked
// for it: that it was sent, or that it was held. A hold that comes again is one with a Count.
type Decided struct {
	Occasion string // as package observe names it
	Event    string // canonical name of the event that it was about; empty: none
	Message  string
	Company  string
	Sequence uint32 // of what was sent; 0: it was held
	Reason   Reason // why it was held; empty: it was sent
	Cap      string // ID of the cap that held it
	First    int64  // Unix milliseconds of the first of them
	Last     int64  // and of the latest, which Occasion and Event are those of
	Count    uint32
	Program  uint64 // under which program; 0: under none
}

// leastDecided is the fewest bytes that one takes.
const leastDecided = 11

func codeDecided(c *coder, d *Decided) {
	c.text(&d.Occasion)
	c.text(&d.Event)
	c.text(&d.Message)
	c.text(&d.Company)
	c.uint32(&d.Sequence)
	c.text((*string)(&d.Reason))
	c.text(&d.Cap)
	c.int64(&d.First)
	took := d.Last - d.First // short, and mostly 0
	c.int64(&took)
	c.uint32(&d.Count)
	c.uint64(&d.Program)
	if c.reading {
		d.Last = d.First + took
	}
}

// A Reason says why a message was held. Reasons are judged in the order in
// which they stand here; the first that applies is reported.
type Reason string

// The reasons.
const (
	ReasonNotLive      Reason = "not_live"      // the message is a draft, paused or stopped, or goes live later (T2, D7)
	ReasonSource       Reason = "source"        // events of this source do not trigger its channel (D6)
	ReasonFilter       Reason = "filter"        // the trigger's where does not hold, or it is not the day of its date (T3, T5)
	ReasonAudience     Reason = "audience"      // the contact is not in the audience (A)
	ReasonAlreadySent  Reason = "already_sent"  // it goes out once, and has (D2, D5)
	ReasonWaiting      Reason = "waiting"       // first it must be seen that another event does not follow (T6)
	ReasonWaitingFull  Reason = "waiting_full"  // it would wait, but too much waits for the contact already (T6, S2)
	ReasonSchedule     Reason = "schedule"      // it is outside of its hours, its start or its stop (S1, S2)
	ReasonQuiet        Reason = "quiet"         // quiet hours of the program concern its channel (S4)
	ReasonSnoozed      Reason = "snoozed"       // the contact is snoozed (S4)
	ReasonUnsubscribed Reason = "unsubscribed"  // the contact does not want its channel, or its tag (D11)
	ReasonMaxReached   Reason = "max_reached"   // the contact has had it as often as its frequency allows (F1)
	ReasonThrottled    Reason = "throttled"     // the contact has had it too recently (F1, F2)
	ReasonControl      Reason = "control"       // the contact is in its control group (D10)
	ReasonCapped       Reason = "capped"        // a cap across messages has no room (F5)
	ReasonOutboxFull   Reason = "outbox_full"   // too many deliveries of the contact are pending (Z1)
	ReasonMissingValue Reason = "missing_value" // a variable that it insists on is unknown (R3)
	ReasonFailed       Reason = "failed"        // judging or rendering this message broke; the others went on
)
