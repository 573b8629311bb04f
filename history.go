package beckon

import (
	"cmp"
	"context"
	"encoding/hex"
	"math"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/ledger"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// A PastEvent is one of a contact's recent events. (E9)
type PastEvent struct {
	Name      string    `json:"event_name"` // canonical (E2); empty: a change of an attribute (T7)
	CreatedAt time.Time `json:"created_at"` // when it happened; whole seconds
	ArrivedAt time.Time `json:"arrived_at"`
	EventID   string    `json:"event_id,omitempty"`
	CompanyID string    `json:"company_id,omitempty"`
	Source    Source    `json:"source,omitempty"`
	Import    bool      `json:"import,omitempty"`
	Page      *Page     `json:"page,omitempty"`
	Metadata  Fields    `json:"metadata,omitempty"`

	mark store.EventCursor
}

// RecentEvents returns a contact's events, newest first: at most limit (0 or less: 100) of
// those before after, nil for the newest. To page on, pass the last of the page before. They
// reach back as far as [WithRecentEventsFor] and [WithRecentEvents] say. An unknown contact has
// none. With a [*DamagedError] it returns those that can be read. (E9)
func (e *Engine) RecentEvents(ctx context.Context, who Identity, after *PastEvent, limit int) ([]PastEvent, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	if err := checkIdentity(who); err != nil {
		return nil, err
	}
	key, _, err := e.settle(ctx, who)
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 100
	}
	var before store.EventCursor
	if after != nil {
		before = after.mark
	}
	list, damaged, err := e.logOf(ctx, key, before, limit)
	if err != nil {
		return nil, err
	}
	from := e.cfg.RecentFrom(e.clock())
	out := make([]PastEvent, 0, len(list))
	for i := range list {
		if list[i].At >= from { // the log is trimmed only when it is written to
			out = append(out, pastEvent(&list[i]))
		}
	}
	return out, damaged
}

func pastEvent(l *store.LoggedEvent) PastEvent {
	page := l.Page
	if page != nil {
		own := *page
		page = &own
	}
	return PastEvent{
		Name: intern.Text(l.Name), CreatedAt: time.Unix(l.At, 0).UTC(), ArrivedAt: unixMilli(l.Arrived),
		EventID: l.EventID, CompanyID: l.CompanyID, Source: l.Source, Import: l.Import, Page: page,
		Metadata: slices.Clone(l.Metadata), mark: store.EventCursor{At: l.At, Seq: l.Seq},
	}
}

