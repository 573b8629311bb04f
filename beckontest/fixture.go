package beckontest

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/store"
)

// Load makes the contact of an export, usually one that [Mask] returned, and returns its
// identity. It has the attributes, companies, refusals and choices, counts of events, the
// recent events with their metadata, and the sends that frequencies and caps count. So the
// kit's program decides of it as it does of the contact in production. Nothing is decided
// while it is loaded.
//
// What was under way is not loaded: what waits, walks, open goals, the outbox. The data of
// its companies is not in an export; give it with [Kit.Update]. Set the clock before, at the
// earliest to the time of the export: events that are more than a day ahead are refused,
// which stops the test.
func (k *Kit) Load(export beckon.ContactExport) beckon.Identity {
	k.t.Helper()
	who := export.Identity
	for fault, err := range k.Engine.Import(k.t.Context(), past(&export)) {
		k.must("Load", err)
		k.must("Load", fault.Err)
	}
	key, ok := identity.KeyOf(who)
	if !ok {
		k.t.Fatalf("Load: the export names no contact")
		return who
	}
	steps := []store.Step{{Key: key, Decider: counts{&export}}}
	k.must("Load", k.store.Step(k.t.Context(), steps))
	k.must("Load", steps[0].Err)
	return who
}

// past is what an export knows of the past, as an import takes it.
func past(x *beckon.ContactExport) iter.Seq2[beckon.ImportItem, error] {
	return func(yield func(beckon.ImportItem, error) bool) {
		who := x.Identity
		c := beckon.Contact{
			UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID,
			Unsubscribed: x.Unsubscribed, SnoozedUntil: x.SnoozedUntil, Attributes: maps.Clone(x.Attributes), Topics: map[string]*bool{},
		}
		if c.Attributes == nil {
			c.Attributes = beckon.Attributes{}
		}
		for _, own := range []string{"user_id", "id", "email", "anonymous_id"} { // they are in the fields
			delete(c.Attributes, own)
		}
		if _, known := c.Attributes["created_at"]; !known && !x.CreatedAt.IsZero() {
			c.Attributes["created_at"] = beckon.Date(x.CreatedAt)
		}
		for _, id := range x.Companies {
			c.Companies = append(c.Companies, beckon.Membership{CompanyID: id})
		}
		for _, choice := range x.Choices {
			switch channel, _, _ := strings.Cut(choice.Of, ":"); channel {
			case "email", "push", "sms": // those are among Unsubscribed
			default:
				yes := choice.Yes
				c.Topics[choice.Of] = &yes
			}
		}
		if !yield(beckon.ImportItem{Contact: &c}, nil) {
			return
		}
		for i, e := range slices.Backward(x.Recent) {
			if e.Name == "" { // a change that waits
				continue
			}
			event := beckon.Event{
				Name: e.Name, CreatedAt: e.CreatedAt, EventID: e.EventID, CompanyID: e.CompanyID, Source: e.Source, Page: e.Page, Metadata: e.Metadata,
				UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID,
			}
			if event.EventID == "" { // two that are the same are still two
				event.EventID = "fixture-" + strconv.Itoa(i)
			}
			if !yield(beckon.ImportItem{Event: &event}, nil) {
				return
			}
		}
	}
}

// counts writes what no import can: counts of events that are kept no more, and sends.
type counts struct{ of *beckon.ContactExport }

// Decide implements [store.Decider].
func (c counts) Decide(_ *store.Record, to *store.Changes) error {
	x := c.of
	to.Touch = true
	if !x.LastSeenAt.IsZero() {
		to.LastSeen = x.LastSeenAt.UnixMilli()
	}
	for _, e := range x.Events {
		to.Stats = append(to.Stats, store.Stats{Name: unique.Make(e.Name), Count: e.Count, First: e.First.Unix(), Last: e.Last.Unix()})
	}
	for _, s := range x.Sends {
		if s.Count < 0 || s.Count > math.MaxUint32 {
			return fmt.Errorf("%d sends of %q", s.Count, s.Message)
		}
		to.SendStats = append(to.SendStats, store.SendStats{Message: s.Message, Company: s.CompanyID, Control: s.Control, Count: uint32(s.Count), Last: millis(s.Last)})
	}
	for _, s := range x.Log {
		if s.Sequence < 0 || s.Sequence > math.MaxUint32 {
			return fmt.Errorf("number %d of %q", s.Sequence, s.Message)
		}
		to.SendLog = append(to.SendLog, store.SendLogEntry{ID: s.ID, At: millis(s.At), Message: s.Message, Company: s.CompanyID, Channel: s.Channel, Tags: slices.Clone(s.Tags), Sequence: uint32(s.Sequence)})
	}
	return nil
}

func millis(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}
