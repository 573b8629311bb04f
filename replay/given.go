package replay

import (
	"slices"
	"time"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A given is what is in the store of a replay before the first step.
type given struct {
	key     store.Key
	changes store.Changes
}

// Decide implements [store.Decider].
func (g *given) Decide(_ *store.Record, c *store.Changes) error {
	*c = g.changes
	return nil
}

// give puts it into the stores of the replay. Once a step was played it is too late.
func (p *play) give(g *given) error {
	for i := range p.sides {
		steps := []store.Step{{Key: g.key, Decider: g}}
		if err := p.sides[i].store.Step(p.ctx, steps); err != nil {
			return err
		}
		if err := steps[0].Err; err != nil {
			return err
		}
	}
	return nil
}

// A known is what is read of a contact's record.
type known struct {
	key     store.Key
	created int64 // Unix milliseconds; 0 if it is not known
	seq     uint64
	seen    int64
	contact data
	profile *store.Profile // of before the window
	series  []store.SeriesState
	dates   []store.DateState
	matched []string
	stats   []store.Stats
	sends   []store.SendStats
	log     []store.SendLogEntry
}

func knownOf(rec *store.Record) known {
	c := known{key: rec.Key, seq: rec.EventSeq, seen: rec.LastSeen, stats: slices.Clone(rec.Stats), sends: slices.Clone(rec.SendStats), log: slices.Clone(rec.SendLog)}
	c.contact = dataOf(rec)
	if p := rec.Profile; p != nil {
		c.created, c.profile = p.Created, ownProfile(p)
		c.series, c.dates, c.matched = slices.Clone(p.SeriesStates), slices.Clone(p.Dates), slices.Clone(p.Matched)
	}
	return c
}

// from reports whether the contact was there before an instant.
func (c *known) from(since int64) bool { return c.created == 0 || c.created < since }

// ownProfile returns the part of a profile that holds at any time.
func ownProfile(p *store.Profile) *store.Profile {
	own := &store.Profile{}
	if p == nil {
		return own
	}
	own.Created = p.Created
	own.Attributes, own.Companies = slices.Clone(p.Attributes), slices.Clone(p.Companies)
	own.Unsubscribed, own.Aliases = slices.Clone(p.Unsubscribed), slices.Clone(p.Aliases)
	if choices := p.Rarely().Choices; len(choices) > 0 {
		own.Rare = &store.Rare{Choices: slices.Clone(choices)}
	}
	return own
}

// before returns the contact as it was before the events from events[begins] on.
func (c *known) before(events []store.LoggedEvent, begins int, since int64) *given {
	if since == 0 && begins < len(events) {
		since = events[begins].Arrived
	}
	p := c.profile
	if p == nil {
		p = &store.Profile{}
	}
	for _, x := range c.series {
		if x.Entered < since {
			p.SeriesStates = append(p.SeriesStates, store.SeriesState{Series: x.Series, Since: x.Entered, Done: true, Entered: x.Entered, Entries: x.Entries})
		}
	}
	for _, x := range c.dates {
		if x.Value*1000 < since {
			p.Dates = append(p.Dates, x)
		}
	}
	p.Matched = c.matched
	g := &given{c.key, store.Changes{Touch: true, Profile: p, Stats: c.statsBefore(events, begins)}}
	if g.changes.EventSeq = c.seq - uint64(len(events)-begins); begins > 0 {
		g.changes.Events, g.changes.KeepEvents = slices.Clone(events[:begins]), begins
	}
	if c.seen != 0 && c.seen < since {
		g.changes.LastSeen = c.seen
	}
	c.sendsBefore(&g.changes, since)
	return g
}

// statsBefore returns what was counted before the events from events[begins] on.
func (c *known) statsBefore(events []store.LoggedEvent, begins int) []store.Stats {
	type kept struct {
		later uint64 // from begins on
		last  int64  // of those before
	}
	names := map[unique.Handle[string]]kept{}
	for i := range events {
		k := names[events[i].Name]
		if i >= begins {
			k.later++
		} else if k.last == 0 || events[i].At > k.last {
			k.last = events[i].At
		}
		names[events[i].Name] = k
	}
	var list []store.Stats
	for _, s := range c.stats {
		k := names[s.Name]
		if s.Count <= k.later {
			continue
		}
		if k.later > 0 { // else all of it was before
			s.Count -= k.later
			if s.Last = k.last; k.last == 0 {
				s.Last = s.First
			}
		}
		list = append(list, s)
	}
	return list
}

// sendsBefore sets what was sent before an instant, as far as the log of sends tells.
func (c *known) sendsBefore(changes *store.Changes, since int64) {
	type of struct{ message, company string }
	type logged struct {
		later uint32
		last  int64 // of those before
	}
	sends := map[of]logged{}
	for _, x := range c.log {
		k := sends[of{x.Message, x.Company}]
		if x.At < since {
			changes.SendLog = append(changes.SendLog, x)
			k.last = x.At
		} else {
			k.later++
		}
		sends[of{x.Message, x.Company}] = k
	}
	for _, s := range c.sends {
		if s.Last >= since {
			k := sends[of{s.Message, s.Company}]
			s.Last = max(k.last, s.Prior)
			if s.Control || s.Last == 0 || s.Last >= since || s.Count <= k.later {
				continue
			}
			s.Count -= k.later
		}
		changes.SendStats = append(changes.SendStats, s)
	}
}

// A data is a contact as an update makes it.
type data struct{ beckon.Contact }

// dataOf returns what an update would have to say to make the contact.
func dataOf(rec *store.Record) data {
	who := rec.Identity()
	c := beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}
	p := rec.Profile
	if p == nil {
		return data{c}
	}
	for _, a := range p.Attributes {
		switch name := a.Name.Value(); name {
		case "user_id", "id", "email", "anonymous_id": // in fields of their own
		case "last_seen_at", "first_seen_at", "session_count": // which only visits set
		default:
			if c.Attributes == nil {
				c.Attributes = beckon.Attributes{}
			}
			c.Attributes[name] = a.Value
		}
	}
	c.Unsubscribed = slices.Clone(p.Unsubscribed)
	for _, x := range p.Rarely().Choices {
		if slices.Contains(p.Unsubscribed, x.Of) {
			continue
		}
		if c.Topics == nil {
			c.Topics = map[string]*bool{}
		}
		yes := x.Yes
		c.Topics[x.Of] = &yes
	}
	for _, id := range p.Companies {
		c.Companies = append(c.Companies, beckon.Membership{CompanyID: id})
	}
	return data{c}
}

