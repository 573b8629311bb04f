package fuzz

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// A witness remembers what was sent, and judges each send by models that know nothing of
// how the engine decides.
type witness struct {
	program  *beckon.Program
	engine   *beckon.Engine
	messages map[string]*beckon.Message // those of the program itself
	inSeries map[string]*beckon.Message
	sends    []send            // those that contacts who are still there have had
	handed   []string          // the messages of all
	seen     map[string]string // whose deliveries were handed out, by ID: a contact that was deleted starts anew
	halted   map[string]bool   // paused or stopped: messages, and series as "series " and their id
	stopped  map[string]bool

	// About the step at hand.
	skip       bool   // Explain does not know all of it
	gone, from string // contacts as they were before it
	into       *beckon.Identity
	turned     string
}

// A send is one delivery.
type send struct {
	contact, message, company string
	at                        time.Time
}

func newWitness(program *beckon.Program) *witness {
	w := &witness{
		program: program, messages: map[string]*beckon.Message{}, inSeries: map[string]*beckon.Message{}, seen: map[string]string{}, halted: map[string]bool{}, stopped: map[string]bool{},
	}
	for i := range program.Messages {
		w.messages[program.Messages[i].ID] = &program.Messages[i]
	}
	for i := range program.Series {
		for j := range program.Series[i].Blocks {
			if m := program.Series[i].Blocks[j].Message; m != nil {
				w.inSeries[m.ID] = m
			}
		}
	}
	return w
}

// An argument is what the witness reads of a step.
type argument struct {
	beckon.Identity
	From      json.RawMessage `json:"from"`
	Into      json.RawMessage `json:"into"`
	Message   string          `json:"message"`
	Series    string          `json:"series"`
	Companies json.RawMessage `json:"companies"`
}

// before takes down what a step will change.
func (w *witness) before(ctx context.Context, step *scenario.Step) {
	w.skip, w.gone, w.from, w.into, w.turned = false, "", "", nil, ""
	var arg argument
	if json.Unmarshal(step.Arg(), &arg) != nil {
		return
	}
	switch step.Verb() {
	case "contact":
		w.skip = arg.Companies != nil
	case "delete":
		w.gone = w.contact(ctx, arg.Identity)
	case "merge":
		var from, into beckon.Identity
		if json.Unmarshal(arg.From, &from) == nil && json.Unmarshal(arg.Into, &into) == nil {
			w.from, w.gone, w.into = w.contact(ctx, from), w.contact(ctx, into), &into
		}
	case "pause", "resume", "stop":
		w.turned = arg.Message
		if arg.Series != "" {
			w.turned = "series " + arg.Series
		}
	}
}

// contact returns the name of the record that an identity leads to; empty if there is none.
func (w *witness) contact(ctx context.Context, who beckon.Identity) string {
	c, err := w.engine.Contact(ctx, who)
	switch {
	case err != nil:
		return ""
	case c.UserID != "":
		return "user " + c.UserID
	case c.ID != "":
		return "lead " + c.ID
	case c.AnonymousID != "":
		return visitor + c.AnonymousID
	}
	return "address " + c.Email
}

const visitor = "visitor "

// sent judges what a step has sent.
func (w *witness) sent(ctx context.Context, s Step) error {
	if len(s.Errors) == 0 {
		w.change(ctx, s)
	}
	for i := range s.Sent {
		d := &s.Sent[i]
		if _, again := w.seen[d.ID]; again { // handed out again
			continue
		}
		c, err := w.engine.Contact(ctx, d.Contact)
		if err != nil {
			return fmt.Errorf("%q is sent to %v: %w", d.Message, d.Contact, err)
		}
		m := w.messages[d.Message]
		if d.Series != "" {
			m = w.inSeries[d.Message]
		}
		if m == nil {
			return fmt.Errorf("%q is sent, which the program does not have", d.Message)
		}
		x := send{w.contact(ctx, d.Contact), d.Message, d.CompanyID, d.At}
		w.seen[d.ID] = x.contact
		w.sends, w.handed = append(w.sends, x), append(w.handed, d.Message)
		for _, err := range []error{w.live(m, d), w.often(m, d, x), w.capped(m, x), w.open(m, d.At, &c), wanted(m, d.At, &c)} {
			if err != nil {
				return fmt.Errorf("%q is sent to %s: %w", d.Message, x.contact, err)
			}
		}
	}
	return nil
}

// change keeps up with what a step has changed.
func (w *witness) change(ctx context.Context, s Step) {
	switch s.Verb {
	case "delete":
		w.sends = slices.DeleteFunc(w.sends, func(x send) bool { return x.contact == w.gone })
		maps.DeleteFunc(w.seen, func(_, contact string) bool { return contact == w.gone })
	case "merge":
		if w.from == "" || w.into == nil { // who is unknown takes nothing along
			return
		}
		name := w.contact(ctx, *w.into)
		for i := range w.sends {
			if c := w.sends[i].contact; c == w.from || c == w.gone && c != "" {
				w.sends[i].contact = name
			}
		}
		for id, c := range w.seen {
			if c == w.from {
				w.seen[id] = name
			}
		}
	case "pause":
		w.halted[w.turned] = true
	case "stop":
		w.halted[w.turned], w.stopped[w.turned] = true, true
	case "resume":
		w.halted[w.turned] = w.stopped[w.turned]
	}
}

