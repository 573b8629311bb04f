package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// scanCases are about scans of all records of some kinds, and of pages in
// general.
func scanCases() []testCase {
	return []testCase{
		{name: "scan/kinds", run: scanKinds},
		{name: "scan/pages", run: scanPages},
		{name: "scan/records come and go", run: scanMoving},
		{name: "scan/error ends it", run: scanError},
		{name: "scan/queries without sense", run: scanInvalid},
		{name: "scan/until", run: scanUntil},
		{name: "scan/skip", run: scanSkip},
		{name: "scan/projection", run: scanProjection},
	}
}

func scanKinds(e *env) {
	var all []store.Key
	for kind := store.KindUser; kind <= store.KindStore; kind++ {
		for i := range 5 {
			all = append(all, store.Key{Kind: kind, ID: fmt.Sprint(i)})
		}
	}
	e.touch(all...)
	e.step(all[0], always(func(c *store.Changes) { changeAll(c, 3) }))
	for _, kinds := range [][]store.Kind{
		{store.KindUser},
		{store.KindThrottle, store.KindCompany},
		{store.KindRun, store.KindRun},
		{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous},
	} {
		got := e.scan(store.Query{Kinds: kinds}, 3)
		want := slices.DeleteFunc(slices.Clone(all), func(k store.Key) bool { return !slices.Contains(kinds, k.Kind) })
		found := keys(got)
		slices.SortFunc(found, store.Key.Compare)
		if !slices.Equal(found, want) {
			e.Errorf("kinds %v: found %v, want %v", kinds, found, want)
		}
		for _, r := range got {
			if !same(r, e.read(r.Key)) {
				e.Errorf("a scan shows %+v otherwise than Read", r)
			}
		}
		if got, ok := e.walked(store.Query{Kinds: kinds}); ok {
			found := keys(got)
			slices.SortFunc(found, store.Key.Compare)
			if !slices.Equal(found, want) {
				e.Errorf("kinds %v: a walk found %v, want %v", kinds, found, want)
			}
			for _, r := range got {
				if !same(r, e.read(r.Key)) {
					e.Errorf("a walk shows %+v otherwise than Read", r)
				}
			}
		}
	}
}

// scanQueries are one query of each way, and the records that fill them.
func scanQueries(e *env, records int) []store.Query {
	for i := range records {
		p := store.Profile{
			Moving: user("x"), Holds: []store.Hold{{Due: int64(i/10 + 1)}},
			Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("a@x.test"))},
		}
		e.profile(user(fmt.Sprint(i)), p)
		e.profile(store.Key{Kind: store.KindAnonymous, ID: fmt.Sprint(i)}, p)
	}
	return []store.Query{{Kinds: []store.Kind{store.KindUser, store.KindAnonymous}}, {Moving: true}, {Due: 1000}, {Email: "a@x.test"}}
}

// A scan ends at Until, whatever the size of its pages.
func scanUntil(e *env) {
	for _, q := range scanQueries(e, 60) {
		all := keys(e.scan(q, 1<<30))
		for _, n := range []int{1, 7, 59, 60, 61, 119} {
			ends, err := e.store.Scan(e.ctx, q, "", n, func(*store.Record) error { return nil })
			if err != nil {
				e.Fatalf("%v", err)
			}
			bounded := q
			bounded.Until = ends
			for _, page := range []int{1, 7, n, 1 << 30} {
				if got := keys(e.scan(bounded, page)); !slices.Equal(got, all[:n]) {
					e.Errorf("%+v until behind %d, pages of %d: %d records, %v", q, n, page, len(got), got)
				}
			}
		}
	}
}

// The parts that a store's Skip makes have each record once, and end.
func scanSkip(e *env) {
	skipper, ok := e.store.(store.Skipper)
	if !ok {
		return
	}
	for _, q := range scanQueries(e, 60) {
		for _, n := range []int{1, 7, 119, 1000} {
			var got []store.Key
			parts := 0
			for at := store.Cursor(""); ; parts++ {
				next, err := skipper.Skip(e.ctx, q, at, n)
				if err != nil {
					e.Fatalf("%v", err)
				}
				if next == at && at != "" || parts > 1000 {
					e.Fatalf("%+v: Skip by %d does not come to an end", q, n)
				}
				part := q
				part.Until = next
				for after := at; ; {
					after, err = e.store.Scan(e.ctx, part, after, 5, func(r *store.Record) error {
						got = append(got, r.Key)
						return nil
					})
					if err != nil {
						e.Fatalf("%v", err)
					}
					if after == "" {
						break
					}
				}
				if at = next; at == "" {
					break
				}
			}
			if all := keys(e.scan(q, 1<<30)); !slices.Equal(got, all) {
				e.Errorf("%+v in parts of %d: %d records, want %d", q, n, len(got), len(all))
			}
			if n == 1000 && parts != 0 || n == 7 && parts < 3 {
				e.Errorf("%+v in parts of %d: %d of them", q, n, parts+1)
			}
		}
	}
	if _, err := skipper.Skip(e.ctx, store.Query{}, "", 1); !errors.Is(err, store.ErrQueryInvalid) {
		e.Errorf("Skip by no query: %v", err)
	}
}

