package beckon

import (
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// prefilter returns a filter for the contacts for whom a run over the decision's
// messages has something to decide or to write, and what is held of each
// contact that the filter leaves out, so that totals are the same with and
// without it (Z2). It is nil where that cannot be told beforehand.
//
// Besides the audiences of its messages, a sweep of a contact builds counters
// that a rule asked for. So it must meet those contacts too, or what is recorded
// would depend on the store.
func (d *decision) prefilter() (f *store.Filter, held []lookedAt) {
	var list []*store.Filter
	asked := 0
	counters, segments := map[*rule.CounterDef]bool{}, map[*rule.Segment]bool{}
	for _, m := range d.in.messages {
		reason := plan.HeldAudience
		switch {
		case m.UsesCompany && m.Mode != plan.Triggered:
			return nil, nil // held once for each company of the contact
		case d.in.now < d.in.st.since[m.Place]:
			reason = plan.HeldNotLive
		case m.Date != "":
			// Its audience is no part of the filter: anyone who it leaves out was
			// held for the date, which is judged first.
			list = append(list, rule.DateFilter(m.Date, m.Offset, d.in.now, d.in.st.plan.Loc))
			reason = plan.HeldFilter
		default:
			f := rule.FilterOf(m.Audience, d.in.now, d.in.st.plan.Loc)
			if !rule.HoldsNever(f) {
				asked++
			}
			if f == nil || asked > rule.MaxFilterLeaves {
				return nil, nil // one of any that is not known, or too many
			}
			list = append(list, f)
		}
		if reason != plan.HeldNotLive {
			list = append(list, rule.LacksFilters(m.Audience, counters, segments)...)
		}
		held = append(held, lookedAt{m.Index, reason})
	}
	f, _ = rule.BoundFilter(rule.FilterAny(list...), rule.MaxFilterLeaves)
	return f, held
}
