package beckon

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
)

// A ListedMessage is a message of the program, and its state now. (D13)
type ListedMessage struct {
	ID       string    `json:"id"`
	Name     string    `json:"name,omitempty"`
	Mode     Mode      `json:"mode"`
	Channel  Channel   `json:"channel"`
	Status   Status    `json:"status"`             // in effect: a pause or a stop outranks the program
	LiveAt   time.Time `json:"live_at,omitzero"`   // since when it is live, or was; zero for a draft
	LastSent time.Time `json:"last_sent,omitzero"` // when a send was last decided, control groups left out; giving back one of several (F4) leaves it, and sends before it was kept do not show; zero if Totals.Sent is
	Totals   Totals    `json:"totals"`
}

// A MessageFilter says which messages: zero is any, an unknown value none.
type MessageFilter struct {
	ID         string // this one alone
	After      string // those behind the message with this ID, for the next page; one that is not listed has none behind it
	Limit      int    // at most so many; 0 or less: all
	Mode       Mode
	Channel    Channel
	Status     Status    // in effect
	LiveFrom   time.Time // LiveAt is this or later
	LiveBefore time.Time // LiveAt is earlier; never a draft
	SentFrom   time.Time // LastSent is this or later
	SentBefore time.Time // LastSent is earlier, or it was never sent
	AtLeast    Totals    // each count is this or more
	Fewer      Totals    // each count is less than this: 1 means none
}

// Messages lists messages of the program in its order, those of series left out. Pauses and
// stops by other engines show after [Engine.Refresh]. The store is asked for the totals of
// each, so narrow a long list. Before the first [Engine.Publish] there are none. The error is
// closed, or a [StoreError]. (D13)
func (e *Engine) Messages(ctx context.Context, which MessageFilter) ([]ListedMessage, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	st := e.states.Load()
	list := []ListedMessage{}
	for _, m := range which.among(st.Plan.Listed) {
		if which.Limit > 0 && len(list) == which.Limit {
			break
		}
		status, at := st.Live[m.Place].Status()
		l := ListedMessage{ID: m.ID, Name: m.Name, Mode: Mode(m.Mode), Channel: m.Channel, Status: Status(status)}
		if status != plan.Draft {
			l.LiveAt = timeOf(at)
		}
		if !which.program(&l) {
			continue
		}
		var last int64
		var err error
		if l.Totals, last, err = e.totals(ctx, m.ID); err != nil {
			return nil, err
		}
		l.LastSent = timeOf(min(last, e.clock())) // (F6)
		if which.sends(&l) {
			list = append(list, l)
		}
	}
	return list, nil
}

// among returns the messages that the filter may mean, as far as their ids tell.
func (f *MessageFilter) among(listed []*plan.Message) []*plan.Message {
	at := func(id string) int { return slices.IndexFunc(listed, func(m *plan.Message) bool { return m.ID == id }) }
	if f.After != "" {
		i := at(f.After)
		if i < 0 {
			return nil
		}
		listed = listed[i+1:]
	}
	if f.ID != "" {
		i := at(f.ID)
		if i < 0 {
			return nil
		}
		listed = listed[i : i+1]
	}
	return listed
}

// program reports whether the filter means the message, as far as the program and its
// state tell.
func (f *MessageFilter) program(l *ListedMessage) bool {
	return (f.Mode == "" || f.Mode == l.Mode) && (f.Channel == "" || f.Channel == l.Channel) && (f.Status == "" || f.Status == l.Status) &&
		(f.LiveFrom.IsZero() || !l.LiveAt.IsZero() && !l.LiveAt.Before(f.LiveFrom)) &&
		(f.LiveBefore.IsZero() || !l.LiveAt.IsZero() && l.LiveAt.Before(f.LiveBefore))
}

// sends reports whether the filter means the message, as far as the totals tell.
func (f *MessageFilter) sends(l *ListedMessage) bool {
	return (f.SentFrom.IsZero() || !l.LastSent.IsZero() && !l.LastSent.Before(f.SentFrom)) &&
		(f.SentBefore.IsZero() || l.LastSent.Before(f.SentBefore)) &&
		f.AtLeast.each(&l.Totals, func(bound, n int64) bool { return n >= bound }) &&
		f.Fewer.each(&l.Totals, func(bound, n int64) bool { return n < bound })
}

// each reports whether each count that is not zero bounds that of totals.
func (t *Totals) each(of *Totals, bounds func(bound, n int64) bool) bool {
	for _, c := range [...][2]int64{
		{t.Judged, of.Judged},
		{t.Sent, of.Sent},
		{t.Control, of.Control},
		{t.Converted, of.Converted},
		{t.ControlConverted, of.ControlConverted},
		{t.Followed, of.Followed},
		{t.GivenUp, of.GivenUp},
	} {
		if c[0] != 0 && !bounds(c[0], c[1]) {
			return false
		}
	}
	for reason, n := range t.Held {
		if n != 0 && !bounds(n, of.Held[reason]) {
			return false
		}
	}
	return true
}

// Totals are the counts of a message: Judged is Sent plus all of Held. What sweeps hold
// counts each contact once, for the reason of the last sweep that came to its end,
// except for ReasonControl. (Z2)
type Totals struct {
	Judged           int64            `json:"judged"`
	Sent             int64            `json:"sent"`
	Held             map[Reason]int64 `json:"held"`      // by reason; those that never occurred are left out
	Control          int64            `json:"control"`   // decided for the control group (D10); also in Held
	Converted        int64            `json:"converted"` // recipients who reached the goal (D9)
	ControlConverted int64            `json:"control_converted"`
	Followed         int64            `json:"followed"` // absences cancelled by the follower (T6)
	GivenUp          int64            `json:"given_up"` // deliveries that the host gave up (see Engine.GiveUp); also in Sent, unless released after they were dropped
}

// Totals returns the counts of a message, exact as of a moment during the call.
// They are zeros if it was never judged; the program need not have it.
func (e *Engine) Totals(ctx context.Context, message string) (Totals, error) {
	t, _, err := e.totals(ctx, message)
	return t, err
}

// totals returns the counts of a message, and when it was last sent, in Unix
// milliseconds; 0 if no send of it stands.
func (e *Engine) totals(ctx context.Context, message string) (t Totals, last int64, err error) {
	if err := e.open(); err != nil {
		return Totals{}, 0, err
	}
	list, err := e.store.Totals(ctx, message)
	if err != nil {
		return Totals{}, 0, storeError(err)
	}
	t.Held = map[Reason]int64{}
	for _, x := range list {
		switch x.Name {
		case decide.TotalSent:
			t.Sent = x.Count
		case decide.TotalLastSent:
			last = x.Count
		case decide.TotalControl:
			t.Control = x.Count
		case decide.TotalConverted:
			t.Converted = x.Count
		case decide.TotalControlConverted:
			t.ControlConverted = x.Count
		case decide.TotalFollowed:
			t.Followed = x.Count
		case decide.TotalGivenUp:
			t.GivenUp = x.Count
		default:
			if reason, ok := strings.CutPrefix(x.Name, "held."); ok && x.Count != 0 {
				t.Held[Reason(reason)] = x.Count
				t.Judged += x.Count
			}
		}
	}
	t.Judged += t.Sent
	if t.Sent == 0 { // given back, all of them (F4)
		last = 0
	}
	return t, last, nil
}
