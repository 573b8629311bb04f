package rule

import (
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
)

// Sets of types of values, as Filter.Types has them.
const (
	typeUnknown uint32 = 1 << repr.KindUnknown
	typeText    uint32 = 1<<repr.KindString | 1<<repr.KindLink | 1<<repr.KindImage | 1<<repr.KindStripe | 1<<repr.KindRichLink
	typeNumber  uint32 = 1<<repr.KindNumber | 1<<repr.KindMonetary
	typeAll     uint32 = 1<<(repr.KindInvalid+1) - 1
)

func typeFilter(c *Condition, types uint32) *store.Filter {
	return &store.Filter{Kind: store.FilterType, Name: c.name, Types: types & typeAll}
}

// stored returns a filter for conditions on an attribute as it is stored: it
// holds wherever the test says matched, negation apart.
func (k *filterCompiler) stored(c *Condition, matched bool) *store.Filter {
	switch c.test {
	case testUnknown:
		if matched {
			return typeFilter(c, typeUnknown)
		}
		return typeFilter(c, ^typeUnknown)
	case testTextIs:
		return k.texts(c, []string{c.text}, matched)
	case testContains, testWord, testStarts, testEnds, testMatches: // case is folded, which no database does as we do
		if matched {
			return k.more(typeFilter(c, typeText))
		}
	case testBool:
		is := &store.Filter{Kind: store.FilterBool, Name: c.name, True: (c.lo != 0) == matched}
		if matched {
			return is
		}
		return FilterAny(typeFilter(c, ^uint32(1<<repr.KindBool)), is)
	case testIn:
		return k.in(c, matched)
	case testCompare:
		return k.number(c, &c.x.values[0], &c.x.values[0], c.signs, matched)
	case testBetween:
		return k.number(c, &c.x.values[0], &c.x.values[1], signEqual, matched)
	case testListAny, testListAll:
		if matched {
			return k.list(c)
		}
	case testSpan, testMoreThanAgo, testLessThanAgo, testMoreThanAhead, testLessThanAhead, testDayAgo:
		if matched {
			from, to := c.span(&k.scope)
			return k.more(datedFilter(c.name, from, to))
		}
	}
	return k.more(nil)
}

// texts returns a filter for what is one of the texts, or not.
func (k *filterCompiler) texts(c *Condition, list []string, matched bool) *store.Filter {
	switch {
	case matched && len(list) == 0:
		return filterNone()
	case matched:
		return &store.Filter{Kind: store.FilterText, Name: c.name, Texts: list}
	case len(list) == 0:
		return nil
	}
	return FilterAny(typeFilter(c, ^typeText), &store.Filter{Kind: store.FilterNotText, Name: c.name, Texts: list})
}

// maxFilterNumbers is from how many numbers on a list is taken for any number.
const maxFilterNumbers = 16

func (k *filterCompiler) in(c *Condition, matched bool) *store.Filter {
	list := []*store.Filter{k.texts(c, c.x.texts.List, matched)}
	if !matched { // texts that are none of the list, and all else
		k.rough = k.rough || len(c.x.values) > 0
		return list[0]
	}
	if len(c.x.values) > maxFilterNumbers {
		return k.more(FilterAny(list[0], typeFilter(c, typeNumber|1<<repr.KindBool)))
	}
	for i := range c.x.values {
		if v := &c.x.values[i]; v.Kind == repr.KindBool {
			list = append(list, &store.Filter{Kind: store.FilterBool, Name: c.name, True: v.Num != 0})
		} else {
			list = append(list, k.number(c, v, v, signEqual, true))
		}
	}
	return FilterAny(list...)
}

// list returns a filter for lists that have one of the texts, or all.
func (k *filterCompiler) list(c *Condition) *store.Filter {
	texts := c.x.texts.List
	switch {
	case c.test == testListAny && len(texts) == 0:
		return filterNone()
	case c.test == testListAny:
		return &store.Filter{Kind: store.FilterList, Name: c.name, Texts: texts}
	case len(texts) == 0:
		return typeFilter(c, 1<<repr.KindList)
	}
	all := make([]*store.Filter, min(len(texts), maxFilterNumbers))
	k.rough = k.rough || len(texts) > len(all)
	for i := range all {
		all[i] = &store.Filter{Kind: store.FilterList, Name: c.name, Texts: texts[i : i+1]}
	}
	return filterAll(all...)
}

// number returns a filter for numbers that compare with low and high as signs
// say: with one and the same for all signs but between, which is signEqual
// and returns two.
func (k *filterCompiler) number(c *Condition, low, high *repr.Value, signs uint8, matched bool) *store.Filter {
	if low.Kind != repr.KindNumber || high.Kind != repr.KindNumber { // money of one currency
		if matched {
			return k.more(typeFilter(c, 1<<repr.KindMonetary))
		}
		return k.more(nil)
	}
	if !matched {
		signs ^= signLess | signEqual | signGreater
	}
	a, b := low.Text(), high.Text()
	is := func(f store.Filter) *store.Filter {
		f.Kind, f.Name = store.FilterNumber, c.name
		return &f
	}
	var list []*store.Filter
	switch signs {
	case signLess:
		list = append(list, is(store.Filter{High: b, Below: true}))
	case signLess | signEqual:
		list = append(list, is(store.Filter{High: b}))
	case signGreater:
		list = append(list, is(store.Filter{Low: a, Above: true}))
	case signGreater | signEqual:
		list = append(list, is(store.Filter{Low: a}))
	case signEqual:
		list = append(list, is(store.Filter{Low: a, High: b}))
	case signLess | signGreater:
		list = append(list, is(store.Filter{High: a, Below: true}), is(store.Filter{Low: b, Above: true}))
	}
	if !matched {
		list = append(list, typeFilter(c, ^typeNumber))
	}
	return FilterAny(list...)
}

