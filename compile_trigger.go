package beckon

import (
	"unicode/utf8"
	"unique"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/dates"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rule"
)

// trigger compiles an event rule (T1, T3, T6), a date rule (T5), a change (T7) or a
// segment (T8).
func (k *compiler) trigger(m *plan.Message, t *Trigger, path string) {
	if t.Attribute == "" {
		k.onlyChanges(t, path)
	}
	switch {
	case t.Event == "" && t.EventDate != "" && t.Date == "" && t.Attribute == "" && t.Enters+t.Leaves == "":
		k.faults.Fault(path+".date", "only an event has metadata: name an attribute, or an event beside it")
		return
	case t.Event == "" && t.Date == "" && t.Attribute == "" && t.Enters+t.Leaves == "":
		k.faults.Fault(path, "expected an event, a date, an attribute or a segment")
		return
	case t.Leaves != "" && (t.Event+t.Date+t.Attribute != "" || t.Enters != ""):
		k.faults.Fault(path+".leaves", onlyOne)
		return
	case t.Enters != "" && t.Event+t.Date+t.Attribute != "":
		k.faults.Fault(path+".enters", onlyOne)
		return
	case t.Attribute != "" && (t.Event != "" || t.Date != ""):
		k.faults.Fault(path+".attribute", onlyOne)
		return
	case t.Enters != "":
		k.crossing(m, t, t.Enters, path, ".enters")
		return
	case t.Leaves != "":
		k.crossing(m, t, t.Leaves, path, ".leaves")
		return
	case t.Attribute != "":
		k.change(m, t, path)
		return
	case t.Event != "" && t.Date != "":
		k.faults.Fault(path+".date", "a trigger has an event or a date of the contact, not both: the event's own is {\"metadata\": key}")
		return
	case t.Date != "" && t.EventDate != "":
		k.faults.Fault(path+".date", "a date is the contact's or the event's, not both")
		return
	case t.Date != "":
		m.Date, m.Dates = t.Date, k.dates(t, path)
		k.repeats(m, t, path)
		if t.Absence != nil {
			k.faults.Fault(path+".unless", "a date rule has no unless")
		}
		if t.Recheck {
			k.faults.Fault(path+".recheck", "a date rule judges the audience when it sends")
		}
		if !t.Filter.IsZero() {
			k.faults.Fault(path+".where", "a date rule has no event to look at")
		}
		if len(t.Date) > MaxIDLength || !plainText(t.Date) {
			k.faults.Fault(path+".date", "expected the name of a user attribute")
		}
		return
	}
	m.Event = k.eventName(t.Event, path+".event")
	m.Where = k.rule(t.Filter, rule.OfTrigger, path+".where")
	k.onlyDates(t, path, t.EventDate != "")
	if t.Absence != nil {
		m.Wait = k.absence(t.Absence, path+".unless", t.EventDate != "")
	} else if t.EventDate != "" {
		m.Wait = &plan.Wait{}
	}
	switch {
	case m.Wait != nil:
		m.Wait.Recheck = t.Recheck
	case t.Recheck:
		k.faults.Fault(path+".recheck", "only a message that waits is judged again")
	}
	if t.EventDate != "" {
		m.Wait.Date, m.Dates = t.EventDate, k.dates(t, path)
		if !m.Dates.HasInstant() { // from the very second of the date
			m.Dates.Timed, m.Dates.Elapsed = true, m.Dates.Days*calendar.DaySeconds
			m.Dates.Days = 0
		}
		k.metadataKey(t.EventDate, path+".date.metadata")
	}
}

