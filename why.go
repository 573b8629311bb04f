package beckon

import (
	"context"
	"slices"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
)

// Why says of one message, or of one series, what it does for a contact and why: by the
// occasion that decides it. An event that triggers it is taken to come now as it last came,
// or, if none is kept, without metadata. Of a message that a segment triggers, Note says
// whether the contact matches that now. What waits of it is told, too. An id that the program
// does not have is message_unknown, and before the first Publish the error is program_missing;
// others are those of [Engine.Explain]. (Z2)
func (e *Engine) Why(ctx context.Context, who Identity, id string) (why explain.Why, err error) {
	if err := e.programmed(); err != nil {
		return why, err
	}
	p := e.states.Load().Plan
	m, series := p.ByID[id], id
	switch {
	case m == nil && p.SeriesByID[id] == nil:
		return why, unknownID("message", "no message or series "+fault.Quote(id)+" is in the program", id, p.Near.Messages, p.Near.Series)
	case m != nil && m.Series == nil:
		return e.whyMessage(ctx, who, m)
	case m != nil:
		series = m.Series.ID
	}
	walks, err := e.ExplainSeries(ctx, who)
	why.Walks = slices.DeleteFunc(walks, func(w explain.Walk) bool { return w.Series != series })
	why.Unknown = len(why.Walks) > 0 && why.Walks[0].Unknown
	return why, err
}

func (e *Engine) whyMessage(ctx context.Context, who Identity, m *plan.Message) (why explain.Why, err error) {
	asked := []Moment{AtSweep(who), AtDue(who)}
	switch {
	case m.Mode == plan.OneOff:
		asked[0] = AtSend(who, m.ID)
	case m.ByDue:
		asked = asked[1:]
	case m.Change != nil: // which change is not known
		asked = asked[1:]
	case m.Triggered && m.Date == "" && m.Crossing == nil:
		ev, at, err := e.lastEvent(ctx, who, m.Event.Value())
		if err != nil {
			return why, err
		}
		asked[0], why.Event, why.EventAt = ev, ev.Name, at
	case !plan.Sweeps(m.Channel) && m.Crossing == nil:
		asked[0] = Visit{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}
	}
	nobody := ""
	for _, at := range asked {
		list, err := e.Explain(ctx, at)
		if err != nil {
			return why, err
		}
		for i := range list {
			if t := &list[i]; t.Unknown {
				if why.Unknown = true; t.Message == "" && nobody == "" {
					nobody = t.Note
				}
			}
		}
		why.Messages = append(why.Messages, slices.DeleteFunc(list, func(t MessageTrace) bool { return t.Message != m.ID })...)
	}
	switch {
	case m.Change != nil:
		why.Note = e.states.Load().Live[m.Place].NotYet(e.clock()) + "it is triggered when " + m.Change.Attribute + " of a contact changes: explain an update"
	case len(why.Messages) > 0:
	case nobody != "":
		why.Note = nobody
	case m.Crossing != nil:
		why.Note, err = e.whyNotCrossed(ctx, who, m)
	case m.ByDue:
		why.Note = "its date is not ahead, or the contact has none"
	default:
		why.Note = "nothing triggers it now"
	}
	return why, err
}

// whyNotCrossed says of a message that a segment triggers how the contact stands to that.
func (e *Engine) whyNotCrossed(ctx context.Context, who Identity, m *plan.Message) (string, error) {
	matches, err := e.Matches(ctx, Segment(m.Crossing.Name), who)
	if err != nil {
		return "", err
	}
	does, stands := "begins", "does not match it now"
	switch {
	case m.Crossing.Leaves && matches:
		does, stands = "ceases", "matches it now"
	case m.Crossing.Leaves:
		does = "ceases"
	case matches:
		stands = "matches it already"
	}
	notYet := e.states.Load().Live[m.Place].NotYet(e.clock())
	return notYet + "it is triggered when a contact " + does + " to match the segment " + fault.Quote(m.Crossing.Name) + ". This one " + stands, nil
}

// lastEvent returns the last event of a name that is kept of a contact, as if it came now, and
// when it came; without one, an event without metadata.
func (e *Engine) lastEvent(ctx context.Context, who Identity, name string) (ev Event, at time.Time, err error) {
	ev = Event{Name: name, UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}
	var after *PastEvent
	for {
		events, err := e.RecentEvents(ctx, who, after, lastEventPage)
		if err != nil {
			return ev, at, err
		}
		for i := range events {
			if x := &events[i]; x.Name == name {
				ev.Metadata, ev.Source, ev.Page, ev.CompanyID = x.Metadata, x.Source, x.Page, x.CompanyID
				return ev, x.CreatedAt, nil
			}
		}
		if len(events) < lastEventPage {
			return ev, at, nil
		}
		after = &events[len(events)-1]
	}
}

// lastEventPage is how many events are read at once in search of one.
const lastEventPage = 200
