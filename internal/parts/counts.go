package parts

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// Counts are how many contacts a pass has held, by message and reason.
type Counts map[Count]int64

// A Count is one of [Counts]: Total names the total that counts the reason.
type Count struct{ Message, Total string }

// Add adds other counts.
func (n Counts) Add(other Counts) {
	for k, x := range other {
		n[k] += x
	}
}

// read reads counts that an attribute has. What cannot be read is as if it were not there.
func readCounts(rec *store.Record, name string) Counts {
	n := Counts{}
	for _, text := range rec.Profile.Attribute(name).Texts() {
		var one struct {
			Message string
			Held    map[string]int64
		}
		if json.Unmarshal([]byte(text), &one) != nil {
			continue
		}
		for total, x := range one.Held {
			n[Count{one.Message, total}] = x
		}
	}
	return n
}

// value is what readCounts reads: a text for each message.
func (n Counts) value() (value.Value, error) {
	keys := slices.SortedFunc(maps.Keys(n), func(a, b Count) int { return cmp.Compare(a.Message, b.Message) })
	var texts []string
	for len(keys) > 0 {
		of, held := keys[0].Message, map[string]int64{}
		for len(keys) > 0 && keys[0].Message == of {
			if x := n[keys[0]]; x != 0 {
				held[keys[0].Total] = x
			}
			keys = keys[1:]
		}
		text, err := json.Marshal(map[string]any{"Message": of, "Held": held})
		if err != nil {
			return value.Value{}, err
		}
		if len(held) > 0 {
			texts = append(texts, string(text))
		}
	}
	return value.List(texts...), nil
}

// The attributes of the record that says which passes are in the totals.
const (
	attributeSettled = "held settled" // how many passes
	attributePass    = "held by pass" // the last shared one
	attributeCut     = "held until"   // where an unfinished pass has ended
	attributeCutHeld = "held before"  // and what it had held
)

// Settled returns how many passes are settled.
func Settled(rec *store.Record) int64 { return number(rec, attributeSettled) }

// A Settle makes totals what a pass has held, in the place of what they were. So each
// contact counts once, however many passes there are.
type Settle struct {
	Pass    int64 // names a shared pass, which is settled once; 0: it is none
	Until   int64 // one named later than this, by a clock that was ahead, does not count
	Counts  Counts
	Settled int64  // passes, before the totals were read
	Were    Counts // the totals

	Stale bool // another pass was settled meanwhile, and nothing was done
}

// Decide implements [store.Decider].
func (s *Settle) Decide(rec *store.Record, c *store.Changes) error {
	n := Settled(rec)
	last := number(rec, attributePass)
	if s.Stale = n != s.Settled; s.Stale || s.Pass != 0 && (s.Pass == last || s.Pass < last && last <= s.Until) {
		return nil
	}
	changed := Counts{}
	changed.Add(s.Counts)
	for k, x := range s.Were {
		changed[k] -= x
	}
	for k, x := range changed {
		if x != 0 {
			c.Totals = append(c.Totals, store.Increment{Message: k.Message, Name: k.Total, N: x})
		}
	}
	slices.SortFunc(c.Totals, func(a, b store.Increment) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Name, b.Name))
	})
	set := attributes(rec, c)
	set(attributeSettled, value.String(strconv.FormatInt(n+1, 10)))
	if s.Pass != 0 {
		set(attributePass, value.String(strconv.FormatInt(s.Pass, 10)))
		return nil
	}
	set(attributeCut, value.Value{})
	set(attributeCutHeld, value.Value{})
	return nil
}

// A Cut keeps what a pass has held that ends before its last contact, for one that goes on
// from there.
type Cut struct {
	At     store.Cursor
	Counts Counts
}

// Decide implements [store.Decider].
func (k *Cut) Decide(rec *store.Record, c *store.Changes) error {
	held, err := k.Counts.value()
	if err != nil {
		return err
	}
	set := attributes(rec, c)
	set(attributeCut, value.String(strconv.Quote(string(k.At))))
	set(attributeCutHeld, held)
	return nil
}

// ReadCut returns what a pass has held that ended at a cursor; nil if none that is known.
func ReadCut(rec *store.Record, at store.Cursor) Counts {
	if text := rec.Profile.Attribute(attributeCut).Text(); text == "" || text != strconv.Quote(string(at)) {
		return nil
	}
	return readCounts(rec, attributeCutHeld)
}

// number reads a whole number that an attribute has; 0 if it has none.
func number(rec *store.Record, name string) int64 {
	n, _ := strconv.ParseInt(rec.Profile.Attribute(name).Text(), 10, 64)
	return n
}

// attributes returns what sets attributes of a run's record; an unknown value unsets one.
func attributes(rec *store.Record, c *store.Changes) func(name string, v value.Value) {
	p := new(store.Profile)
	if rec.Profile != nil {
		*p = *rec.Profile
	}
	p.Attributes = slices.Clone(p.Attributes)
	c.Profile, c.Touch = p, true
	return func(name string, v value.Value) {
		i := p.Search(name)
		found := i < len(p.Attributes) && p.Attributes[i].Name.Value() == name
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
}
