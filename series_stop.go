package beckon

import (
	"context"
	"slices"
)

// stoppedSeriesKey names the record of the series that were stopped: they are so for
// good, whatever later programs say (D7).
func stoppedSeriesKey() Key { return Key{Kind: KindStore, ID: "stopped series"} }

const stoppedSeriesIDs = "ids" // list, sorted

// loadStoppedSeries reads which series were stopped, and adds those that a program
// stops; p may be nil.
func (e *Engine) loadStoppedSeries(ctx context.Context, p *plan) (map[string]bool, error) {
	var ids []string
	read := func(rec *Record) error {
		ids = slices.Clone(rec.Profile.Attribute(stoppedSeriesIDs).Texts())
		return nil
	}
	if err := e.store.Read(ctx, []Key{stoppedSeriesKey()}, read); err != nil {
		return nil, err
	}
	var more []string
	if p != nil {
		for _, s := range p.series {
			if s.status == Stopped && !slices.Contains(ids, s.id) {
				more = append(more, s.id)
			}
		}
	}
	if len(more) > 0 {
		if err := e.stepOnce(ctx, []Step{{Key: stoppedSeriesKey(), Decider: deciderFunc(func(rec *Record, c *Changes) error {
			ids = unite(rec.Profile.Attribute(stoppedSeriesIDs).Texts(), more)
			slices.Sort(ids)
			c.Profile = rec.Profile.clone()
			c.Profile.set(stoppedSeriesIDs, List(ids...))
			return nil
		})}}); err != nil {
			return nil, err
		}
	}
	stopped := make(map[string]bool, len(ids))
	for _, id := range ids {
		stopped[id] = true
	}
	return stopped, nil
}

// walks reports whether the walks of a series go on.
func (s *state) walks(x *seriesPlan) bool { return x.status == Live && !s.stoppedSeries[x.id] }
