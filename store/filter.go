package store

import (
	"math"
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// A FilterKind says what a [Filter] asks of a record.
type FilterKind uint8

// The kinds of filters: two of groups, the others of leaves. An attribute is
// one as it is stored, in Profile.Attributes: what is derived from elsewhere
// in the record has a kind of its own. Ranges of From and To include both;
// instants are Unix seconds.
const (
	FilterAll       FilterKind = iota + 1 // every filter of Of holds; without any it is true
	FilterAny                             // at least one filter of Of holds; without any it is false
	FilterKey                             // Key.Kind is one of Kinds and, unless Texts is nil, Key.ID one of Texts
	FilterType                            // the attribute Name is of one of the Types; unknown is a type
	FilterText                            // it is text, and one of Texts
	FilterNotText                         // it is text, and none of Texts
	FilterTextRange                       // it is text, not before Low and before High, byte by byte; an empty High is no bound
	FilterList                            // it is a list and has at least one of Texts
	FilterBool                            // it is the boolean True
	FilterNumber                          // it is a number, or money in major units, from Low to High
	FilterDate                            // it is of KindDate, From to To
	FilterCount                           // the event Name was counted From to To times; 0 if never
	FilterFirst                           // the event has occurred, the first time From to To
	FilterLast                            // the event has occurred, the last time From to To
	FilterSeen                            // Record.LastSeen is From to To; never is 0
	FilterCreated                         // Profile.Created is known, From to To
	FilterLacks                           // the event has occurred, and no Counter named Def keeps Keep times of it, or all
	FilterWalking                         // a Walk is not Done, or has a Due
)

// String returns the name of the kind, such as "text range".
func (k FilterKind) String() string {
	if int(k) < len(filterKinds) {
		return filterKinds[k]
	}
	return "invalid"
}

var filterKinds = [...]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"invalid", "all", "any", "key", "type", "text", "not text", "text range", "list", "bool", "number", "date", "count",
	"first", "last", "seen", "created", "lacks", "walking",
}

// A Filter is what a scan need not return less than: a condition on records
// that is simple enough for a database, made of a rule and resolved at one
// instant. It holds for every record that the rule matches, and for others:
// each record is decided again by the rule itself, so a filter saves work and
// decides nothing. What it cannot express (company data, text that ignores
// case, what was sent) holds.
//
// The zero Filter holds for every record, as one of a kind that is not named here
// does; a store takes one that it does not know so too.
//
// A Filter is a tree of at most 256 leaves; it is never changed once it is in a
// [Query]. A nil Filter holds for every record. A store translates what it can
// and may take any filter that stands in All or Any for true: there is no
// negation, so that can only return more.
type Filter struct {
	Kind FilterKind
	Of   []*Filter // FilterAll, FilterAny; none is nil

	Name      string   // of the attribute; of the event, in canonical form
	Kinds     []Kind   // FilterKey
	Types     uint32   // FilterType: bit 1<<k for each value.Kind k; see HasType
	Texts     []string // each once, in any order
	Low, High string   // FilterNumber: literals as JSON has them, empty for no bound; FilterTextRange
	Above     bool     // FilterNumber: Low itself is out
	Below     bool     // FilterNumber: High itself is out
	True      bool     // FilterBool
	From, To  int64    // the least and the greatest int64 are no bound
	Def       string   // FilterLacks
	Keep      int      // FilterLacks
}

// HasType reports whether a FilterType admits values of kind k.
func (f *Filter) HasType(k value.Kind) bool { return f.Types&(1<<k) != 0 }

// Holds reports whether the filter holds for a record. It is what a filter
// means: a store may leave out no record for which it does. For a record that
// is moving it always does, since anyone who meets one finishes the merge; for an
// identity that leads elsewhere it never does, since nothing is decided there.
func (f *Filter) Holds(rec *Record) bool {
	if p := rec.Profile; p != nil && f != nil {
		switch {
		case !p.Forward.IsZero():
			return false
		case !p.Moving.IsZero():
			return true
		}
	}
	return f.holds(rec)
}

