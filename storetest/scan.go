package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/beckon-go/beckon"
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
	}
}

func scanKinds(e *env) {
	var all []beckon.Key
	for kind := beckon.KindUser; kind <= beckon.KindStore; kind++ {
		for i := range 5 {
			all = append(all, beckon.Key{Kind: kind, ID: fmt.Sprint(i)})
		}
	}
	e.touch(all...)
	e.step(all[0], always(func(c *beckon.Changes) { changeAll(c, 3) }))
	for _, kinds := range [][]beckon.Kind{
		{beckon.KindUser},
		{beckon.KindThrottle, beckon.KindCompany},
		{beckon.KindRun, beckon.KindRun},
		{beckon.KindUser, beckon.KindContact, beckon.KindEmail, beckon.KindAnonymous},
	} {
		got := e.scan(beckon.Query{Kinds: kinds}, 3)
		want := slices.DeleteFunc(slices.Clone(all), func(k beckon.Key) bool { return !slices.Contains(kinds, k.Kind) })
		found := keys(got)
		slices.SortFunc(found, beckon.Key.Compare)
		if !slices.Equal(found, want) {
			e.Errorf("kinds %v: found %v, want %v", kinds, found, want)
		}
		for _, r := range got {
			if !same(r, e.read(r.Key)) {
				e.Errorf("a scan shows %+v otherwise than Read", r)
			}
		}
	}
}

// Whatever the size of the pages, each record is seen once.
func scanPages(e *env) {
	const records = 150
	for i := range records {
		e.profile(user(fmt.Sprint(i)), beckon.Profile{
			Pending: []beckon.Pending{{}}, Moving: user("x"), Holds: []beckon.Hold{{Due: int64(i/10 + 1)}},
			Attributes: []beckon.Attribute{beckon.NewAttribute("email", beckon.String("a@x.test"))},
		})
	}
	for _, q := range []beckon.Query{{Kinds: []beckon.Kind{beckon.KindUser}}, {Pending: 1000}, {Moving: true}, {Due: 1000}, {Email: "a@x.test"}} {
		for _, page := range []int{1, 7, records - 1, records, records + 1, 1 << 30} {
			seen := make(map[beckon.Key]int)
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
		steps := []beckon.Step{
			{Key: user(fmt.Sprint(from, passing, i%settled)), Decider: always(func(c *beckon.Changes) { c.Delete = true })},
			{Key: user(fmt.Sprint(to, passing, i%settled)), Decider: always(func(c *beckon.Changes) { c.Touch = true })},
			{Key: user(fmt.Sprint("settled", i%settled)), Decider: always(func(c *beckon.Changes) { c.LastSeen = int64(i + 1) })},
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
		seen := make(map[beckon.Key]int)
		found := e.scanWhile(beckon.Query{Kinds: []beckon.Kind{beckon.KindUser}}, page, func() {
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
	e.profile(user("a"), beckon.Profile{Pending: []beckon.Pending{{}}})
	e.profile(user("b"), beckon.Profile{Pending: []beckon.Pending{{}}})
	for _, q := range []beckon.Query{{Kinds: []beckon.Kind{beckon.KindUser}}, {Pending: 1000}} {
		stop, calls := errors.New("stop"), 0
		_, err := e.store.Scan(e.ctx, q, "", 10, func(*beckon.Record) error {
			calls++
			return stop
		})
		if !errors.Is(err, stop) || calls != 1 {
			e.Errorf("Scan of %+v gave %v after %d calls, want %v after 1", q, err, calls, stop)
		}
	}
}

func scanInvalid(e *env) {
	e.touch(user("a"))
	kinds := []beckon.Kind{beckon.KindUser}
	for _, c := range []struct {
		q     beckon.Query
		after beckon.Cursor
		limit int
	}{
		{beckon.Query{}, "", 10},
		{beckon.Query{Kinds: kinds, Pending: 1000}, "", 10},
		{beckon.Query{Kinds: kinds}, "", 0},
		{beckon.Query{Kinds: kinds}, "", -1},
		{beckon.Query{Kinds: kinds}, "\xff\xff no cursor", 10},
		{beckon.Query{Due: 5}, "\xff", 10},
	} {
		_, err := e.store.Scan(e.ctx, c.q, c.after, c.limit, func(*beckon.Record) error { return nil })
		if !errors.Is(err, beckon.ErrQueryInvalid) {
			e.Errorf("Scan of %+v after %q, at most %d: %v, want %v", c.q, c.after, c.limit, err, beckon.ErrQueryInvalid)
		}
	}
}
