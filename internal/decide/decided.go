package decide

import (
	"unique"

	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/store"
)

// Name is the occasion as hosts read it.
func (o Occasion) Name() string {
	switch o {
	case OnVisit:
		return "visit"
	case OnSweep:
		return "sweep"
	case OnCheck:
		return "check"
	case OnSend, OnSendTo:
		return "send"
	case OnDue:
		return "due"
	case OnUpdate:
		return "update"
	case OnMerge, OnEve:
		return "merge"
	}
	return "event"
}

// A heldFor is the event of what had waited and was held again.
type heldFor struct {
	at   int // its place in the list of held candidates
	name unique.Handle[string]
}

// noteEvent notes that the candidates held from a place on were about an event.
func (d *Decision) noteEvent(from int, h *store.Hold) {
	if d.In.Limits.Decisions == 0 || h.Event.Arrived == 0 {
		return
	}
	for at := from; at < d.Out.Held.Count; at++ {
		d.Out.heldFor = append(d.Out.heldFor, heldFor{at, h.Event.Name})
	}
}

// keepDecided keeps what was decided, where the host has asked for it. A look only finds
// out whether there is anything to keep.
func (d *Decision) keepDecided() {
	most := d.In.Limits.Decisions
	if most == 0 || d.In.Explain || d.Out.Held.Count == 0 && len(d.Out.Deliveries) == 0 {
		return
	}
	var own *store.Rare
	add := func(x store.Decided) {
		if own == nil {
			own = d.profile().Own()
		}
		own.Decided = ledger.List(own.Decided).Add(x, most)
	}
	all := store.Decided{Occasion: d.In.Occasion.Name(), Last: d.In.Now, Program: d.In.State.Plan.Number}
	if d.In.Occasion == OnTrack {
		all.Event = intern.Text(d.In.Name)
	}
	at, noted := -1, d.Out.heldFor
	run := d.In.Occasion == OnSweep || d.In.Occasion == OnSend
	d.Out.Held.Each(func(h HeldOne) {
		at++
		x := all
		x.Message, x.Company, x.Reason, x.Cap = h.Message, h.Company, store.Reason(h.Reason.Text()), h.Cap
		if len(noted) > 0 && noted[0].at == at {
			x.Event, noted = intern.Text(noted[0].name), noted[1:]
		}
		switch {
		case run && (ledger.IsEarly(x.Reason) || ledger.List(d.current().Rarely().Decided).Has(&x)):
			// Each run would find the same, of most contacts.
		case d.In.Looks:
			d.Out.Keeps = true
		default:
			add(x)
		}
	})
	if d.In.Looks {
		return
	}
	for i := range d.Out.Deliveries {
		x, sent := all, &d.Out.Deliveries[i]
		x.Message, x.Company, x.Sequence = sent.Message, sent.CompanyID, uint32(sent.Sequence)
		if i < len(d.Out.Origins) {
			if h := d.Out.Origins[i].hold; h != nil {
				x.Event = intern.Text(h.Event.Name)
			}
		}
		add(x)
	}
}
