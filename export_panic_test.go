package beckon

import (
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/rule"
)

// BreakContent makes the content of a published message panic: what goes wrong
// in the library itself has no other way to be tried.
func BreakContent(e *Engine, id string) {
	for _, m := range e.states.Load().Plan.Messages {
		if m.ID == id {
			m.Content = nil
		}
	}
}

// BreakAudience makes the audience of a published message panic, wherever it is
// judged.
func BreakAudience(e *Engine, id string) {
	for _, m := range e.states.Load().Plan.Messages {
		if m.ID == id {
			l := m.Audience.Program.Start
			l.Op, l.Whole = rule.OpGeneric, nil
			if concerns := e.states.Load().Plan.Events[intern.Text(m.Event)]; concerns != nil && concerns.Quick != nil {
				concerns.Rests[m.Place-concerns.First] = l // where it shares what it asks
			}
		}
	}
}
