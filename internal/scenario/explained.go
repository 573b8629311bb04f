package scenario

import (
	"context"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/ojson"
)

// explained returns why a step will decide as it will; it is asked before the step, while
// the state is the one that the step judges. Nil for a step that concerns many contacts,
// or that will be refused: its own errors say why.
func (r *runner) explained(ctx context.Context, s *step) (why []beckon.MessageTrace) {
	r.guard(func() (out Outcome, err error) {
		switch s.verb {
		case "track":
			event, bad := beckon.ParseEvent(s.body(new(ojson.Text)))
			if bad != nil {
				return out, bad
			}
			why, err = r.engine.Explain(ctx, event)
		case "contact":
			contact, bad := beckon.ParseContact(s.arg)
			if bad != nil {
				return out, bad
			}
			why, err = r.engine.Explain(ctx, contact)
		case "visit":
			visit, bad := beckon.ParseVisit(s.arg)
			if bad != nil {
				return out, bad
			}
			why, err = r.engine.Explain(ctx, visit)
		case "check":
			who, bad := beckon.ParseIdentity(s.arg)
			if bad != nil {
				return out, bad
			}
			why, err = r.engine.Explain(ctx, beckon.AtSweep(who))
		case "send_to":
			who, m, bad := composed(s)
			if bad != nil {
				return out, bad
			}
			why, err = r.engine.Explain(ctx, beckon.AtSendTo(who, m))
		}
		return out, err
	})
	return why
}

// firstOf returns which trace is meant by a message, which may be named as message@company.
// Of one that is judged once for each company it is the first.
func firstOf(why []beckon.MessageTrace) map[string]int {
	first := make(map[string]int, 2*len(why))
	for i := len(why) - 1; i >= 0; i-- {
		if w := &why[i]; w.Message != "" {
			first[w.Message] = i
			first[w.Message+"@"+w.CompanyID] = i
		}
	}
	return first
}

// unheard says that nothing listens to the event of a step, which has decided nothing;
// empty if that is not so.
func unheard(s *step, why []beckon.MessageTrace, out *Outcome) string {
	if s.verb != "track" || out.Result == nil || len(out.Result.Deliveries)+len(out.Result.Held) > 0 {
		return ""
	}
	if len(why) == 1 && why[0].Message == "" {
		return why[0].Note
	}
	return ""
}
