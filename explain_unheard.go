package beckon

import (
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
)

// unheard says that no message listens to an event, and which event was
// probably meant; empty if one listens, or a series, or a message that the event
// would cancel.
func (st *state) unheard(name unique.Handle[string]) string {
	p := st.plan
	if of := p.events[name.Value()]; of != nil && len(of.candidates) > 0 || p.triggers[name] ||
		slices.ContainsFunc(p.messages, func(m *messagePlan) bool { return m.unless != nil && m.unless.event == name }) {
		return ""
	}
	var heard []string
	for event, of := range p.events {
		if slices.ContainsFunc(of.candidates, func(m *messagePlan) bool { return st.live[m.place].status == statusLive }) {
			heard = append(heard, event)
		}
	}
	for event := range p.triggers {
		heard = append(heard, event.Value())
	}
	slices.Sort(heard) // of several that are as near, always the same
	note := "no message listens to " + fault.Shown(name.Value())
	if near := fault.Meant(name.Value(), heard); near != "" {
		note += "; did you mean " + fault.Shown(near) + "?"
	}
	return note
}
