package beckon

import (
	"unicode/utf8"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rule"
)

// trigger compiles an event rule (T1, T3, T6), a date rule (T5) or a change (T7).
func (k *compiler) trigger(m *plan.Message, t *Trigger, path string) {
	if t.Attribute == "" {
		k.onlyChanges(t, path)
	}
	switch {
	case t.Event == "" && t.Date == "" && t.Attribute == "":
		k.faults.Fault(path, "expected an event, a date or an attribute")
		return
	case t.Attribute != "" && (t.Event != "" || t.Date != ""):
		k.faults.Fault(path+".attribute", "a trigger has an event, a date or an attribute, not several")
		return
	case t.Attribute != "":
		k.change(m, t, path)
		return
	case t.Event != "" && t.Date != "":
		k.faults.Fault(path+".date", "a trigger has an event or a date, not both")
		return
	case t.Date != "":
		m.Date = t.Date
		days, _ := t.Offset.Days() // none is the day itself
		if t.Offset.millis() != Days(int(days)).millis() {
			k.faults.Fault(path+".offset", "expected whole days")
		} else if days < -MaxOffsetDays || days > MaxOffsetDays {
			k.faults.Fault(path+".offset", "expected at most "+itoa(MaxOffsetDays)+" days")
		}
		m.Offset = int(days)
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
	if !t.Offset.IsZero() {
		k.faults.Fault(path+".offset", "only a date rule has an offset")
	}
	if t.Absence != nil {
		m.Wait = k.absence(t.Absence, path+".unless")
		m.Wait.Recheck = t.Recheck
	} else if t.Recheck {
		k.faults.Fault(path+".recheck", "only a message that waits for an absence is judged again")
	}
}

// absence compiles what must not follow (T6).
func (k *compiler) absence(u *Unless, path string) *plan.Wait {
	w := &plan.Wait{Same: u.Same}
	if len(u.Or) >= MaxUnless {
		k.faults.Fault(path, "more than "+itoa(MaxUnless)+" events")
		return w
	}
	add := func(u *Unless, at string) {
		f := plan.Follower{Event: k.eventName(u.Event, at+".event"), Within: u.Within.Elapsed().Milliseconds()}
		if f.Within <= 0 {
			k.faults.Fault(at+".within", "expected a time above zero")
		}
		checkDuration(k.faults, u.Within, at+".within")
		w.Followers, w.Within = append(w.Followers, f), max(w.Within, f.Within)
		switch message := event.KeyFault(u.Same); {
		case fold.Key(u.Same) != fold.Key(w.Same):
			k.faults.Fault(at+".same", "expected the key of the first, "+fault.Quote(w.Same)+": all name the same key, or none")
		case u.Same == "":
		case !utf8.ValidString(u.Same):
			k.faults.Fault(at+".same", "is not valid UTF-8")
		case message != "":
			k.faults.Fault(at+".same", message) // no event can have it (M2)
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
	if t.Absence != nil {
		k.faults.Fault(path+".unless", "a change of an attribute has no unless")
	}
	if t.Recheck {
		k.faults.Fault(path+".recheck", "a change of an attribute waits for nothing")
	}
	if !t.Offset.IsZero() {
		k.faults.Fault(path+".offset", "only a date rule has an offset")
	}
}

// changed returns what an attribute is to change from or to, in the form in which the
// attribute is kept; nil is any value.
func (k *compiler) changed(attribute string, v *Value, path string) *repr.Value {
	if v == nil {
		return nil
	}
	var errs fault.List
	e := Engine{shared: &shared{zones: &calendar.ZoneCache{}}}
	list := e.attributes(Attributes{attribute: *v}, "", true, k.plan.Loc, &errs)
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
		k.faults.Fault(path, "not an event name: "+string(code))
	}
	return unique.Make(canonical)
}