// dates compiles when a date rule is due. Its zone is known when the schedule is.
func (k *compiler) dates(t *Trigger, path string) *dates.Rule {
	r := &dates.Rule{At: -1, Zone: k.plan.Loc}
	days, whole := t.Offset.Days()
	switch most := Days(MaxOffsetDays).millis(); {
	case t.Offset.millis() > most || t.Offset.millis() < -most:
		k.faults.Fault(path+".offset", "expected at most "+itoa(MaxOffsetDays)+" days")
	case whole || t.Offset.IsZero() || t.Offset.String() == "0s": // none is the day itself
		r.Days = days
	case t.Time != "":
		k.faults.Fault(path+".offset", "expected whole days beside a time of day")
	case t.Offset.millis()%Minutes(1).millis() != 0:
		k.faults.Fault(path+".offset", "expected days, hours or minutes")
	default:
		r.Timed, r.Elapsed = true, t.Offset.millis()/1000
	}
	if t.Time != "" {
		at, ok := t.Time.seconds()
		if !ok || at == calendar.DaySeconds {
			k.faults.Fault(path+".at", fault.Quote(string(t.Time))+" is not a time of day: write it as 09:00, up to 23:59")
		}
		r.At = at
	}
	return r
}

// repeats compiles what only the date of a contact has: it occurs again, and is shown
// in-app for a time.
func (k *compiler) repeats(m *plan.Message, t *Trigger, path string) {
	switch t.Repeat {
	case "":
	case Daily:
		m.Dates.Every = dates.Day
	case Weekly:
		m.Dates.Every = dates.Week
	case Monthly:
		m.Dates.Every = dates.Month
	case Yearly:
		m.Dates.Every = dates.Year
	default:
		k.faults.Fault(path+".every", fault.Quote(string(t.Repeat))+" is not a period: write year, month, week or day")
	}
	switch {
	case t.Span.IsZero():
	case plan.Sweeps(m.Channel):
		k.faults.Fault(path+".for", "only in-app channels show it for a time: "+plan.SweptList()+" is sent once")
	case t.Span.millis() <= 0:
		k.faults.Fault(path+".for", "expected a time above zero")
	case checkDuration(k.faults, t.Span, path+".for"):
		m.Dates.For = t.Span.millis() / 1000
	}
	if doc, err := t.MarshalJSON(); err == nil {
		m.DateText = string(doc)
	}
}

// onlyDates refuses what belongs to a date where there is none, and what belongs to one
// of the contact's where it is the event's.
func (k *compiler) onlyDates(t *Trigger, path string, own bool) {
	only := func(is bool, field, message string) {
		if is {
			k.faults.Fault(path+"."+field, message)
		}
	}
	only(!own && !t.Offset.IsZero(), "offset", "only a date has an offset")
	only(!own && t.Time != "", "at", "only a date has a time of day")
	only(t.Repeat != "", "every", "only a date of the contact occurs again")
	only(!t.Span.IsZero(), "for", "only a date of the contact is shown for a time")
}

// metadataKey refuses keys that no event can have (M2).
func (k *compiler) metadataKey(key, path string) {
	if message := event.KeyFault(key); !utf8.ValidString(key) {
		k.faults.Fault(path, "is not valid UTF-8")
	} else if message != "" {
		k.faults.Fault(path, message)
	}
}

// absence compiles what must not follow (T6). Where the event waits for a date of its
// own, that is the time.
func (k *compiler) absence(u *Unless, path string, dated bool) *plan.Wait {
	w := &plan.Wait{Same: u.Same}
	if len(u.Or) >= MaxUnless {
		k.faults.Fault(path, "more than "+itoa(MaxUnless)+" events")
		return w
	}
	add := func(u *Unless, at string) {
		f := plan.Follower{Event: k.eventName(u.Event, at+".event"), Within: u.Within.Elapsed().Milliseconds()}
		switch {
		case dated && !u.Within.IsZero():
			k.faults.Fault(at+".within", "it is looked for up to the date of the event")
		case !dated && f.Within <= 0:
			k.faults.Fault(at+".within", "expected a time above zero")
		}
		checkDuration(k.faults, u.Within, at+".within")
		w.Followers, w.Within = append(w.Followers, f), max(w.Within, f.Within)
		if fold.Key(u.Same) != fold.Key(w.Same) {
			k.faults.Fault(at+".same", "expected the key of the first, "+fault.Quote(w.Same)+": all name the same key, or none")
		} else if u.Same != "" {
			k.metadataKey(u.Same, at+".same")
		}
	}
	if u.Or == nil {
		add(u, path)
		return w
	}
	add(u, path+"[0]")
	for i := range u.Or {
		at := path + "[" + itoa(i+1) + "]"
		if u.Or[i].Or != nil {
			k.faults.Fault(at, "one of several has no others of its own")
		}
		add(&u.Or[i], at)
	}
	return w
}

