// Package tally keeps what conditions ask of the values under a metadata key of an event
// (A13): their sum, how many, the least and the greatest, and which different values
// there were, of all events or within a window. A tally is a text that is never changed, so
// that records may share it; what it was made from in another order is the same text.
package tally

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/repr"
)

// MaxDistinct is how many different values are told apart without a window: there the counting
// stops.
const MaxDistinct = 1000

// A Kind says what is kept.
type Kind uint8

// The kinds. Those of a window keep values beside times, in the order of the times.
const (
	None      Kind = iota // no values
	Sums                  // of numbers and money, of all events: a row for each currency
	Values                // numbers and money, each with its time
	Distinct              // different values, of all events
	Different             // different values, each with the newest of its times
)

// Words are the names of the kinds, by which a counter's definition has them.
var Words = [...]string{None: "", Sums: "sums", Values: "values", Distinct: "distinct", Different: "different"} //nolint:gochecknoglobals // a table that nothing writes to

// Takes reports whether a value counts: sums are of numbers and money alone.
func (k Kind) Takes(v *repr.Value) bool {
	switch k {
	case Sums, Values:
		return v.Kind == repr.KindNumber || v.Kind == repr.KindMonetary
	case Distinct, Different:
		return v.Kind != repr.KindUnknown
	}
	return true
}

// A Total is what is known of some values together.
type Total struct {
	Count         uint64
	Sum, Min, Max Number // only with a Count
}

// add adds another total.
func (t *Total) add(u *Total) {
	switch {
	case u.Count == 0:
		return
	case t.Count == 0:
		*t = *u
		return
	}
	t.Count, t.Sum = t.Count+u.Count, t.Sum.plus(u.Sum)
	if u.Min.before(&t.Min) < 0 {
		t.Min = u.Min
	}
	if u.Max.before(&t.Max) > 0 {
		t.Max = u.Max
	}
}

// addOne adds one value.
func (t *Total) addOne(n Number) {
	if m := &t.Sum; t.Count == 0 || n.long != nil || m.long != nil || n.exp != m.exp {
		t.add(&Total{1, n, n, n})
		return
	}
	t.Count, t.Sum = t.Count+1, t.Sum.plus(n) // nearly always
	if n.before(&t.Min) < 0 {
		t.Min = n
	}
	if n.before(&t.Max) > 0 {
		t.Max = n
	}
}

// A row is the total of the values of one currency, or of the plain numbers.
type row struct {
	currency string
	total    Total
}

func (r *reader) row() row {
	return row{r.currency(), Total{r.uint(), r.number(), r.number(), r.number()}}
}

func (w row) append(b []byte) []byte {
	b = binary.AppendUvarint(appendCurrency(b, w.currency), w.total.Count)
	return w.total.Max.append(w.total.Min.append(w.total.Sum.append(b)))
}

func appendCurrency(b []byte, code string) []byte {
	if len(code) != 3 {
		return append(b, 0)
	}
	return append(b, code...)
}

// currencyOf returns the code of money, empty for a plain number.
func currencyOf(v *repr.Value) string {
	if v.Kind != repr.KindMonetary {
		return ""
	}
	return repr.CurrencyCode(v.Str)
}

// Add returns Sums with one value more, which they take.
func Add(sums string, v *repr.Value) string {
	n, _ := NumberOf(v)
	var buf [64]byte
	return Join(sums, string(row{currencyOf(v), Total{1, n, n, n}}.append(buf[:0])))
}

// Join returns the Sums of both.
func Join(a, b string) string {
	rows := append(rowsOf(a), rowsOf(b)...)
	slices.SortStableFunc(rows, func(x, y row) int { return strings.Compare(x.currency, y.currency) })
	var buf [128]byte
	out := buf[:0]
	for i, w := range rows {
		if i+1 < len(rows) && rows[i+1].currency == w.currency {
			rows[i+1].total.add(&w.total)
			continue
		}
		out = w.append(out)
	}
	return string(out)
}

func rowsOf(sums string) []row {
	var list []row
	for r := (reader{data: sums}); r.more(); {
		if w := r.row(); !r.failed() {
			list = append(list, w)
		}
	}
	return list
}

// Of returns the total of Sums: of the money of one currency, or with none of all, money
// in major units.
func Of(sums, currency string) (t Total) {
	for r := (reader{data: sums}); r.more(); {
		if w := r.row(); !r.failed() && (currency == "" || w.currency == currency) {
			t.add(&w.total)
		}
	}
	return t
}

// Since returns the total of Values without the first skip of them, as Of does.
func Since(values string, skip int, currency string) (t Total) {
	for r := (reader{data: values}); r.more(); skip-- {
		unit := r.currency()
		if skip > 0 || currency != "" && unit != currency {
			r.skipNumber()
			continue
		}
		if n := r.number(); !r.failed() {
			t.addOne(n)
		}
	}
	return t
}

// hashSize is how long what stands for a different value is.
const hashSize = 16

// hashOf returns what stands for a value: the same for equal values alone.
func hashOf(v *repr.Value) (hash [hashSize]byte) {
	var buf [256]byte
	sum := sha256.Sum256(v.AppendIdentity(buf[:0]))
	copy(hash[:], sum[:])
	return hash
}

// Count returns how many values Distinct has.
func Count(distinct string) int { return len(distinct) / hashSize }

// Tell returns Distinct with one value more, unless it has it, or is full.
func Tell(distinct string, v *repr.Value) string {
	hash := hashOf(v)
	i, found := search(distinct, string(hash[:]))
	if found || Count(distinct) >= MaxDistinct {
		return distinct
	}
	return distinct[:i*hashSize] + string(hash[:]) + distinct[i*hashSize:]
}

// Unite returns the Distinct values of both, as many as are told apart.
func Unite(a, b string) string {
	a, b = a[:Count(a)*hashSize], b[:Count(b)*hashSize]
	out := make([]byte, 0, min(len(a)+len(b), MaxDistinct*hashSize))
	for (a != "" || b != "") && len(out) < MaxDistinct*hashSize {
		switch n := strings.Compare(a[:min(len(a), hashSize)], b[:min(len(b), hashSize)]); {
		case b == "" || a != "" && n < 0:
			out, a = append(out, a[:hashSize]...), a[hashSize:]
		case a == "" || n > 0:
			out, b = append(out, b[:hashSize]...), b[hashSize:]
		default:
			b = b[hashSize:]
		}
	}
	return string(out)
}

// search returns the place of a hash.
func search(distinct, hash string) (i int, found bool) {
	low, high := 0, Count(distinct)
	for low < high {
		if mid := int(uint(low+high) / 2); distinct[mid*hashSize:(mid+1)*hashSize] < hash {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < Count(distinct) && distinct[low*hashSize:(low+1)*hashSize] == hash
}