func (f *Filter) holds(rec *Record) bool {
	if f == nil {
		return true
	}
	switch f.Kind {
	case FilterAll:
		return !slices.ContainsFunc(f.Of, func(g *Filter) bool { return !g.holds(rec) })
	case FilterAny:
		return slices.ContainsFunc(f.Of, func(g *Filter) bool { return g.holds(rec) })
	case FilterKey:
		return slices.Contains(f.Kinds, rec.Key.Kind) && (f.Texts == nil || slices.Contains(f.Texts, rec.Key.ID))
	case FilterType, FilterText, FilterNotText, FilterTextRange, FilterList, FilterBool, FilterNumber, FilterDate:
		v := rec.Profile.find(f.Name)
		if v == nil {
			v = &value.Value{}
		}
		return f.holdsValue(peek.Of(v))
	case FilterCount, FilterFirst, FilterLast:
		return f.holdsEvent(rec)
	case FilterSeen:
		return f.within(calendar.FloorSeconds(rec.LastSeen))
	case FilterCreated:
		return rec.Profile != nil && rec.Profile.Created != 0 && f.within(calendar.FloorSeconds(rec.Profile.Created))
	case FilterLacks:
		return f.holdsLacks(rec)
	case FilterWalking:
		return rec.Profile != nil && slices.ContainsFunc(rec.Profile.SeriesStates, func(w SeriesState) bool { return !w.Done || w.Due != 0 })
	}
	return true
}

func (f *Filter) within(n int64) bool { return f.From <= n && n <= f.To }

// holdsValue judges what is asked of an attribute.
func (f *Filter) holdsValue(v *repr.Value) bool {
	switch f.Kind {
	case FilterType:
		return f.HasType(value.Kind(v.Kind))
	case FilterText, FilterNotText:
		text, ok := v.ConditionText()
		return ok && slices.Contains(f.Texts, text) == (f.Kind == FilterText)
	case FilterTextRange:
		text, ok := v.ConditionText()
		return ok && f.Low <= text && (f.High == "" || text < f.High)
	case FilterList:
		return v.Kind == repr.KindList && slices.ContainsFunc(v.SplitTexts(), func(s string) bool { return slices.Contains(f.Texts, s) })
	case FilterBool:
		b, ok := v.Bool()
		return ok && b == f.True
	case FilterDate:
		return v.Kind == repr.KindDate && f.within(v.Num)
	}
	n, ok := v.ConditionNumber()
	if !ok {
		return false
	}
	if f.Low != "" {
		if sign := repr.CompareNumbers(n, repr.NumberLiteral(f.Low)); sign < 0 || sign == 0 && f.Above {
			return false
		}
	}
	if f.High != "" {
		if sign := repr.CompareNumbers(n, repr.NumberLiteral(f.High)); sign > 0 || sign == 0 && f.Below {
			return false
		}
	}
	return true
}

// holdsEvent judges what is asked of an event's statistics.
func (f *Filter) holdsEvent(rec *Record) bool {
	st, _ := rec.Stat(unique.Make(f.Name))
	switch {
	case f.Kind == FilterCount:
		return f.within(int64(min(st.Count, math.MaxInt64)))
	case st.Count == 0:
		return false
	case f.Kind == FilterFirst:
		return f.within(st.First)
	}
	return f.within(st.Last)
}

// holdsLacks reports whether the counter would be built from the event log by
// a decision that asks for it, which writes it.
func (f *Filter) holdsLacks(rec *Record) bool {
	for i := range rec.Counters {
		if k := &rec.Counters[i]; k.Def == f.Def {
			return k.Lacks(f.Keep)
		}
	}
	st, _ := rec.Stat(unique.Make(f.Name))
	return st.Count > 0
}
