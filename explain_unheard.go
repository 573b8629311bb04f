package beckon

import (
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
)

// unheard says that no message listens to an event, and which event was
// probably meant; empty if one listens, or a series, or a message that the event
// would cancel.
func (st *state) unheard(name unique.Handle[string]) string {
	p := st.plan
	if of := p.Events[name.Value()]; of != nil && len(of.Candidates) > 0 || p.Triggers[name] ||
		slices.ContainsFunc(p.Messages, func(m *plan.Message) bool { return m.Unless != nil && m.Unless.Event == name }) {
		return ""
	}
	var heard []string
	for event, of := range p.Events {
		if slices.ContainsFunc(of.Candidates, func(m *plan.Message) bool { return st.live[m.Place].status == plan.Live }) {
			heard = append(heard, event)
		}
	}
	for event := range p.Triggers {
		heard = append(heard, event.Value())
	}
	slices.Sort(heard) // of several that are as near, always the same
	note := "no message listens to " + fault.Shown(name.Value())
	if near := fault.Meant(name.Value(), heard); near != "" {
		note += "; did you mean " + fault.Shown(near) + "?"
	}
	return note
}