// live wants a message not to be a draft, paused, stopped or not yet live (D7, T2).
func (w *witness) live(m *beckon.Message, d *beckon.Delivery) error {
	status, since := m.Status, m.LiveAt
	if d.Series != "" {
		i := slices.IndexFunc(w.program.Series, func(s beckon.Series) bool { return s.ID == d.Series })
		if i < 0 {
			return fmt.Errorf("there is no series %q", d.Series)
		}
		status, since = w.program.Series[i].Status, time.Time{}
	}
	switch {
	case status != beckon.Live:
		return fmt.Errorf("it is %s", status)
	case w.halted[m.ID] || d.Series != "" && w.halted["series "+d.Series]:
		return fmt.Errorf("it is paused or stopped")
	case d.At.Before(since):
		return fmt.Errorf("it is live from %s on", since)
	}
	return nil
}

// often wants the distance and the maximum to be kept (F1, D1).
func (w *witness) often(m *beckon.Message, d *beckon.Delivery, x send) error {
	if d.Series != "" {
		return nil
	}
	every, most := time.Duration(0), 0
	once := m.Trigger == nil
	switch {
	case m.Frequency == nil && once:
		most = 1
	case m.Frequency != nil && m.Frequency.Per != "": // each value has its own
		return nil
	case m.Frequency == nil || m.Frequency.Every.IsZero():
		if !m.Transactional {
			every = beckon.DefaultEvery
		}
	default:
		every = m.Frequency.Every.Elapsed()
	}
	if m.Frequency != nil {
		most = m.Frequency.Max
	}
	n := 0
	for i, y := range w.sends {
		if y.message != x.message || y.contact != x.contact || once && y.company != x.company || w.forgotten(y, x.at) {
			continue
		}
		n++
		if i < len(w.sends)-1 && x.at.Sub(y.at) < every {
			return fmt.Errorf("it was sent %s before, and its distance is %s", x.at.Sub(y.at), every)
		}
	}
	if most > 0 && n > most {
		return fmt.Errorf("it is number %d of at most %d", n, most)
	}
	return nil
}

// forgotten reports whether a visitor may have been dropped since, with all that it was
// sent (C5).
func (w *witness) forgotten(x send, now time.Time) bool {
	return len(x.contact) > len(visitor) && x.contact[:len(visitor)] == visitor && now.Sub(x.at) > 89*24*time.Hour
}

// capped wants the caps across messages to be kept (F5, F8).
func (w *witness) capped(m *beckon.Message, x send) error {
	if !limited(m) {
		return nil
	}
	for i := range w.program.Caps {
		c := &w.program.Caps[i]
		if !falls(c, m) {
			continue
		}
		n := 0
		if counts(m) {
			n = -1 // x itself is among the sends
		}
		for _, y := range w.sends {
			other := w.messages[y.message]
			if other == nil {
				other = w.inSeries[y.message]
			}
			if y.contact == x.contact && falls(c, other) && counts(other) && x.at.Sub(y.at) < c.Within.Elapsed() {
				n++
			}
		}
		if n >= c.Max {
			return fmt.Errorf("%d others within %s fall under the cap %q of %d", n, c.Within, c.ID, c.Max)
		}
	}
	return nil
}

func falls(c *beckon.Cap, m *beckon.Message) bool {
	channel := m.Channel
	if channel == "" {
		channel = beckon.Chat
	}
	return (c.Channel == "" || c.Channel == channel) && (c.Tag == "" || slices.Contains(m.Tags, c.Tag))
}

func limited(m *beckon.Message) bool {
	return !m.ExemptFromCaps && (m.LimitedByCaps == nil || *m.LimitedByCaps)
}

func counts(m *beckon.Message) bool {
	return !m.ExemptFromCaps && (m.CountsTowardCaps == nil || *m.CountsTowardCaps)
}

// totals wants what was judged to be what was sent and what was held, and what was sent to
// be what was handed out.
func (w *witness) totals(ctx context.Context) error {
	if w.engine == nil {
		return nil
	}
	sent := map[string]int64{}
	for _, x := range w.handed {
		sent[x]++
	}
	for i := range w.program.Messages {
		id := w.program.Messages[i].ID
		t, err := w.engine.Totals(ctx, id)
		if err != nil {
			return err
		}
		held := int64(0)
		for _, n := range t.Held {
			held += n
		}
		if t.Judged != t.Sent+held {
			return fmt.Errorf("of %q %d are judged, %d sent and %d held", id, t.Judged, t.Sent, held)
		}
		if t.Sent != sent[id] {
			return fmt.Errorf("of %q the totals say that %d are sent, and %d were", id, t.Sent, sent[id])
		}
	}
	return nil
}