// datedFilter returns a filter for attributes that are a date from one Unix
// second to another: of the type itself, as a number, or written as RFC 3339 or
// as a plain day.
func datedFilter(name string, from, to int64) *store.Filter {
	if from > to {
		return filterNone()
	}
	date := &store.Filter{Kind: store.FilterDate, Name: name, From: from, To: to}
	if from, to = max(from, calendar.MinDate), min(to, calendar.MaxDate); from > to {
		return date
	}
	text := &store.Filter{Kind: store.FilterTextRange, Name: name, Low: dateMargin(from, -2), High: dateMargin(to, 2)}
	if from < calendar.MinDate+2*calendar.DaySeconds {
		text.Low = "0" // any digit
	}
	if text.High == "" || to == calendar.MaxDate {
		text.High = ":" // behind the digits
	}
	number := &store.Filter{Kind: store.FilterNumber, Name: name, Low: repr.Number(from).Text(), High: repr.Number(to).Text()}
	return FilterAny(date, number, text)
}

// dateMargin returns a day as RFC 3339 begins with it. Text says the time of
// day, or the day, of a place that is less than a day from UTC: two days away
// from an instant no text for it is left. Empty beyond the year 9999.
func dateMargin(sec int64, days int) string {
	t := time.Unix(sec, 0).UTC().AddDate(0, 0, days)
	if t.Year() > 9999 {
		return ""
	}
	return t.Format(time.DateOnly)
}

// standard returns a filter for conditions on a standard attribute, which may be
// derived (see UserAttribute).
func (k *filterCompiler) standard(c *Condition, matched bool) *store.Filter {
	stored := k.stored(c, matched)
	unstored := typeFilter(c, typeUnknown)
	switch c.name {
	case "created_at", "last_seen_at", "last_contacted_at":
		k.rough = true
	}
	switch c.name {
	case "user_id", "id", "email", "anonymous_id", "role":
		// Where it is not stored, the key says what it is, or that it is unknown.
		known := stored
		if k.outcome(c, repr.Value{}) == matched {
			known = filterAll(typeFilter(c, ^typeUnknown), stored)
		}
		return FilterAny(known, filterAll(unstored, k.derived(c, matched)))
	case "created_at":
		if from, to, dated := k.dates(c); dated && matched {
			return FilterAny(stored, filterAll(unstored, &store.Filter{Kind: store.FilterCreated, From: from, To: to}))
		}
		return nil
	case "last_seen_at":
		seen := func(from, to int64) *store.Filter { return &store.Filter{Kind: store.FilterSeen, From: from, To: to} }
		from, to, dated := k.dates(c)
		switch {
		case !dated && matched:
			return filterAll(stored, seen(0, 0))
		case !dated:
			return nil
		case from > to:
			return stored
		case matched:
			return FilterAny(stored, seen(from, to))
		}
		return FilterAny(append(outside(from, to, seen), seen(0, 0))...)
	case "last_contacted_at":
		return nil
	}
	return stored
}

// dates returns the span of a condition on a date; presence has none.
func (k *filterCompiler) dates(c *Condition) (from, to int64, dated bool) {
	if c.test == testUnknown {
		return 0, 0, false
	}
	from, to = c.span(&k.scope)
	return from, to, true
}

// outcome tells whether a value matches, negation apart.
func (k *filterCompiler) outcome(c *Condition, v repr.Value) bool {
	return c.holdsFor(&v, &k.scope)
}

// derived returns a filter, over keys, for what a standard attribute is where it
// is not stored.
func (k *filterCompiler) derived(c *Condition, matched bool) *store.Filter {
	var list []*store.Filter
	var kinds []store.Kind
	for _, kind := range ContactKinds() {
		// A key without an id has no such attribute, whatever the filter says of it.
		switch own := (store.Key{Kind: kind, ID: "x"}).Attribute(c.name) != ""; {
		case own && c.test == testTextIs && matched:
			k.rough = k.rough || c.text == ""
			list = append(list, &store.Filter{Kind: store.FilterKey, Kinds: []store.Kind{kind}, Texts: []string{c.text}})
		case own && c.test == testIn && matched:
			k.rough = k.rough || slices.Contains(c.x.texts.List, "")
			list = append(list, &store.Filter{Kind: store.FilterKey, Kinds: []store.Kind{kind}, Texts: c.x.texts.List})
		case own && c.test == testUnknown:
			k.rough = true
			if !matched {
				kinds = append(kinds, kind)
			}
		case own:
			k.rough = true
			kinds = append(kinds, kind)
		case c.name == "role" && k.outcome(c, repr.String(role(kind))) == matched,
			c.name != "role" && k.outcome(c, repr.Value{}) == matched:
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) == len(ContactKinds()) {
		return nil
	}
	if len(kinds) > 0 {
		list = append(list, &store.Filter{Kind: store.FilterKey, Kinds: kinds})
	}
	return FilterAny(list...)
}

// DateFilter returns a filter for contacts whose date lies from one Unix second to
// another: a date rule may concern them (T5).
func DateFilter(name string, from, to int64) *store.Filter {
	if _, standard := standardAttribute(name); standard {
		c := Condition{source: fromStandard, test: testSpan, name: name, lo: from, hi: to + 1}
		k := filterCompiler{scope: Scope{Rec: &store.Record{}, Loc: time.UTC}}
		k.scope.Begin()
		return k.standard(&c, true)
	}
	return datedFilter(name, from, to)
}
