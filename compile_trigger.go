package beckon

import (
	"unicode/utf8"
	"unique"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
)

// trigger compiles an event rule (T1, T3, T6) or a date rule (T5).
func (k *compiler) trigger(m *plan.Message, t *Trigger, path string) {
	switch {
	case t.Event == "" && t.Date == "":
		k.faults.Fault(path, "expected an event or a date")
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
	if u := t.Absence; u != nil {
		m.Unless = &plan.Unless{Event: k.eventName(u.Event, path+".unless.event"), Within: u.Within.Elapsed().Milliseconds(), Same: u.Same}
		if m.Unless.Within <= 0 {
			k.faults.Fault(path+".unless.within", "expected a time above zero")
		}
		checkDuration(k.faults, u.Within, path+".unless.within")
		switch message := event.KeyFault(u.Same); {
		case u.Same == "":
		case !utf8.ValidString(u.Same):
			k.faults.Fault(path+".unless.same", "is not valid UTF-8")
		case message != "":
			k.faults.Fault(path+".unless.same", message) // no event can have it (M2)
		}
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
