package beckon

// BreakContent makes the content of a published message panic: what goes wrong
// in the library itself has no other way to be tried.
func BreakContent(e *Engine, id string) {
	for _, m := range e.states.p.Load().plan.messages {
		if m.id == id {
			m.content = nil
		}
	}
}

// BreakAudience makes the audience of a published message panic.
func BreakAudience(e *Engine, id string) {
	for _, m := range e.states.p.Load().plan.messages {
		if m.id == id {
			m.audience.program.start.op, m.audience.program.start.whole = opAny, nil
		}
	}
}
