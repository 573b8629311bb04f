package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/observe"
)

// maxEntries is how many decisions the panel remembers, of all contacts together.
const maxEntries = 500

// A panel remembers what was decided. A decision is of the contact as it was known then.
type panel struct {
	mu      sync.Mutex
	entries []entry
}

// An entry is one decision as the panel shows it.
type entry struct {
	Number  int       `json:"number"`
	At      time.Time `json:"at"`
	Message string    `json:"message"`
	Channel string    `json:"channel"`
	On      string    `json:"on"`
	Sent    bool      `json:"sent"`
	Reason  string    `json:"reason,omitempty"`
	Because string    `json:"because,omitempty"`
	RetryAt time.Time `json:"retry_at,omitzero"`

	contact beckon.Identity
}

// decided is what the engine tells of each decision.
func (p *panel) decided(_ context.Context, d observe.Decision) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 1
	if len(p.entries) > 0 {
		n = p.entries[0].Number + 1
	}
	p.entries = slices.Insert(p.entries, 0, entry{
		Number: n, At: d.At, Message: d.Message, Channel: string(d.Channel), On: string(d.Occasion), Sent: d.Sent,
		Reason: string(d.Reason), Because: because(d.Reason), RetryAt: d.RetryAt, contact: d.Contact,
	})
	p.entries = p.entries[:min(len(p.entries), maxEntries)]
}

// of returns what was decided of a contact, the latest first. A sweep comes every few
// seconds and says the same each time: of what it holds one entry is enough.
func (p *panel) of(who beckon.Identity) []entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []entry{}
	for _, e := range p.entries {
		if !(who.UserID != "" && e.contact.UserID == who.UserID) && !(who.AnonymousID != "" && e.contact.AnonymousID == who.AnonymousID) {
			continue
		}
		if e.On == string(observe.OnSweep) && !e.Sent && slices.ContainsFunc(list, func(o entry) bool { return o.On == e.On && o.Message == e.Message && o.Reason == e.Reason }) {
			continue
		}
		if list = append(list, e); len(list) == 50 {
			break
		}
	}
	return list
}

// join has what was decided of a visitor be a user's.
func (p *panel) join(visitor, user beckon.Identity) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.entries {
		if c := &p.entries[i].contact; c.AnonymousID == visitor.AnonymousID && c.UserID == "" {
			c.UserID = user.UserID
		}
	}
}

// because says what a reason means.
func because(r beckon.Reason) string {
	switch r {
	case "":
		return ""
	case beckon.ReasonNotLive:
		return "the message is a draft, paused or stopped"
	case beckon.ReasonSource:
		return "events from there do not trigger its channel"
	case beckon.ReasonFilter:
		return "the event is not one that its rule asks for"
	case beckon.ReasonAudience:
		return "you are not in its audience"
	case beckon.ReasonAlreadySent:
		return "it goes out once, and has"
	case beckon.ReasonWaiting:
		return "it waits to see whether another event follows"
	case beckon.ReasonSchedule:
		return "it is outside of its hours"
	case beckon.ReasonQuiet:
		return "it is quiet hours"
	case beckon.ReasonSnoozed:
		return "you want no messages for now"
	case beckon.ReasonUnsubscribed:
		return "you have unsubscribed from its channel"
	case beckon.ReasonMaxReached:
		return "you have had it as often as it may be sent"
	case beckon.ReasonThrottled:
		return "you have had it too recently"
	case beckon.ReasonControl:
		return "you are in its control group"
	case beckon.ReasonCapped:
		return "you have had enough messages for now"
	}
	return "it could not be sent: " + string(r)
}

// panelJSON answers with what was decided of the caller.
func (s *shop) panelJSON(w http.ResponseWriter, r *http.Request) {
	who, err := s.who(r)
	if err != nil {
		http.Error(w, "there is no session", http.StatusUnauthorized)
		return
	}
	s.answer(w, map[string]any{"clock": s.clock.now(), "entries": s.panel.of(who)})
}

// why explains a message: what would be decided if its last event happened again now, or the
// page was visited, down to each condition.
func (s *shop) why(w http.ResponseWriter, r *http.Request) {
	who, err := s.who(r)
	if err != nil {
		http.Error(w, "there is no session", http.StatusUnauthorized)
		return
	}
	trace, err := s.explain(r.Context(), who, r.FormValue("message"))
	switch {
	case errors.Is(err, beckon.ErrMessageUnknown) || errors.Is(err, beckon.ErrContactUnknown):
		http.Error(w, "nothing is known of this message", http.StatusNotFound)
	case err != nil:
		s.fail(w, err)
	default:
		s.answer(w, map[string]any{"trace": trace, "because": because(trace.Reason)})
	}
}

func (s *shop) explain(ctx context.Context, who beckon.Identity, message string) (beckon.MessageTrace, error) {
	of := func(list []beckon.MessageTrace) (beckon.MessageTrace, bool) {
		i := slices.IndexFunc(list, func(t beckon.MessageTrace) bool { return t.Message == message && message != "" })
		if i < 0 {
			return beckon.MessageTrace{}, false
		}
		return list[i], true
	}
	events, err := s.engine.RecentEvents(ctx, who, nil, 0)
	if err != nil {
		return beckon.MessageTrace{}, err
	}
	asked := map[string]bool{}
	for _, e := range events {
		if asked[e.Name] {
			continue
		}
		asked[e.Name] = true
		list, err := s.engine.Explain(ctx, beckon.Event{
			Name: e.Name, UserID: who.UserID, AnonymousID: who.AnonymousID, Source: e.Source, Page: e.Page, Metadata: e.Metadata,
		})
		if err != nil {
			return beckon.MessageTrace{}, err
		}
		if t, ok := of(list); ok {
			return t, nil
		}
	}
	visited, err := s.engine.Explain(ctx, beckon.Visit{UserID: who.UserID, AnonymousID: who.AnonymousID})
	if err != nil {
		return beckon.MessageTrace{}, err
	}
	swept, err := s.engine.Explain(ctx, beckon.AtSweep(who))
	if t, ok := of(append(visited, swept...)); ok {
		return t, nil
	}
	return beckon.MessageTrace{}, cmp.Or(err, error(beckon.ErrMessageUnknown))
}
