package rule

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A Scope is what a condition or a template sees: the state before the
// occasion (A2), the occasion's own data, and one instant. It belongs to one
// decision and one goroutine.
type Scope struct {
	Rec     *store.Record
	Now     int64 // Unix milliseconds
	secOf   int64 // the now that sec was made of
	sec     int64
	Loc     *time.Location  // the workspace's
	Fields  value.Fields    // the event's metadata, at most MaxMetadataKeys
	Trigger value.Fields    // that of the triggering event, while another one is looked at (A14)
	Page    *store.Page     // nil: unknown
	Company *store.Record   // nil: company data is unknown
	Built   []store.Counter // counters made from the event log for this decision, by Def

	NeedEvents bool  // a counter was asked for that must be built first, or what the log tells
	Log        *Log  // the recent events kept; nil: not fetched
	LogSince   int64 // as for BuildCounter
	LogFrom    int64 // Unix seconds: older events are recent no more, even if they are still there (E9)

	Entry  int64               // Unix seconds: when the walk began whose rules are judged (A15)
	Recent []store.LoggedEvent // what the occasion adds to Log, where the state after it is judged

	scratch repr.Value // what a condition looks at, if no record holds it
	ago     agoCache
	sent    sentCache
	names   *nameCache // made when a rule first runs
	memo    segmentMemo
}

// Restart has the scope show another state: a record at an instant, without an event,
// a page or a company. What is remembered of names and days stays good.
func (s *Scope) Restart(rec *store.Record, now int64, loc *time.Location) {
	s.memo.forget()
	s.sent = sentCache{}
	s.Rec, s.Now, s.Loc, s.Built = rec, now, loc, s.Built[:0]
	s.Fields, s.Trigger, s.Page, s.Company, s.NeedEvents, s.scratch = nil, nil, nil, nil, false, repr.Value{}
	s.Log, s.LogSince, s.LogFrom, s.Entry, s.Recent = nil, 0, 0, 0, nil
}

// Release leaves the scope's memory alone, for the next decision.
func (s *Scope) Release() {
	s.Restart(nil, 0, nil)
	s.secOf, s.sec = 0, 0
	s.ago.now, s.ago.n = 0, 0
	s.memo.release()
}

// seconds returns now in Unix seconds.
func (s *Scope) seconds() int64 {
	if s.secOf != s.Now {
		s.secOf, s.sec = s.Now, calendar.FloorSeconds(s.Now)
	}
	return s.sec
}

// CompanyAttribute returns an attribute of the company; unknown without one.
func (s *Scope) CompanyAttribute(name string) repr.Value {
	if s.Company == nil {
		return repr.Value{}
	}
	return companyAttribute(s.Company, name)
}

// counter returns what is counted under a definition, nil for nothing. Where
// the contact has events of the name but no such counter, or one that missed
// some or keeps fewer times than are needed, it must be built from the event log: then the
// scope says so, and what is there stands in.
func (s *Scope) counter(d *CounterDef) *store.Counter {
	if d.FromEvents() {
		return s.fromEvents(d)
	}
	if i, found := FindCounter(s.Built, d.Def); found {
		return &s.Built[i]
	}
	if i, found := FindCounter(s.Rec.Counters, d.Def); found {
		k := &s.Rec.Counters[i]
		if k.Lacks(d.Keep) {
			s.NeedEvents = true
		}
		return k
	}
	if st, ok := s.Rec.Stat(d.Event); ok && st.Count > 0 {
		s.NeedEvents = true
	}
	return nil
}

// fromEvents returns what the recent events say of a definition that depends on the
// triggering event, those from before it (A14), or on when a walk began, with the one that
// the occasion is (A15). Nothing of it is kept.
func (s *Scope) fromEvents(d *CounterDef) *store.Counter {
	if st, ok := s.Rec.Stat(d.Event); !ok || st.Count == 0 {
		return nil
	}
	if s.Log == nil {
		s.NeedEvents = true
		return nil
	}
	k := &store.Counter{Keep: d.Keep, Since: s.LogSince}
	then := Scope{Rec: &store.Record{}, Loc: s.Loc, Trigger: s.Fields}
	add := func(e *store.LoggedEvent) {
		switch {
		case d.SinceEntry && e.At < s.Entry:
			return
		case !d.SinceEntry && e.At < s.LogFrom:
			k.Since = max(k.Since, s.LogFrom)
			return
		}
		then.Now, then.Fields, then.Page = e.Arrived, e.Metadata, e.Page
		if d.Admits(&then) {
			d.Add(k, e.At, e.Metadata)
		}
	}
	s.Log.Each(d.Event, add)
	if d.SinceEntry {
		if k.Since <= s.Entry {
			k.Since = 0 // nothing is missing of what is asked
		}
		for i := range s.Recent {
			if s.Recent[i].Name == d.Event {
				add(&s.Recent[i])
			}
		}
	}
	return k
}

// An agoCache remembers what instants lie so many calendar days before the
// scope's now: the calendar is slow, and rules ask for the same days again.
type agoCache struct {
	now     int64 // of the scope, when the entries were made
	n       int
	entries [4]struct {
		days, at, end int64
		day           bool // of dayAgo
	}
}