// An EventCount is what is counted of one event name of a contact. (E4)
type EventCount struct {
	Name  string    `json:"event_name"`
	Count uint64    `json:"count"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// A SendCount is what was sent of one message to a contact.
type SendCount struct {
	Message   string    `json:"message"`
	CompanyID string    `json:"company_id,omitempty"`
	Control   bool      `json:"control,omitempty"` // decided for the control group, not sent
	Value     string    `json:"value,omitempty"`   // a hash of a value of [Frequency.Per], which itself is not kept (F7)
	Count     int       `json:"count"`
	Last      time.Time `json:"last,omitzero"`
}

// A Sending is one send in the contact's log.
type Sending struct {
	ID        string    `json:"id"`
	Message   string    `json:"message"`
	CompanyID string    `json:"company_id,omitempty"`
	Channel   Channel   `json:"channel"`
	Tags      []string  `json:"tags,omitempty"`
	Sequence  int       `json:"sequence"`
	At        time.Time `json:"at"`
}

// A Waiting is a message that waits for its window, its deadline, its date, or the end of
// quiet hours or a snooze.
type Waiting struct {
	Message   string    `json:"message"`
	CompanyID string    `json:"company_id,omitempty"`
	Until     time.Time `json:"until"`
	Event     PastEvent `json:"event,omitzero"` // zero if none triggered it
}

// A Journey is a contact's place in a series. An exit rule counts as its end.
type Journey struct {
	Series  string    `json:"series"`
	Block   string    `json:"block,omitempty"` // empty when it is over
	Done    bool      `json:"done"`
	Entered time.Time `json:"entered"`
	Since   time.Time `json:"since"` // when the block was reached
}

// A GoalState is a goal reached, or still open, for one message (D9).
type GoalState struct {
	Message   string    `json:"message"`
	Until     time.Time `json:"until"`
	Control   bool      `json:"control,omitempty"`
	Converted bool      `json:"converted"`
}

// A ContactExport is all that is kept of a contact, to hand over. (C4)
type ContactExport struct {
	Identity     Identity        `json:"identity"`
	Aliases      []Identity      `json:"aliases,omitempty"` // identities merged into it
	CreatedAt    time.Time       `json:"created_at,omitzero"`
	LastSeenAt   time.Time       `json:"last_seen_at,omitzero"`
	CheckedAt    time.Time       `json:"checked_at,omitzero"`
	Attributes   Attributes      `json:"attributes"`
	Companies    []string        `json:"companies"`
	Unsubscribed []string        `json:"unsubscribed"`
	Choices      []Choice        `json:"choices,omitempty"` // when and from where they came
	SnoozedUntil time.Time       `json:"snoozed_until,omitzero"`
	Events       []EventCount    `json:"events"`
	Recent       []PastEvent     `json:"recent"` // newest first
	Sends        []SendCount     `json:"sends"`
	Values       []SendCount     `json:"values,omitempty"` // of messages with [Frequency.Per], for each value, the latest last
	Log          []Sending       `json:"log"`              // oldest first
	Waiting      []Waiting       `json:"waiting"`
	Series       []Journey       `json:"series"`
	Matched      []string        `json:"matched"`             // series without a trigger whose audience it matched when that was last judged (X4); sorted
	Crossings    map[string]bool `json:"crossings,omitempty"` // of messages with a trigger on a segment: whether it matched when last seen (T8)
	Goals        []GoalState     `json:"goals"`
	Decisions    []observe.Past  `json:"decisions,omitempty"` // as [Engine.Decisions] has them
	Pending      []Delivery      `json:"pending"`
	DeadLetters  []DeadLetter    `json:"dead_letters,omitempty"` // given up
}

// Decisions returns what an engine with [WithDecisions] has kept of a contact, the latest
// first, as of now: nothing of one that is not known. (Z2)
func (e *Engine) Decisions(ctx context.Context, who Identity) (list []observe.Past, err error) {
	_, _, err = e.readContact(ctx, who, func(rec *store.Record) { list = decided(rec) })
	return list, err
}

func decided(rec *store.Record) (list []observe.Past) {
	for _, x := range slices.Backward(rec.Profile.Rarely().Decided) {
		list = append(list, observe.Past{
			Occasion: observe.Occasion(x.Occasion), Event: x.Event, Message: x.Message, CompanyID: x.Company,
			Sent: ledger.IsSent(&x), Sequence: intOf(uint64(x.Sequence), math.MaxInt), Reason: x.Reason, Cap: x.Cap,
			At: unixMilli(x.Last), First: unixMilli(x.First), Count: intOf(uint64(x.Count), math.MaxInt), Program: ledger.Program(x.Program),
		})
	}
	return list
}

// Export returns all that is kept of a contact, by any of its identities, and
// whether it is known. Counters of rules and hashes of event ids are left out.
// Errors are an [ErrorList] about the identity, or a [StoreError]; a
// [*DamagedError] about an event comes with all else. (C4)
func (e *Engine) Export(ctx context.Context, who Identity) (ContactExport, bool, error) {
	var x ContactExport
	key, known, err := e.readContact(ctx, who, func(rec *store.Record) { x = export(rec) })
	if err != nil || !known {
		return ContactExport{}, false, err
	}
	var damaged error
	for before := (store.EventCursor{}); ; {
		page, broken, err := e.logOf(ctx, key, before, scanPage)
		if err != nil {
			return ContactExport{}, false, err
		}
		damaged = cmp.Or(damaged, broken)
		for i := range page {
			x.Recent = append(x.Recent, pastEvent(&page[i]))
		}
		if len(page) < scanPage {
			return x, true, damaged
		}
		last := &page[len(page)-1]
		before = store.EventCursor{At: last.At, Seq: last.Seq}
	}
}

func export(rec *store.Record) ContactExport {
	p := decide.CloneProfile(rec.Profile)
	x := ContactExport{
		Identity: rec.Identity(), Attributes: attributesOf(rec.Profile), Companies: orNil(p.Companies), Unsubscribed: orNil(p.Unsubscribed), SnoozedUntil: timeOf(p.Rarely().SnoozedUntil), Choices: choicesOf(p),
		CreatedAt: timeOf(p.Created), LastSeenAt: timeOf(rec.LastSeen), CheckedAt: timeOf(p.LastCheck), Matched: orNil(p.Matched),
	}
	for _, a := range p.Aliases {
		x.Aliases = append(x.Aliases, Identity{
			UserID: a.Attribute("user_id"), ID: a.Attribute("id"),
			Email: a.Attribute("email"), AnonymousID: a.Attribute("anonymous_id"),
		})
	}
	for _, s := range rec.Stats {
		x.Events = append(x.Events, EventCount{
			Name: s.Name.Value(), Count: s.Count, First: time.Unix(s.First, 0).UTC(), Last: time.Unix(s.Last, 0).UTC(),
		})
	}
	for _, s := range rec.SendStats {
		x.Sends = append(x.Sends, SendCount{
			Message: s.Message, CompanyID: s.Company, Control: s.Control, Count: intOf(uint64(s.Count), math.MaxInt), Last: timeOf(s.Last),
		})
	}
	for _, m := range p.Rarely().PerValue {
		for _, v := range m.Values {
			x.Values = append(x.Values, SendCount{Message: m.Message, Value: hex.EncodeToString(v.Value[:]), Count: intOf(uint64(v.Count), math.MaxInt), Last: timeOf(v.Last)})
		}
	}
	for _, s := range rec.SendLog {
		x.Log = append(x.Log, Sending{
			ID: s.ID, Message: s.Message, CompanyID: s.Company, Channel: s.Channel, Tags: orNil(slices.Clone(s.Tags)),
			Sequence: intOf(uint64(s.Sequence), math.MaxInt), At: unixMilli(s.At),
		})
	}
	for i := range p.Holds {
		h := &p.Holds[i]
		w := Waiting{Message: h.Message, CompanyID: h.Company, Until: unixMilli(h.Due)}
		if h.Event.Arrived != 0 {
			w.Event = pastEvent(&h.Event)
		}
		x.Waiting = append(x.Waiting, w)
	}
	for _, a := range p.Rarely().Armed {
		if a.Due != 0 {
			x.Waiting = append(x.Waiting, Waiting{Message: a.Message, Until: unixMilli(a.Due)})
		}
	}
	for _, w := range p.SeriesStates {
		x.Series = append(x.Series, Journey{
			Series: w.Series, Block: w.Block, Done: w.Done, Entered: unixMilli(w.Entered), Since: unixMilli(w.Since),
		})
	}
	for _, g := range p.Goals {
		x.Goals = append(x.Goals, GoalState{Message: g.Message, Until: unixMilli(g.Until), Control: g.Control, Converted: g.Converted})
	}
	x.Decisions = decided(rec)
	for _, c := range p.Rarely().Crossings {
		if x.Crossings == nil {
			x.Crossings = make(map[string]bool)
		}
		x.Crossings[c.Message] = c.Matched
	}
	for p := range rec.Pending.All() {
		if d := decide.Addressed(rec, decide.OwnDelivery(p.Delivery)); p.Dead == nil {
			x.Pending = append(x.Pending, d)
		} else {
			x.DeadLetters = append(x.DeadLetters, DeadLetter{Delivery: d, Reason: p.Dead.Reason, At: unixMilli(p.Dead.At)})
		}
	}
	return x
}

// orNil makes of an empty list none: stores differ in which of the two they return,
// and an export must not.
func orNil(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

// timeOf returns the time of Unix milliseconds; zero for none.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return unixMilli(ms)
}

// intOf returns a count as an int, at most most; a count beyond
// it is that one.
func intOf(n uint64, most int) int { return int(min(n, uint64(most))) }
