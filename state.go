package beckon

import (
	"math"
	"strconv"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A state is what decisions run under: a plan, and what outlives programs. It
// is immutable and swapped whole, so an event in flight sees one state from
// beginning to end.
type state struct {
	plan     *plan.Plan
	live     []liveness // by messagePlan.place
	since    []int64    // the same, as liveness.since
	archived map[unique.Handle[string]]bool
	zones    *calendar.ZoneCache

	stoppedSeries map[string]bool // by id, also of those that the plan does not have
}

// liveness is whether a message is live, and since when.
type liveness struct {
	status plan.Status
	at     int64 // Unix milliseconds
}

// since returns from when on candidates find the message live; never, if it is
// not.
func (l liveness) since() int64 {
	if l.status != plan.Live {
		return math.MaxInt64
	}
	return l.at
}

// notLive says why a message that is not live is not.
func (l liveness) notLive() string {
	switch l.status {
	case plan.Live:
		return "it is live from " + time.UnixMilli(l.at).UTC().Format(time.RFC3339Nano)
	case plan.Paused:
		return "it is paused"
	case plan.Stopped:
		return "it is stopped"
	}
	return "it is a draft"
}

// setLive sets what k says of a message, in a state that nobody else has.
func (s *state) setLive(m *plan.Message, k messageState) {
	s.live[m.Place] = livenessOf(m, k)
	s.since[m.Place] = s.live[m.Place].since()
}

// zoneOf is the contact's own zone; nil if it has none.
func (s *state) zoneOf(p *store.Profile) *time.Location {
	if p == nil {
		return nil
	}
	name := p.Attribute("timezone").Text()
	if name == "" {
		return nil
	}
	return s.zones.Get(name)
}

// The attributes of message records: what of a message outlives programs (D7).
const (
	stateMode   = "mode"    // text: fixed when first published live
	stateLiveAt = "live_at" // text: Unix milliseconds, when first published live
	stateStatus = "status"  // text: paused or stopped by a call; outranks the program
)

// A messageState is a message record as the engine reads it.
type messageState struct {
	mode   plan.Mode
	liveAt int64
	status plan.Status
}

func readMessageState(rec *store.Record) messageState {
	p := rec.Profile
	at, _ := strconv.ParseInt(p.Attribute(stateLiveAt).Text(), 10, 64) // absent or not ours: not known
	return messageState{
		mode: plan.Mode(p.Attribute(stateMode).Text()), liveAt: at, status: plan.Status(p.Attribute(stateStatus).Text()),
	}
}

// livenessOf joins what the program says of a message with what outlives it.
func livenessOf(m *plan.Message, k messageState) liveness {
	l := liveness{status: m.Status, at: m.LiveAt}
	if l.at == 0 {
		l.at = k.liveAt
	}
	// A pause or stop outranks the status in a later program, but a program
	// that stops a paused message stops it.
	if k.status == plan.Stopped || k.status == plan.Paused && l.status == plan.Live {
		l.status = k.status
	}
	return l
}

// walks reports whether the walks of a series go on.
func (s *state) walks(x *plan.Series) bool { return x.Status == plan.Live && !s.stoppedSeries[x.ID] }

func writeMessageState(p *store.Profile, k messageState) {
	text := func(s string) value.Value {
		if s == "" {
			return value.Value{}
		}
		return value.String(s)
	}
	setAttribute(p, stateMode, text(string(k.mode)))
	setAttribute(p, stateStatus, text(string(k.status)))
	if k.liveAt != 0 {
		setAttribute(p, stateLiveAt, value.String(strconv.FormatInt(k.liveAt, 10)))
	}
}
