package beckon

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/walk"
	"github.com/beckon-go/beckon/store"
)

// PauseSeries holds a series back until [Engine.ResumeSeries], whatever later programs say:
// nobody enters, and no walk goes on. Waits run on, and what fell due meanwhile goes on with
// the first occasion after. Other engines follow as with [Engine.Pause], and so are the
// errors. (X4)
func (e *Engine) PauseSeries(ctx context.Context, series string) error {
	return e.setSeriesStatus(ctx, series, plan.Paused)
}

// ResumeSeries takes a pause back, as [Engine.Resume] does. (X4)
func (e *Engine) ResumeSeries(ctx context.Context, series string) error {
	return e.setSeriesStatus(ctx, series, "")
}

// StopSeries ends a series for good, as [Engine.Stop]; walks stand still. (X4)
func (e *Engine) StopSeries(ctx context.Context, series string) error {
	return e.setSeriesStatus(ctx, series, plan.Stopped)
}

// SeriesTotals count walks: Entered are in Blocks, Finished or Exited. (X4)
type SeriesTotals struct {
	Entered   int64            `json:"entered"`
	Blocks    map[string]int64 `json:"blocks"`    // how many stand at a block now, by its id; empty ones are left out
	Finished  int64            `json:"finished"`  // came to an end, by an exit block too, or were deleted or merged away
	Exited    int64            `json:"exited"`    // ended by the exit rule
	Converted int64            `json:"converted"` // contacts that reached the goal

	Status Status `json:"status,omitempty"` // in effect: a pause or a stop outranks the program; empty if the program does not have the series
}

// SeriesTotals returns the totals of a series over all engines of the store; those of one
// that never was are zero. Walks that were entered before the store kept totals count from
// their next entry. (X4)
func (e *Engine) SeriesTotals(ctx context.Context, series string) (SeriesTotals, error) {
	if err := e.open(); err != nil {
		return SeriesTotals{}, err
	}
	list, err := e.store.Totals(ctx, walk.Key(series))
	if err != nil {
		return SeriesTotals{}, storeError(err)
	}
	t := SeriesTotals{Blocks: map[string]int64{}, Status: e.seriesStatus(series)}
	for _, x := range list {
		switch x.Name {
		case walk.Entered:
			t.Entered = x.Count
		case walk.Finished:
			t.Finished = x.Count
		case walk.Exited:
			t.Exited = x.Count
		case decide.TotalConverted:
			t.Converted = x.Count
		default:
			if block, ok := walk.Block(x.Name); ok && x.Count != 0 {
				t.Blocks[block] = x.Count
			}
		}
	}
	return t, nil
}

// seriesStatus returns what is true of a series, as the engine knows it; empty if its
// program does not have it.
func (e *Engine) seriesStatus(series string) Status {
	st := e.states.Load()
	x := st.Plan.SeriesByID[series]
	if x == nil {
		return ""
	}
	return Status(cmp.Or(st.Series[series], x.Status, plan.Draft))
}

func (e *Engine) setSeriesStatus(ctx context.Context, series string, status plan.Status) error {
	if err := e.itself(); err != nil {
		return err
	}
	ctx, unlock := e.lockProgram(ctx)
	defer unlock()
	p := e.states.Plan()
	known := p.SeriesByID[series] != nil
	if err := e.stepOnce(ctx, []store.Step{{Key: seriesKey(), Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		before, had := saidOf(rec, series)
		switch {
		case !known && !had:
			return unknownID("series", "no series "+fault.Quote(series)+" is known", series, p.Near.Series)
		case before == plan.Stopped && status != plan.Stopped:
			return ErrorList{{Code: ErrMessageStopped, Field: "series", Message: "the series " + fault.Quote(series) + " was stopped, for good"}}
		case had && before == status:
			return nil
		}
		say(rec, c, series, status)
		return nil
	})}}); err != nil {
		return err
	}
	e.states.Note(func(n *decide.Noted) { n.SeriesStatus(series, status) })
	return nil
}

// seriesKey names the record of the series that were paused, resumed or stopped: what was
// said of them outranks later programs (D7).
func seriesKey() store.Key { return store.Key{Kind: store.KindStore, ID: "stopped series"} }

// Lists of that record, sorted.
const (
	seriesStopped = "ids"
	seriesPaused  = "paused"
	seriesResumed = "resumed" // nothing is true of them any more, but they are known
)

type seriesList struct {
	name   string
	status plan.Status
}

func seriesLists() [3]seriesList {
	return [...]seriesList{{seriesStopped, plan.Stopped}, {seriesPaused, plan.Paused}, {seriesResumed, ""}}
}

// saidOf returns what was said of one series, and whether anything was; of one that was
// resumed, nothing is true.
func saidOf(rec *store.Record, series string) (status plan.Status, had bool) {
	for _, l := range seriesLists() {
		if _, is := slices.BinarySearch(rec.Profile.Attribute(l.name).Texts(), series); is {
			return l.status, true
		}
	}
	return "", false
}

// say writes it, and leaves the rest of the lists as it is.
func say(rec *store.Record, c *store.Changes, series string, status plan.Status) {
	c.Profile, c.Touch = decide.CloneProfile(rec.Profile), true
	for _, l := range seriesLists() {
		list := rec.Profile.Attribute(l.name).Texts()
		i, is := slices.BinarySearch(list, series)
		switch {
		case is && l.status != status:
			setTexts(c.Profile, l.name, slices.Delete(slices.Clone(list), i, i+1))
		case !is && l.status == status:
			setTexts(c.Profile, l.name, slices.Insert(slices.Clone(list), i, series))
		}
	}
}

// setTexts sets an attribute of a profile to a list, or takes it away if that is empty.
func setTexts(p *store.Profile, name string, list []string) {
	decide.SetAttribute(p, name, Value{})
	if len(list) > 0 {
		decide.SetAttribute(p, name, List(list...))
	}
}

// readSeries returns what was said of all series, by id.
func readSeries(rec *store.Record) map[string]plan.Status {
	said := make(map[string]plan.Status)
	for _, l := range seriesLists() {
		for _, id := range rec.Profile.Attribute(l.name).Texts() {
			said[id] = l.status
		}
	}
	return said
}

// writeSeries writes it.
func writeSeries(rec *store.Record, c *store.Changes, said map[string]plan.Status) {
	c.Profile, c.Touch = decide.CloneProfile(rec.Profile), true
	ids := slices.Sorted(maps.Keys(said))
	for _, l := range seriesLists() {
		setTexts(c.Profile, l.name, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return said[id] != l.status }))
	}
}

// loadSeries reads what was said of series, and adds those that a program stops; p may be
// nil.
func (e *Engine) loadSeries(ctx context.Context, p *plan.Plan) (said map[string]plan.Status, err error) {
	read := func(rec *store.Record) error {
		said = readSeries(rec)
		return nil
	}
	if err := e.store.Read(ctx, []store.Key{seriesKey()}, read); err != nil || p == nil {
		return said, err
	}
	stops := func(said map[string]plan.Status) (any bool) {
		for _, s := range p.Series {
			if s.Status == plan.Stopped && said[s.ID] != plan.Stopped {
				said[s.ID], any = plan.Stopped, true
			}
		}
		return any
	}
	if !stops(maps.Clone(said)) {
		return said, nil
	}
	return said, e.stepOnce(ctx, []store.Step{{Key: seriesKey(), Decider: deciderFunc(func(rec *store.Record, c *store.Changes) error {
		if said = readSeries(rec); stops(said) {
			writeSeries(rec, c, said)
		}
		return nil
	})}})
}