// onlyOne is the fault of a trigger on several things.
const onlyOne = "a trigger has one of an event, a date, an attribute and a segment"

// crossing compiles a trigger on a segment (T8), which stands at field.
func (k *compiler) crossing(m *plan.Message, t *Trigger, segment, path, field string) {
	var faults fault.List
	alone := *k.rules
	alone.Faults = &faults
	m.Crossing = &plan.Crossing{Name: segment, Segment: rule.Compile(&rule.Rule{Segment: segment}, &alone, rule.OfContact, ""), Leaves: t.Leaves != ""}
	for _, x := range faults {
		k.faults.Fault(path+field, x.Message)
	}
	if !t.Filter.IsZero() {
		k.faults.Fault(path+".where", "a trigger on a segment has no metadata to look at; narrow it by the audience")
	}
	k.noEvent(t, path, "a trigger on a segment")
}

// noEvent refuses what only an event that triggers, or a date, may have.
func (k *compiler) noEvent(t *Trigger, path, what string) {
	if t.Absence != nil {
		k.faults.Fault(path+".unless", what+" has no unless")
	}
	if t.Recheck {
		k.faults.Fault(path+".recheck", what+" waits for nothing")
	}
	if t.EventDate != "" {
		k.faults.Fault(path+".date", "only an event has a date of its own")
	}
	k.onlyDates(t, path, false)
}

// change compiles a trigger on a change of an attribute (T7).
func (k *compiler) change(m *plan.Message, t *Trigger, path string) {
	m.Change = &plan.Change{Attribute: t.Attribute}
	switch {
	case !plainText(t.Attribute):
		k.faults.Fault(path+".attribute", "expected the name of a user attribute")
	case utf8.RuneCountInString(t.Attribute) > MaxAttributeName:
		k.faults.Fault(path+".attribute", "longer than "+itoa(MaxAttributeName)+" characters")
	default:
		m.Change.From = k.changed(t.Attribute, t.Old, path+".from")
		m.Change.To = k.changed(t.Attribute, t.New, path+".to")
	}
	m.Where = k.rule(t.Filter, rule.OfTrigger, path+".where")
	k.noEvent(t, path, "a change of an attribute")
}

// changed returns what an attribute is to change from or to, in the form in which the
// attribute is kept; nil is any value.
func (k *compiler) changed(name string, v *Value, path string) *repr.Value {
	if v == nil {
		return nil
	}
	var errs fault.List
	list := attribute.Checker{Zones: &calendar.ZoneCache{}, Loc: k.plan.Loc}.Contact(Attributes{name: *v}, "", &errs)
	for _, x := range errs {
		k.faults.Fault(path, x.Message)
	}
	return peek.Of(&list[0].Value)
}

// onlyChanges refuses the values of a change where there is none.
func (k *compiler) onlyChanges(t *Trigger, path string) {
	const message = "only a trigger on an attribute has a value before and after"
	if t.Old != nil {
		k.faults.Fault(path+".from", message)
	}
	if t.New != nil {
		k.faults.Fault(path+".to", message)
	}
}

// eventName returns the canonical form of an event name that a program names.
func (k *compiler) eventName(name, path string) unique.Handle[string] {
	canonical, code := fold.EventName(name)
	if code != "" {
		k.faults.Fault(path, fold.EventNameFault(name, code))
	}
	return unique.Make(canonical)
}
