package store

import (
	"slices"

	"github.com/beckon-go/beckon/value"
)

// codeHolds codes what waits. The event of several comes once: the events that there
// are stand in front, each hold has the number of its own. In version 1 each had a copy.
func codeHolds(c *coder, p *Profile) {
	if c.version < 2 {
		list(c, &p.Holds, leastHoldWithEvent, func(c *coder, h *Hold) {
			codeHold(c, h)
			codeLoggedEvent(c, &h.Event)
		})
		return
	}
	var events []LoggedEvent
	var numbers []int
	if !c.reading {
		events, numbers = distinctEvents(p.Holds)
	}
	n := uint64(len(p.Holds))
	c.uint64(&n)
	if n == 0 {
		return
	}
	list(c, &events, leastEvent, codeLoggedEvent)
	if !c.reading {
		for i := range p.Holds {
			codeHold(c, &p.Holds[i])
			c.writeUint(uint64(numbers[i]))
		}
		return
	}
	if n > uint64(len(c.body)-c.at)/leastHold {
		c.fail("is cut short")
		return
	}
	holds := make([]Hold, n)
	for i := range holds {
		codeHold(c, &holds[i])
		number := c.readUint()
		if c.err == nil && number >= uint64(len(events)) {
			c.fail("names an event that is not there")
		}
		if c.err != nil {
			return
		}
		holds[i].Event = events[number]
	}
	p.Holds = holds
}

// distinctEvents returns the events of holds, each once in the order in which they come,
// and the number of each hold's own.
func distinctEvents(holds []Hold) (events []LoggedEvent, numbers []int) {
	numbers = make([]int, len(holds))
	found := make(map[heldEvent]int)
	bySeq := make(map[uint64][]int) // those that are equal without being shared have one number
	var forms [][]byte
	for i := range holds {
		e := &holds[i].Event
		id := heldEventOf(e)
		if at, ok := found[id]; ok && id.field != nil {
			numbers[i] = at
			continue
		}
		form := AppendLoggedEvent(nil, e)
		at := slices.IndexFunc(bySeq[e.Seq], func(n int) bool { return string(forms[n]) == string(form) })
		if at >= 0 {
			numbers[i] = bySeq[e.Seq][at]
		} else {
			numbers[i] = len(events)
			bySeq[e.Seq] = append(bySeq[e.Seq], len(events))
			events, forms = append(events, *e), append(forms, form)
		}
		found[id] = numbers[i]
	}
	return events, numbers
}

// A heldEvent tells the event of a hold from others: holds of one event share its
// fields.
type heldEvent struct {
	seq   uint64
	at    int64
	field *value.Field
	page  *Page
}

func heldEventOf(e *LoggedEvent) heldEvent {
	x := heldEvent{seq: e.Seq, at: e.At, page: e.Page}
	if len(e.Metadata) > 0 {
		x.field = &e.Metadata[0]
	}
	return x
}

// What a hold waits for, as it is stored. Before version 7 there was only the first.
const (
	holdAbsence = 1 << iota
	holdRoom
	holdCapped
)

// codeHoldKind codes what a hold waits for, in one byte, and until when it waits for room.
func codeHoldKind(c *coder, h *Hold) {
	var kind uint8
	most := uint8(holdAbsence | holdRoom | holdCapped)
	if c.version < 7 {
		most = holdAbsence
	}
	if h.Absence {
		kind |= holdAbsence
	}
	if h.Until != 0 {
		kind |= holdRoom
	}
	if h.Capped {
		kind |= holdCapped
	}
	c.upTo(&kind, most)
	if kind&holdRoom != 0 {
		c.int64(&h.Until)
	}
	if c.reading {
		h.Absence, h.Capped = kind&holdAbsence != 0, kind&holdCapped != 0
	}
}
