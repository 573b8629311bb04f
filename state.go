package beckon

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
)

// A state is what decisions run under: a plan, and what outlives programs. It
// is immutable and swapped whole, so an event in flight sees one state from
// beginning to end.
type state struct {
	plan     *plan
	live     []liveness // by messagePlan.place
	since    []int64    // the same, as liveness.since
	archived map[unique.Handle[string]]bool
	zones    *calendar.ZoneCache

	stoppedSeries map[string]bool // by id, also of those that the plan does not have
}

// liveness is whether a message is live, and since when.
type liveness struct {
	status Status
	at     int64 // Unix milliseconds
}

// since returns from when on candidates find the message live; never, if it is
// not.
func (l liveness) since() int64 {
	if l.status != Live {
		return math.MaxInt64
	}
	return l.at
}

// notLive says why a message that is not live is not.
func (l liveness) notLive() string {
	switch l.status {
	case Live:
		return "it is live from " + unixMilli(l.at).Format(time.RFC3339Nano)
	case Paused:
		return "it is paused"
	case Stopped:
		return "it is stopped"
	}
	return "it is a draft"
}

// setLive sets what k says of a message, in a state that nobody else has.
func (s *state) setLive(m *messagePlan, k mark) {
	s.live[m.place] = m.live(k)
	s.since[m.place] = s.live[m.place].since()
}

// zoneOf is the contact's own zone; nil if it has none.
func (s *state) zoneOf(p *Profile) *time.Location {
	if p == nil {
		return nil
	}
	name := p.Attribute("timezone").str
	if name == "" {
		return nil
	}
	return s.zones.Get(name)
}

// The attributes of message records: what of a message outlives programs (D7).
const (
	markMode   = "mode"    // text: fixed when first published live
	markLiveAt = "live_at" // text: Unix milliseconds, when first published live
	markStatus = "status"  // text: paused or stopped by a call; outranks the program
)

// A mark is a message record as the engine reads it.
type mark struct {
	mode   Mode
	liveAt int64
	status Status
}

func readMark(rec *Record) mark {
	p := rec.Profile
	at, _ := strconv.ParseInt(p.Attribute(markLiveAt).Text(), 10, 64) // absent or not ours: not known
	return mark{
		mode: Mode(p.Attribute(markMode).str), liveAt: at, status: Status(p.Attribute(markStatus).str),
	}
}

// live joins what the program says of a message with what outlives it.
func (m *messagePlan) live(k mark) liveness {
	l := liveness{status: m.status, at: m.liveAt}
	if l.at == 0 {
		l.at = k.liveAt
	}
	// A pause or stop outranks the status in a later program, but a program
	// that stops a paused message stops it.
	if k.status == Stopped || k.status == Paused && l.status == Live {
		l.status = k.status
	}
	return l
}

// states holds the engine's current state.
type states struct{ p atomic.Pointer[state] }

func (s *states) load() *state { return s.p.Load() }

// loadMarks reads the message records of a plan. If damaged is not nil, one that
// cannot be read is told to it and stands for a pause: it may have been a stop.
func (e *Engine) loadMarks(ctx context.Context, p *plan, damaged func(Key, error)) (map[string]mark, error) {
	keys := make([]Key, len(p.messages))
	for i, m := range p.messages {
		keys[i] = Key{Kind: KindMessage, ID: m.id}
	}
	marks := make(map[string]mark, len(keys))
	for {
		err := e.store.Read(ctx, keys, func(rec *Record) error {
			if rec.Exists {
				marks[rec.Key.ID] = readMark(rec)
			}
			return nil
		})
		key, ok := damagedKey(err)
		i := slices.Index(keys, key)
		if !ok || i < 0 || damaged == nil {
			return marks, err
		}
		damaged(key, err)
		marks[key.ID] = mark{status: Paused}
		keys = slices.Delete(keys, i, i+1)
	}
}

// scanAll calls fn with every record that q chooses. fn must not call the
// store.
func (e *Engine) scanAll(ctx context.Context, q Query, fn func(*Record) error) error {
	var at Cursor
	for {
		next, err := e.store.Scan(ctx, q, at, scanPage, fn)
		if err != nil || next == "" {
			return err
		}
		at = next
	}
}

// scanPage is how many records one page of a scan asks for.
const scanPage = 256

// Refresh reads again what other engines over the same store may have
// changed: pauses, stops, archived events, and whether there is an outbox.
// [Engine.Due] begins with it; a
// host calls it to be sooner.
func (e *Engine) Refresh(ctx context.Context) error {
	if err := e.itself(); err != nil {
		return err
	}
	r := &run{}
	if err := e.refresh(ctx, r); err != nil {
		return err
	}
	return r.ended()
}

// refresh is Refresh as the beginning of a run.
func (e *Engine) refresh(ctx context.Context, r *run) error {
	e.publishing.Lock()
	defer e.publishing.Unlock()
	if err := e.readSettings(ctx); err != nil {
		return err
	}
	st := e.states.load()
	marks, err := e.loadMarks(ctx, st.plan, r.damaged)
	if err != nil {
		return storeError(err)
	}
	archived, err := e.loadArchived(ctx)
	switch key, damaged := damagedKey(err); {
	case damaged:
		r.damaged(key, err)
		archived = st.archived // as far as it is known
	case err != nil:
		return storeError(err)
	}
	stopped, err := e.loadStoppedSeries(ctx, nil)
	switch key, damaged := damagedKey(err); {
	case damaged:
		r.damaged(key, err)
		stopped = st.stoppedSeries
	case err != nil:
		return storeError(err)
	}
	next := e.newState(st.plan, marks, archived)
	next.stoppedSeries = stopped
	e.states.p.Store(next)
	return nil
}

func (e *Engine) newState(p *plan, marks map[string]mark, archived map[unique.Handle[string]]bool) *state {
	st := &state{plan: p, live: make([]liveness, len(p.messages)), since: make([]int64, len(p.messages)), archived: archived, zones: e.zones}
	for _, m := range p.messages {
		st.setLive(m, marks[m.id])
	}
	return st
}
