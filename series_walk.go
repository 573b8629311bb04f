package beckon

import (
	"slices"
	"strings"
)

// walk takes the contact on through the series of the plan: on every occasion
// but an import, for history triggers nothing (E5). Entering, and a rule block
// that finds its rule true, take an event, a visit or Due; that a time is up,
// and that an exit rule holds, is seen on any.
func (d *decision) walk() {
	if d.what == onTrack && d.event.Import {
		return
	}
	for _, s := range d.st.plan.series {
		if s.status == Live {
			d.walkOne(s)
		}
	}
	d.dropWalks()
}

// dropWalks ends the walks that have waited too long for a series that the
// program does not have (D12). Before that they are left as they are, for an
// engine that has it.
func (d *decision) dropWalks() {
	p := d.current()
	if p == nil || d.what != onDue {
		return
	}
	for i := range p.Walks {
		w := &p.Walks[i]
		if w.Due != 0 && d.st.plan.serieses[w.Series] == nil && isAbandoned(w.Due, d.now) {
			q := d.profile()
			d.end(&q.Walks[i])
			p = q
		}
	}
}

func (d *decision) walkOne(s *seriesPlan) {
	i, found := d.walkAt(s)
	var w Walk
	if found {
		w = d.current().Walks[i]
	}
	active := found && !w.Done
	if s.exit != nil && (active || d.enters(s, found)) && d.over(s.exit) { // X3: ends the walk and bars entry
		if active {
			w.Done, w.Block, w.Due = true, "", 0
			d.putWalk(w)
		}
		return
	}
	if !active {
		if !d.enters(s, found) {
			return
		}
		w = Walk{Series: s.id, Block: s.blocks[0].id, Since: d.now, Entered: d.now}
	}
	before := w
	d.advance(s, &w)
	if !active || w != before {
		d.putWalk(w)
	}
}

// enters reports whether this occasion begins a walk: an event that the series
// is entered by, with an audience that held before it (A2), or a rule that
// holds. Who has walked enters again only if the series says so.
func (d *decision) enters(s *seriesPlan, walked bool) bool {
	if !d.looksAtRules() || walked && !s.reenter {
		return false
	}
	if s.triggers && (d.what != onTrack || d.name != s.event || s.where != nil && !d.eval(s.where)) {
		return false
	}
	return s.audience == nil || d.first(s.audience)
}

// looksAtRules reports whether the occasion is one on which series look at
// their rules.
func (d *decision) looksAtRules() bool {
	return d.what == onTrack || d.what == onVisit || d.what == onDue
}

// first evaluates a rule over the state before the occasion, with the first
// company's data if it needs any.
func (d *decision) first(r *compiledRule) bool {
	if r.usesCompany {
		if p := d.rec.Profile; p != nil && len(p.Companies) > 0 {
			d.scope.company = d.needCompany(p.Companies[0])
		}
	}
	ok := d.eval(r)
	d.scope.company = nil
	return ok
}

// advance takes a walk as far as it goes now. A block that was reached late,
// because nothing happened when its time was up, counts from its due time (K).
func (d *decision) advance(s *seriesPlan, w *Walk) {
	// No walk goes round without a wait, and a wait that is over moves Since
	// on: so many blocks at most can be passed at once that matter.
	for range MaxBlocks * 4 {
		i := s.block(w.Block)
		if i < 0 { // the series was changed under the walk
			d.end(w)
			return
		}
		b := &s.blocks[i]
		next, since := b.next, w.Since
		switch {
		case b.exit:
			d.end(w)
			return
		case b.rule != nil:
			due := w.Since + b.within
			switch {
			case d.looksAtRules() && (b.within == 0 || d.now <= due) && d.over(b.rule):
				next, since = b.yes, d.now
			case b.within != 0 && d.now >= due:
				next, since = b.no, due
			default:
				w.Due = 0
				if b.within != 0 {
					w.Due = due
				}
				return
			}
		case b.message != nil:
			if w.Due > d.now {
				return // it waits for its window, and was told so when it was reached
			}
			opening, waits := d.deliver(s, b.message, w)
			if waits {
				w.Due = opening
				return
			}
			since = max(w.Since, d.now)
		case b.set != nil:
			p := d.profile()
			for _, a := range b.set {
				d.assign(p, a)
			}
			d.after = nil
		default:
			due := w.Since + b.wait
			if d.now < due {
				w.Due = due
				return
			}
			since = due
		}
		if next < 0 {
			d.end(w)
			return
		}
		w.Block, w.Since, w.Due = s.blocks[next].id, since, 0
	}
}

func (d *decision) end(w *Walk) { w.Done, w.Block, w.Due = true, "", 0 }

// deliver judges a message that the walk has reached: subject to schedule and a
// full outbox, which wait, consent and caps. One that is held for another reason is passed
// by (K).
func (d *decision) deliver(s *seriesPlan, m *messagePlan, w *Walk) (opening int64, waits bool) {
	company := d.eventCompanyOf(m)
	before := d.result.held.n
	d.safely(m, company, func() {
		cand := candidate{m: m, company: company, series: s, walk: w}
		if m.usesCompany {
			cand.data = d.needCompany(company)
		}
		fields := d.scope.fields
		d.scope.company, d.scope.fields = cand.data, nil
		d.judge(&cand)
		d.scope.company, d.scope.fields = nil, fields
	})
	d.after = nil
	if d.result.held.n > before {
		h := d.result.held.row(d.result.held.rows - 1)
		if h.retryAt != 0 && (h.why == whySchedule || h.why == whyOutboxFull) {
			return h.retryAt, true
		}
	}
	return 0, false
}

// eventCompanyOf is the company that a series' message is about: the
// contact's first.
func (d *decision) eventCompanyOf(m *messagePlan) string {
	if p := d.rec.Profile; m.usesCompany && p != nil && len(p.Companies) > 0 {
		return p.Companies[0]
	}
	return ""
}

func (d *decision) walkAt(s *seriesPlan) (int, bool) {
	p := d.current()
	if p == nil {
		return 0, false
	}
	return slices.BinarySearchFunc(p.Walks, s.id, func(w Walk, id string) int { return strings.Compare(w.Series, id) })
}

func (d *decision) putWalk(w Walk) {
	p := d.profile()
	i, found := slices.BinarySearchFunc(p.Walks, w.Series, func(w Walk, id string) int { return strings.Compare(w.Series, id) })
	if found {
		p.Walks[i] = w
	} else {
		p.Walks = slices.Insert(p.Walks, i, w)
	}
}