// daysAgo returns the Unix second at the same time of day so many days ago (A6).
func (s *Scope) daysAgo(days int64) int64 {
	at, _ := s.calendar(days, false)
	return at
}

// dayAgo returns the bounds of the calendar day so many days ago, in Unix
// seconds.
func (s *Scope) dayAgo(days int64) (start, end int64) { return s.calendar(days, true) }

func (s *Scope) calendar(days int64, day bool) (at, end int64) {
	now, cache := calendar.FloorSeconds(s.Now), &s.ago
	if s.Loc == time.UTC {
		if day {
			at = now - (now%calendar.DaySeconds+calendar.DaySeconds)%calendar.DaySeconds - days*calendar.DaySeconds // before 1970 too
			return at, at + calendar.DaySeconds
		}
		return now - days*calendar.DaySeconds, 0
	}
	if cache.now != s.Now {
		*cache = agoCache{now: s.Now}
	}
	for i := range cache.n {
		if e := &cache.entries[i]; e.days == days && e.day == day {
			return e.at, e.end
		}
	}
	if day {
		y, m, d := calendar.LocalDay(now, s.Loc)
		at, end = calendar.DayBounds(y, m, d-int(days), s.Loc)
	} else {
		at = calendar.DaysAgo(now, days, s.Loc)
	}
	if cache.n < len(cache.entries) {
		e := &cache.entries[cache.n]
		e.days, e.at, e.end, e.day = days, at, end, day
		cache.n++
	}
	return at, end
}

// UserAttribute returns an attribute of a contact. The standard ones that are
// not stored as attributes are derived: who the contact is, from the key of
// its record; its role, from the kind of that key (user_id a user, id or email
// a lead, else a visitor) unless one was set; when it was created, last seen
// and last contacted, from what happened.
func UserAttribute(rec *store.Record, name string) repr.Value {
	v := rec.Profile.Attribute(name)
	return derivedAttribute(rec, name, *peek.Of(&v))
}

// LastContacted is the attribute that is derived of all sends.
const LastContacted = "last_contacted_at"

// derivedAttribute returns an attribute of a contact. v is what is stored of it.
func derivedAttribute(rec *store.Record, name string, v repr.Value) repr.Value {
	switch name {
	case "user_id", "id", "email", "anonymous_id":
		if own := rec.Key.Attribute(name); v.IsUnknown() && own != "" {
			return repr.String(own)
		}
	case "role":
		if v.IsUnknown() && rec.Key.ID != "" {
			return repr.String(role(rec.Key.Kind))
		}
	case "created_at":
		if v.IsUnknown() && rec.Profile != nil && rec.Profile.Created != 0 {
			return standardDate(rec.Profile.Created)
		}
	case "last_seen_at":
		if rec.LastSeen != 0 {
			return standardDate(rec.LastSeen)
		}
	case LastContacted:
		return contactedAttribute(v, lastSent(rec))
	}
	return v
}

// lastSent returns when the last of a contact's messages was sent, in Unix
// milliseconds; zero for never.
func lastSent(rec *store.Record) (last int64) {
	for i := range rec.SendStats {
		if s := &rec.SendStats[i]; !s.Control {
			last = max(last, s.Last)
		}
	}
	return last
}

// contactedAttribute is when a contact was last contacted: as v says, or by a message
// later.
func contactedAttribute(v repr.Value, last int64) repr.Value {
	if last != 0 && (v.IsUnknown() || v.Num < calendar.FloorSeconds(last)) {
		return standardDate(last)
	}
	return v
}

// A sentCache remembers lastSent of a record with many sends, which many rules and
// templates of one occasion may ask for.
type sentCache struct {
	rec  *store.Record
	last int64
}

// UserAttribute is UserAttribute of the scope's record. What the record holds is not
// copied, and is not the caller's to change; the rest is put into the caller's memory.
func (s *Scope) UserAttribute(name string, into *repr.Value) *repr.Value {
	v := s.attributeNamed(name)
	if _, standard := standardAttribute(name); !standard {
		return v
	}
	*into = s.derived(name, *v)
	return into
}

// derived is derivedAttribute of the scope's record.
func (s *Scope) derived(name string, v repr.Value) repr.Value {
	if len(s.Rec.SendStats) <= rows.Few || name != LastContacted {
		return derivedAttribute(s.Rec, name, v)
	}
	if s.sent.rec != s.Rec {
		s.sent = sentCache{s.Rec, lastSent(s.Rec)}
	}
	return contactedAttribute(v, s.sent.last)
}

func role(k store.Kind) string {
	switch k {
	case store.KindUser:
		return "user"
	case store.KindContact, store.KindEmail:
		return "lead"
	}
	return "visitor"
}

// standardDate is a date of Unix milliseconds, to the second.
func standardDate(ms int64) repr.Value {
	return repr.Value{Kind: repr.KindDate, Num: calendar.FloorSeconds(ms)}
}

// companyAttribute returns an attribute of a company; company_id is its key.
func companyAttribute(rec *store.Record, name string) repr.Value {
	if name == "company_id" {
		return repr.String(rec.Key.ID)
	}
	v := rec.Profile.Attribute(name)
	return *peek.Of(&v)
}
