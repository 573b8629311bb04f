package beckon

import (
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/rule"
)

// BreakContent makes the content of a published message panic: what goes wrong
// in the library itself has no other way to be tried.
func BreakContent(e *Engine, id string) {
	for _, m := range e.states.p.Load().plan.messages {
		if m.id == id {
			m.content = nil
		}
	}
}

// BreakAudience makes the audience of a published message panic, wherever it is
// judged.
func BreakAudience(e *Engine, id string) {
	for _, m := range e.states.p.Load().plan.messages {
		if m.id == id {
			l := m.audience.Program.Start
			l.Op, l.Whole = rule.OpGeneric, nil
			if concerns := e.states.p.Load().plan.events[intern.Text(m.event)]; concerns != nil && concerns.quick != nil {
				concerns.quick[m.place-concerns.first].rest = l // where it shares what it asks
			}
		}
	}
}
