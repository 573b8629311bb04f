package beckon

// On returns a trigger on an event. (T1)
func On(event string) *Trigger { return &Trigger{Event: event} }

// Where returns the same trigger with a rule instead of the one it has: over
// metadata, the page, and all that an audience sees, before the event. What it
// refuses is held filter, not audience. t stays as it is. (T3)
func (t *Trigger) Where(rule Rule) *Trigger {
	narrowed := *t
	narrowed.Filter = rule
	return &narrowed
}

// Unless returns the same trigger, held back until another event did not follow
// within the time. same is the metadata key whose value both must share; empty:
// any follower counts. t stays as it is. (T6)
func (t *Trigger) Unless(event string, within Duration, same string) *Trigger {
	held := *t
	held.Absence = &Unless{Event: event, Within: within, Same: same}
	return &held
}

// OnDate returns a trigger on a date attribute of the user, with an offset in
// whole days, negative before it. (T5)
func OnDate(attribute string, offset Duration) *Trigger {
	return &Trigger{Date: attribute, Offset: offset}
}
