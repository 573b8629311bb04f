package decide

import (
	"slices"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/perkey"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// valueState is frequencyState for the value that the event has (F7). To be asked about
// is a use, which is noted.
func (d *Decision) valueState(m *plan.Message) (count uint32, last int64) {
	row, latest := d.valueRow(m)
	if !latest {
		d.putValue(m, row)
	}
	return row.Count, row.Last
}

// valueRow returns what is known of the value that the event has under the key of the
// message's frequency.
func (d *Decision) valueRow(m *plan.Message) (row store.ValueSends, latest bool) {
	return perkey.List(d.current().Rarely().PerValue).Row(m.ID, valueOf(m, d.Scope.Fields))
}

// valueOf returns a hash of the key of the message's frequency and the value that an
// event has there; unknown is one, too (F7).
func valueOf(m *plan.Message, fields value.Fields) [16]byte {
	var scratch [128]byte
	key := m.Frequency.Per
	if i := fields.Index(key); i >= 0 {
		return Hash16(scratch[:], key, string(peek.Of(&fields[i].Value).AppendIdentity(nil)))
	}
	return Hash16(scratch[:], key)
}

func (d *Decision) putValue(m *plan.Message, row store.ValueSends) {
	own := d.profile().Own()
	own.PerValue = perkey.List(own.PerValue).Put(m.ID, row, d.In.Limits.Values)
}

// takeValue counts a send with that number for the value that the event has, or, if it
// is 0, a decision for the control group.
func (d *Decision) takeValue(m *plan.Message, number uint32) {
	if m.Frequency.Per == "" {
		return
	}
	row, _ := d.valueRow(m)
	row.Count++
	row.Last = max(row.Last, d.In.Now)
	if number == 0 {
		row.Prior = row.Last
	} else {
		row.Numbers = append(slices.Clone(row.Numbers), number)
	}
	d.putValue(m, row)
}

// eachValue changes what is known of values, if there is anything.
func (d *Decision) eachValue(change func(perkey.List) (perkey.List, bool)) {
	if len(d.current().Rarely().PerValue) == 0 {
		return
	}
	// The list that the record holds is looked at first: most messages are not in it.
	if list, changed := change(slices.Clone(d.current().Rare.PerValue)); changed {
		d.profile().Own().PerValue = list
	}
}
