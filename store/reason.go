package store

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
