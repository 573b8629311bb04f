package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// filterCases are about scans with a filter, which a store may ignore.
func filterCases() []testCase {
	return []testCase{
		{name: "filter/nothing that it holds for is left out", run: filterSound},
		{name: "filter/what is left out is counted", run: filterCounted},
		{name: "filter/another one goes on", run: filterChanges},
		{name: "filter/counts", run: filterCounts},
	}
}

// numbers are near one another, as floats are.
var numbers = [...]string{"0.1", "0.1000000000000000055511151231257827021181583404541015625", "9007199254740993", "9007199254740992.5", "1e308", "-1e-300"} //nolint:gochecknoglobals // a table that nothing writes to

// crowd makes contacts that differ in all that a filter can ask for, and returns
// how many of them do not lead elsewhere.
func crowd(e *env) (contacts int) {
	values := []beckon.Value{
		beckon.String("pro"), beckon.String("it's"), beckon.String("nul\x00"), beckon.Number(5), beckon.NumberLiteral("5.000000000000000000001"),
		beckon.NumberLiteral("9007199254740993"), beckon.Bool(true), beckon.Date(time.Unix(7, 0)), beckon.List("pro", "x"), beckon.RichLink("https://a.example/", "pro"),
		beckon.Link("https://a.example/"), beckon.Monetary(500, "EUR"),
		{},
		beckon.Number(7), beckon.String("odd\ufffd"), beckon.String("odd\xff"), beckon.NumberLiteral("1e400"), beckon.List("odd\xff"), beckon.NumberLiteral("0.1"),
	}
	for i, v := range values {
		for kind := store.KindUser; kind <= store.KindAnonymous; kind++ {
			key := store.Key{Kind: kind, ID: fmt.Sprint(i)}
			e.step(key, always(func(c *store.Changes) {
				p := &store.Profile{Created: int64(i) * 1000}
				if !v.IsUnknown() {
					p.Attributes = []store.Attribute{store.NewAttribute("a", v)}
				}
				if v.Kind() != value.KindDate {
					p.Attributes = append(p.Attributes, store.NewAttribute("n", beckon.NumberLiteral(numbers[i%len(numbers)])))
				}
				if kind == store.KindContact { // numbers and dates that look alike
					p.Attributes = append(p.Attributes, store.NewAttribute("x", []beckon.Value{beckon.Number(7), beckon.Date(time.Unix(7, 0))}[i%2]))
				}
				switch {
				case i == 2 && kind == store.KindUser:
					p.Moving = user("x")
				case i == 3 && kind == store.KindUser:
					p.SeriesStates = []store.SeriesState{{Series: "s", Block: "b"}}
				}
				c.Profile, c.LastSeen, c.Touch = p, int64(i)*1000, true
				if i%3 > 0 {
					c.Stats = []store.Stats{{Name: name("e"), Count: uint64(i), First: int64(i), Last: int64(2 * i)}}
				}
			}))
			contacts++
		}
	}
	// Those that lead elsewhere have what filters ask for, and are not counted all
	// the same.
	for i := range 3 {
		e.step(user(fmt.Sprint("old", i)), always(func(c *store.Changes) {
			c.Profile = &store.Profile{Forward: user("1"), Attributes: []store.Attribute{store.NewAttribute("a", values[i])}}
			c.LastSeen, c.Touch = 3000, true
			c.Stats = []store.Stats{{Name: name("e"), Count: 5, First: 3, Last: 4}}
		}))
	}
	return contacts
}

