package beckon

// On returns a trigger on an event (T1).
func On(event string) *Trigger { return &Trigger{Event: event} }

// Where returns the same trigger, narrowed by a rule over the event's metadata
// and the page the contact is on (T3). Conditions on the contact, its companies,
// counts, earlier messages and segments are accepted as well, and see what an
// audience sees: the state before the event. A candidate that they refuse is held
// filter, where the audience says audience. t itself stays as it is; a filter that it
// has is replaced.
func (t *Trigger) Where(rule Rule) *Trigger {
	narrowed := *t
	narrowed.Filter = rule
	return &narrowed
}

// Unless returns the same trigger, held back until it is sure that another
// event did not follow within the time (T6). same names the metadata key
// whose value must be the same on both sides; empty: any follower counts. t
// itself stays as it is.
func (t *Trigger) Unless(event string, within Duration, same string) *Trigger {
	held := *t
	held.Absence = &Unless{Event: event, Within: within, Same: same}
	return &held
}

// OnDate returns a trigger on a date attribute of the user (T5): offset is in
// whole days, negative before the date.
func OnDate(attribute string, offset Duration) *Trigger {
	return &Trigger{Date: attribute, Offset: offset}
}