// hasMore reports whether there is more of the contact than its first event makes.
func (d *data) hasMore() bool {
	given := 0
	for _, id := range [...]string{d.UserID, d.ID, d.Email, d.AnonymousID} {
		if id != "" {
			given++
		}
	}
	return given > 1 || len(d.Attributes)+len(d.Unsubscribed)+len(d.Topics)+len(d.Companies) > 0
}

// step returns what happened as a step.
func (x *happened) step() Step {
	at := time.UnixMilli(x.at).UTC()
	if x.seq == 0 {
		return Update(at, *x.made)
	}
	e := &x.event
	event := beckon.Event{Name: e.Name.Value(), EventID: e.EventID, CompanyID: e.CompanyID, Source: e.Source, Import: e.Import, Page: e.Page, Metadata: e.Metadata}
	switch x.key.Kind {
	case store.KindUser:
		event.UserID = x.key.ID
	case store.KindContact:
		event.ID = x.key.ID
	case store.KindEmail:
		event.Email = x.key.ID
	default:
		event.AnonymousID = x.key.ID
	}
	// That it happened when it arrived is what an event without a time says. Two of those
	// are never repeats of each other.
	if e.At != x.at/1000 {
		event.CreatedAt = time.Unix(e.At, 0)
	}
	return Track(at, event)
}