func filters() []*store.Filter {
	leaves := []*store.Filter{
		{Kind: store.FilterText, Name: "a", Texts: []string{"pro", "nul\x00"}},
		{Kind: store.FilterNotText, Name: "a", Texts: []string{"pro"}},
		{Kind: store.FilterTextRange, Name: "a", Low: "m", High: "q"},
		{Kind: store.FilterNumber, Name: "a", Low: "5", Above: true},
		{Kind: store.FilterNumber, Name: "a", High: "9007199254740993", Below: true},
		{Kind: store.FilterBool, Name: "a", True: true},
		{Kind: store.FilterDate, Name: "a", From: 7, To: 7},
		{Kind: store.FilterNumber, Name: "a", Low: "7", High: "7"},
		{Kind: store.FilterNumber, Name: "a", Low: "0.1000000000000000055511151231257827021181583404541015625", High: "1e307"},
		{Kind: store.FilterNumber, Name: "a", Low: "8"},
		{Kind: store.FilterNumber, Name: "a", High: "0.2"},
		{Kind: store.FilterNumber, Name: "n", Low: "0.1", Above: true, High: "1"},
		{Kind: store.FilterNumber, Name: "n", High: "0.1"},
		{Kind: store.FilterNumber, Name: "x", Low: "7", High: "7"},
		{Kind: store.FilterType, Name: "x", Types: 1 << value.KindNumber},
		{Kind: store.FilterNumber, Name: "n", Low: "9007199254740993", High: "1e307"},
		{Kind: store.FilterNumber, Name: "n", Low: "1e307", Above: true},
		{Kind: store.FilterNumber, Name: "n", High: "0", Below: true},
		{Kind: store.FilterNumber, Name: "n", Low: "1"},
		{Kind: store.FilterText, Name: "a", Texts: []string{"odd\ufffd"}},
		{Kind: store.FilterText, Name: "a", Texts: []string{"odd\xff"}},
		{Kind: store.FilterNotText, Name: "a", Texts: []string{"odd\ufffd", "it's"}},
		{Kind: store.FilterList, Name: "a", Texts: []string{"odd\ufffd"}},
		{Kind: store.FilterType, Name: "a", Types: 1<<value.KindString | 1<<value.KindLink | 1<<value.KindImage | 1<<value.KindStripe},
		{Kind: store.FilterType, Name: "a", Types: 1<<value.KindUnknown | 1<<value.KindDate},
		{Kind: store.FilterType, Name: "a", Types: 1<<value.KindNumber | 1<<value.KindDate | 1<<value.KindList},
		{Kind: store.FilterList, Name: "a", Texts: []string{"x"}},
		{Kind: store.FilterType, Name: "a", Types: 1 << value.KindUnknown},
		{Kind: store.FilterType, Name: "a", Types: 1<<value.KindLink | 1<<value.KindMonetary},
		{Kind: store.FilterCount, Name: "e", From: 4, To: 8},
		{Kind: store.FilterCount, Name: "e", From: 0, To: 1},
		{Kind: store.FilterFirst, Name: "e", From: 2, To: 5},
		{Kind: store.FilterLast, Name: "e", From: 2, To: 5},
		{Kind: store.FilterSeen, From: 3, To: 4},
		{Kind: store.FilterCreated, From: 3, To: 4},
		{Kind: store.FilterLacks, Name: "e", Def: "e"},
		{Kind: store.FilterWalking},
		{Kind: store.FilterKey, Kinds: []store.Kind{store.KindUser, store.KindEmail}, Texts: []string{"1", "2", "old0"}},
		{Kind: store.FilterAny},
		{Kind: store.FilterAll},
	}
	list := leaves
	for i := range leaves {
		of := []*store.Filter{leaves[i], leaves[(i+4)%len(leaves)]}
		list = append(list, &store.Filter{Kind: store.FilterAll, Of: of}, &store.Filter{Kind: store.FilterAny, Of: of})
	}
	return list
}

func contactQuery(f *store.Filter) store.Query {
	return store.Query{Kinds: []store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}, Filter: f}
}

func filterSound(e *env) {
	crowd(e)
	all := e.scan(contactQuery(nil), 100)
	for i, f := range filters() {
		found := map[store.Key]int{}
		for _, r := range e.scan(contactQuery(f), 5) {
			found[r.Key]++
		}
		for _, r := range all {
			if n := found[r.Key]; n > 1 || n == 0 && f.Holds(r) {
				e.Errorf("filter %d (%v): %v is seen %d times", i, f.Kind, r.Key, n)
			}
		}
		walked, ok := e.walked(contactQuery(f))
		if !ok {
			continue
		}
		clear(found)
		for _, r := range walked {
			found[r.Key]++
		}
		for _, r := range all {
			if n := found[r.Key]; n > 1 || n == 0 && f.Holds(r) {
				e.Errorf("filter %d (%v): a walk sees %v %d times", i, f.Kind, r.Key, n)
			}
		}
	}
}