// Whatever the size of the pages, each record is seen once.
func scanPages(e *env) {
	const records = 150
	for i := range records {
		e.step(user(fmt.Sprint(i)), always(func(c *store.Changes) {
			c.Pending = append(c.Pending, leased("d", 0))
			c.Profile = &store.Profile{
				Moving: user("x"), Holds: []store.Hold{{Due: int64(i/10 + 1)}},
				Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("a@x.test"))},
			}
		}))
	}
	for _, q := range []store.Query{{Kinds: []store.Kind{store.KindUser}}, {Pending: 1000}, {Moving: true}, {Due: 1000}, {Email: "a@x.test"}} {
		for _, page := range []int{1, 7, records - 1, records, records + 1, 1 << 30} {
			seen := make(map[store.Key]int)
			for _, k := range keys(e.scan(q, page)) {
				seen[k]++
			}
			for i := range records {
				if n := seen[user(fmt.Sprint(i))]; n != 1 {
					e.Fatalf("%+v in pages of %d: record %d was seen %d times", q, page, i, n)
				}
			}
		}
	}
}

// Records that are there all the time are seen exactly once, while others come
// and go around them: between the pages and during them.
func scanMoving(e *env) {
	const settled = 200
	for i := range settled {
		e.touch(user(fmt.Sprint("settled", i)), user(fmt.Sprint("a-first", i)), user(fmt.Sprint("a-second", i)))
	}
	// move changes a settled record, takes away one that is before all of
	// those in the order of ids, and brings one that is behind; when all have
	// gone to the other side, back again.
	move := func(passing string, i int) error {
		from, to := "a-", "z-"
		if i/settled%2 == 1 {
			from, to = to, from
		}
		steps := []store.Step{
			{Key: user(fmt.Sprint(from, passing, i%settled)), Decider: always(func(c *store.Changes) { c.Delete = true })},
			{Key: user(fmt.Sprint(to, passing, i%settled)), Decider: always(func(c *store.Changes) { c.Touch = true })},
			{Key: user(fmt.Sprint("settled", i%settled)), Decider: always(func(c *store.Changes) { c.LastSeen = int64(i + 1) })},
		}
		return errors.Join(e.store.Step(e.ctx, steps), steps[0].Err, steps[1].Err, steps[2].Err)
	}
	stop := make(chan struct{})
	var others sync.WaitGroup
	defer others.Wait()
	defer close(stop)
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := move("first", i); err != nil {
				e.Errorf("Step: %v", err)
				return
			}
		}
	})
	moves := 0
	for _, page := range []int{3, 50, 1000} {
		seen := make(map[store.Key]int)
		found := e.scanWhile(store.Query{Kinds: []store.Kind{store.KindUser}}, page, func() {
			for range 3 {
				if err := move("second", moves); err != nil {
					e.Fatalf("Step: %v", err)
				}
				moves++
			}
		})
		for _, k := range keys(found) {
			seen[k]++
		}
		for i := range settled {
			if n := seen[user(fmt.Sprint("settled", i))]; n != 1 {
				e.Fatalf("in pages of %d: a record that is there all the time was seen %d times", page, n)
			}
		}
	}
}

func scanError(e *env) {
	if w, ok := e.store.(store.Walker); ok {
		e.touch(user("1"), user("2"))
		stopped, n := errors.New("stopped"), 0
		err := w.Walk(e.ctx, store.Query{Kinds: []store.Kind{store.KindUser}}, func(*store.Record) error { n++; return stopped })
		if err != stopped || n != 1 { //nolint:errorlint // it itself
			e.Errorf("a walk whose function fails: %v, after %d records", err, n)
		}
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		if err := w.Walk(ctx, store.Query{Kinds: []store.Kind{store.KindUser}}, func(*store.Record) error { return nil }); !errors.Is(err, context.Canceled) {
			e.Errorf("a walk whose context has ended: %v", err)
		}
	}
	for _, id := range []string{"a", "b"} {
		e.step(user(id), always(func(c *store.Changes) { c.Pending = append(c.Pending, leased("d", 0)) }))
	}
	for _, q := range []store.Query{{Kinds: []store.Kind{store.KindUser}}, {Pending: 1000}} {
		stop, calls := errors.New("stop"), 0
		_, err := e.store.Scan(e.ctx, q, "", 10, func(*store.Record) error {
			calls++
			return stop
		})
		if !errors.Is(err, stop) || calls != 1 {
			e.Errorf("Scan of %+v returned %v after %d calls, want %v after 1", q, err, calls, stop)
		}
	}
}

func scanInvalid(e *env) {
	e.touch(user("a"))
	kinds := []store.Kind{store.KindUser}
	for _, c := range []struct {
		q     store.Query
		after store.Cursor
		limit int
	}{
		{store.Query{}, "", 10},
		{store.Query{Kinds: kinds, Pending: 1000}, "", 10},
		{store.Query{Kinds: kinds}, "", 0},
		{store.Query{Kinds: kinds}, "", -1},
		{store.Query{Kinds: kinds}, "\xff\xff no cursor", 10},
		{store.Query{Due: 5}, "\xff", 10},
	} {
		_, err := e.store.Scan(e.ctx, c.q, c.after, c.limit, func(*store.Record) error { return nil })
		if !errors.Is(err, store.ErrQueryInvalid) {
			e.Errorf("Scan of %+v after %q, at most %d: %v, want %v", c.q, c.after, c.limit, err, store.ErrQueryInvalid)
		}
	}
}
