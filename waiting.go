package beckon

import "slices"

// DefaultWaitingBytes is how many bytes of a contact's record what waits may take by
// default, about: the events, each once however many messages wait because of it, and
// some for each message. What would be beyond is held ReasonWaitingFull. A merge
// keeps what waits in both contacts.
const DefaultWaitingBytes = 1 << 20

// WithWaitingBytes sets how many bytes of a contact's record what waits may take,
// see [DefaultWaitingBytes], which zero is.
func WithWaitingBytes(n int) Option {
	return atLeastZero("WithWaitingBytes", n, DefaultWaitingBytes, func(c *config, n int) { c.waitingBytes = n })
}

// A waitingSize is how much the holds of a profile take, as far as it was counted.
type waitingSize struct {
	of     *Profile // of this one, when it had n holds; nil: not counted
	n      int
	bytes  int
	events map[heldEvent]int // by how many of them
}

// A heldEvent tells the event of a hold from others: holds of one event share its
// fields.
type heldEvent struct {
	seq   uint64
	at    int64
	field *Field
	page  *Page
}

func heldEventOf(e *LoggedEvent) heldEvent {
	x := heldEvent{seq: e.Seq, at: e.At, page: e.Page}
	if len(e.Metadata) > 0 {
		x.field = &e.Metadata[0]
	}
	return x
}

// size returns about how many bytes an event takes in a record.
func (e *LoggedEvent) size() int {
	n := 32 + len(nameText(e.Name)) + len(e.EventID) + len(e.CompanyID) + len(e.Source)
	if e.Page != nil {
		n += 16 + len(e.Page.URL) + len(e.Page.Seconds.str)
	}
	for i := range e.Metadata {
		n += 16 + len(e.Metadata[i].Key) + len(e.Metadata[i].Value.str)
	}
	return n
}

// size returns about how many bytes a hold takes in a record, without its event.
func (h *Hold) size() int { return 32 + len(h.Message) + len(h.Company) + len(h.Same) }

// with returns the size when one more waits, in the place of another if that is not nil.
func (w *waitingSize) with(h, without *Hold) int {
	n, id := w.bytes+h.size(), heldEventOf(&h.Event)
	if w.events[id] == 0 {
		n += h.Event.size()
	}
	if without != nil {
		n -= without.size()
		if was := heldEventOf(&without.Event); w.events[was] == 1 && was != id {
			n -= without.Event.size()
		}
	}
	return n
}

// put takes in that one more waits, in the place of another if that is not nil.
func (w *waitingSize) put(h, without *Hold) {
	w.bytes = w.with(h, without)
	w.events[heldEventOf(&h.Event)]++
	if without != nil {
		w.events[heldEventOf(&without.Event)]--
		return
	}
	w.n++
}

// hasRoom reports whether one more may wait in the contact, in the place of another
// if that is not nil, and takes it in if so. p is the profile as it is after the
// occasion; nil if there is none.
func (d *decision) hasRoom(p *Profile, h, without *Hold) bool {
	w := &d.taken
	if p == nil {
		*w = waitingSize{events: make(map[heldEvent]int)}
	} else if w.of != p || w.n != len(p.Holds) {
		*w = waitingSize{of: p, events: make(map[heldEvent]int, len(p.Holds)+1)}
		for i := range p.Holds {
			w.put(&p.Holds[i], nil)
		}
	}
	if w.with(h, without) > d.cfg.waitingBytes {
		return false
	}
	w.put(h, without)
	return true
}

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