func filterCounted(e *env) {
	contacts := crowd(e)
	for i, f := range filters() {
		for _, limit := range []int{1, 5, 1000} {
			for _, late := range []bool{false, true} {
				if limit == 1 && (i%2 == 1 || late != (i%4 == 0)) {
					continue // so many pages cost the most: one way for every other filter
				}
				q, out := contactQuery(f), int64(0)
				q.LeftOut, q.LeftOutLate = &out, late
				seen := 0
				for _, r := range e.scan(q, limit) {
					if r.Profile == nil || r.Profile.Forward.IsZero() {
						seen++
					}
				}
				if seen+int(out) != contacts {
					e.Errorf("filter %d (%v): of %d contacts %d are seen and %d left out, in pages of %d, late: %t", i, f.Kind, contacts, seen, out, limit, late)
				}
			}
		}
	}
}

// A scan may go on with another filter, or with none: a run is taken up again when another
// program was published, or by an engine that has another. What was behind the cursor for
// the filter before is behind it for the one that there is now.
func filterChanges(e *env) {
	crowd(e)
	all, order := e.scan(contactQuery(nil), 100), map[store.Key]int{}
	for i, r := range all {
		order[r.Key] = i
	}
	list := append(filters(), nil)
	for i := 0; i < len(list); i += 2 {
		before, last := list[i], -1
		at, err := e.store.Scan(e.ctx, contactQuery(before), "", 3, func(r *store.Record) error { last = order[r.Key]; return nil })
		if err != nil {
			e.Fatalf("filter %d: Scan: %v", i, err)
		}
		if at == "" {
			continue
		}
		for step := range 2 { // each with a few
			n := (i*7 + step*17 + 1) % len(list)
			after := list[n]
			q, out := contactQuery(after), int64(0)
			q.LeftOut = &out
			found := map[store.Key]int{}
			for at := at; at != ""; {
				if at, err = e.store.Scan(e.ctx, q, at, 10, func(r *store.Record) error { found[r.Key]++; return nil }); err != nil {
					e.Fatalf("filter %d after filter %d: Scan: %v", n, i, err)
				}
			}
			for _, r := range all {
				if k := found[r.Key]; k > 1 || k == 0 && after.Holds(r) && order[r.Key] > last {
					e.Errorf("filter %d (%v) after filter %d (%v): %v is seen %d times", n, kindOf(after), i, kindOf(before), r.Key, k)
				}
			}
		}
	}
}

func kindOf(f *store.Filter) store.FilterKind {
	if f == nil {
		return 0
	}
	return f.Kind
}

// What a store counts for sure is how many records a filter holds for.
func filterCounts(e *env) {
	counter, ok := e.store.(store.FilterCounter)
	if !ok {
		return
	}
	crowd(e)
	e.step(user("none"), always(func(c *store.Changes) { c.Stats, c.Touch = []store.Stats{{Name: name("e"), First: 3, Last: 3}}, true }))
	e.step(store.Key{Kind: store.KindContact, ID: "none"}, always(func(c *store.Changes) { c.Stats, c.Touch = []store.Stats{{Name: name("e"), First: 3, Last: 3}}, true }))
	all := e.scan(contactQuery(nil), 100)
	for i, f := range append(filters(), nil) {
		q := contactQuery(f)
		if _, exact, err := counter.CountFilter(e.ctx, q); err != nil || exact {
			e.Errorf("filter %d: sure of a count with a record that is moving, or %v", i, err)
		}
		for _, kinds := range [][]store.Kind{q.Kinds[1:], {store.KindContact}, {store.KindEmail}, {store.KindCompany}} {
			var want int64
			for _, r := range all {
				if slices.Contains(kinds, r.Key.Kind) && (r.Profile == nil || r.Profile.Forward.IsZero()) && f.Holds(r) {
					want++
				}
			}
			n, exact, err := counter.CountFilter(e.ctx, store.Query{Kinds: kinds, Filter: f})
			switch {
			case err != nil:
				e.Errorf("filter %d: CountFilter: %v", i, err)
			case exact && n != want:
				e.Errorf("filter %d (%+v) of kinds %v: counted %d, want %d", i, f, kinds, n, want)
			}
		}
	}
}
