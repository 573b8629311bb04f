package decide

import (
	"slices"

	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// CloneProfile copies a profile so that the copy may be changed: its lists are its
// own, their elements are immutable. The clone of nil is empty.
func CloneProfile(p *store.Profile) *store.Profile {
	if p == nil {
		return &store.Profile{}
	}
	q := *p
	q.Attributes = slices.Clone(p.Attributes)
	q.Companies = slices.Clone(p.Companies)
	q.Unsubscribed = slices.Clone(p.Unsubscribed)
	q.Holds = slices.Clone(p.Holds)
	q.SeriesStates = slices.Clone(p.SeriesStates)
	q.Goals = slices.Clone(p.Goals)
	q.Dates = slices.Clone(p.Dates)
	q.FreeSequences = slices.Clone(p.FreeSequences)
	q.MergedFrom = slices.Clone(p.MergedFrom)
	q.Aliases = slices.Clone(p.Aliases)
	q.Matched = slices.Clone(p.Matched)
	if p.Rare != nil {
		rare := *p.Rare
		rare.Armed = slices.Clone(rare.Armed)
		rare.Crossings = slices.Clone(rare.Crossings)
		rare.PerValue = slices.Clone(rare.PerValue)
		rare.Choices = slices.Clone(rare.Choices)
		rare.Decided = slices.Clone(rare.Decided)
		q.Rare = &rare
	}
	return &q
}

// SetAttribute sets an attribute; an unknown value unsets it. p must be a clone.
func SetAttribute(p *store.Profile, name string, v value.Value) {
	i := p.Search(name)
	found := i < len(p.Attributes) && intern.Text(p.Attributes[i].Name) == name
	switch {
	case v.IsUnknown():
		if found {
			p.Attributes = slices.Delete(p.Attributes, i, i+1)
		}
	case found:
		p.Attributes[i].Value = v
	default:
		p.Attributes = slices.Insert(p.Attributes, i, store.NewAttribute(name, v))
	}
}

// CloneRecord copies a record for a look at the state after the occasion: rows are
// copied, for Apply writes into them.
func CloneRecord(r *store.Record) *store.Record {
	q := *r
	q.Stats = slices.Clone(r.Stats)
	q.SendStats = slices.Clone(r.SendStats)
	q.SendLog = slices.Clone(r.SendLog)
	q.Counters = slices.Clone(r.Counters)
	for i := range q.Counters {
		q.Counters[i].Times = slices.Clone(q.Counters[i].Times)
	}
	q.Dedup = slices.Clone(r.Dedup)
	q.Pending = r.Pending.Clone()
	return &q
}

// KeptRecord copies a record so that nothing of the copy but its texts is shared: a
// store may use the memory of what a scan has shown again.
func KeptRecord(r *store.Record) *store.Record {
	q := CloneRecord(r)
	for i := range q.SendLog {
		q.SendLog[i].Tags = slices.Clone(q.SendLog[i].Tags)
	}
	for p := range q.Pending.All() {
		p.Tags = slices.Clone(p.Tags)
	}
	if r.Profile != nil {
		q.Profile = CloneProfile(r.Profile)
	}
	return q
}
