package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon"
)

// A row is one thing that is measured beside its floor, both as so many a second.
type row struct {
	name, floor string
	target      float64 // of the ratio of the two; 0: none
	measure     func(ctx context.Context, w *world) (ours, floor float64, err error)
}

// callers are how many goroutines track at once.
const callers = 64

func rows() []row {
	return []row{
		{"sweep that sends", "`Track`, 64 goroutines", 1.5, sweepSends},
		{"`Due`, 1,000 due", "`Track`, 64 goroutines", 1, dueSends},
		{"worker: `Pending`, `Acknowledge`", "`Track`, 64 goroutines", 0, outboxWorks},
		{"contacts looked at, company audience", "user audience", 0.5, companyLooks},
		{"`Count` of 1 %", "`SELECT count(*)`", 0.1, countFew},
		{"`Count` of all", "reading all rows", 0.5, countAll},
		{"import of new contacts", "upserts of 1 KB, 256 at once", 0, importContacts},
	}
}

// rate returns how many a second n are.
func rate(n int, began time.Time) float64 { return float64(n) / time.Since(began).Seconds() }

// tracks returns how many events a second goroutines track: each is held and counted.
func tracks(ctx context.Context, w *world) (float64, error) {
	n, took, err := tracksFor(ctx, w, w.time)
	return float64(n) / took.Seconds(), err
}

// tracksFor tracks for as long as d, and returns how many events and how long it took.
func tracksFor(ctx context.Context, w *world, d time.Duration) (n int, took time.Duration, err error) {
	var done atomic.Int64
	errs := make([]error, callers)
	var all sync.WaitGroup
	began := time.Now()
	for c := range callers {
		all.Go(func() {
			for time.Since(began) < d && errs[c] == nil {
				n := w.event.Add(1)
				_, errs[c] = w.engine.Track(ctx, beckon.Event{
					Name: "viewed", UserID: contact(int(n*7919) % w.contacts), EventID: strconv.FormatInt(n, 10),
					Metadata: beckon.Fields{{Key: "price", Value: beckon.Number(int(n % 100))}, {Key: "item", Value: beckon.String("book")}},
				})
				done.Add(1)
			}
		})
	}
	all.Wait()
	return int(done.Load()), time.Since(began), errors.Join(errs...)
}

// consume runs to the end and returns how many were yielded a second.
func consume[T any](run func(func(T, error) bool)) (n int, err error) {
	for _, err := range run {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// inWaves does one wave after another until they have taken the time of a figure, so that
// the figure does not hang on a moment of the disk. Each prepares what is not measured, and
// then sends; it returns to how many, how many there should be, and how long that took. After
// each the floor is measured for as long: what the disk does on its own then meets both.
func inWaves(ctx context.Context, w *world, wave func() (sent, want int, took time.Duration, err error)) (ours, floor float64, err error) {
	sent, tracked := 0, 0
	var sending, tracking time.Duration
	for sent == 0 || sending < w.time {
		n, want, took, err := wave()
		if err == nil && (n != want || n == 0) {
			err = fmt.Errorf("%d were sent, want %d", n, want)
		}
		if err != nil {
			return 0, 0, err
		}
		sent, sending = sent+n, sending+took
		if n, took, err = tracksFor(ctx, w, took); err != nil {
			return 0, 0, err
		}
		tracked, tracking = tracked+n, tracking+took
	}
	return float64(sent) / sending.Seconds(), float64(tracked) / tracking.Seconds(), nil
}

// sweepSends sweeps messages, each to one per cent of the contacts, another each time.
func sweepSends(ctx context.Context, w *world) (ours, floor float64, err error) {
	return inWaves(ctx, w, func() (int, int, time.Duration, error) {
		id := "sweep-" + strconv.Itoa(w.wave)
		if err := w.engine.Publish(ctx, w.program(id, beckon.User("wave").Is("w"+strconv.Itoa(w.wave%waves)))); err != nil {
			return 0, 0, 0, err
		}
		w.wave++
		began := time.Now()
		n, err := consume(w.engine.Sweep(ctx))
		return n, w.contacts / waves, time.Since(began), err
	})
}

// dueSends has a thousand contacts wait, and sends to them; others each time.
func dueSends(ctx context.Context, w *world) (ours, floor float64, err error) {
	const due = 1_000
	return inWaves(ctx, w, func() (int, int, time.Duration, error) {
		var next atomic.Int64
		errs := make([]error, callers)
		var all sync.WaitGroup
		for c := range callers {
			all.Go(func() {
				for errs[c] == nil {
					i := int(next.Add(1)) - 1
					if i >= due {
						return
					}
					_, errs[c] = w.engine.Track(ctx, beckon.Event{Name: "uploaded", UserID: contact((i*(w.contacts/due) + w.dues) % w.contacts)})
				}
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			return 0, 0, 0, err
		}
		w.dues++
		w.clock.Add((61 * time.Minute).Milliseconds())
		began := time.Now()
		n, err := consume(w.engine.Due(ctx))
		return n, due, time.Since(began), err
	})
}

// outboxWorks has a sweep fill the outbox, and a worker empty it.
func outboxWorks(ctx context.Context, w *world) (ours, floor float64, err error) {
	e, err := w.newEngine(ctx, beckon.WithOutbox())
	if err != nil {
		return 0, 0, err
	}
	if err := e.Publish(ctx, w.program("outbox-"+strconv.Itoa(w.wave), beckon.User("wave").Is("w"+strconv.Itoa(w.wave%waves)))); err != nil {
		return 0, 0, err
	}
	w.wave++
	sent, err := consume(e.Sweep(ctx))
	if err != nil {
		return 0, 0, err
	}
	w.clock.Add((2 * time.Minute).Milliseconds())
	began, n := time.Now(), 0
	var batch []beckon.Delivery
	for d, err := range e.Pending(ctx) {
		if err != nil {
			return 0, 0, err
		}
		n++
		if batch = append(batch, d); len(batch) == callers {
			if err := e.Acknowledge(ctx, batch...); err != nil {
				return 0, 0, err
			}
			batch = batch[:0]
		}
	}
	if err := e.Acknowledge(ctx, batch...); err != nil {
		return 0, 0, err
	}
	ours = rate(n, began)
	if n < sent {
		return 0, 0, fmt.Errorf("%d of %d were pending", n, sent)
	}
	floor, err = tracks(ctx, w)
	return ours, floor, err
}

// companyLooks looks at contacts with an audience that nobody is in.
func companyLooks(ctx context.Context, w *world) (ours, floor float64, err error) {
	if ours, err = looks(ctx, w, beckon.Company("seats").GreaterThan(100_000)); err != nil {
		return 0, 0, err
	}
	floor, err = looks(ctx, w, beckon.User("note").Contains("no such words"))
	return ours, floor, err
}

// looks returns how many contacts a second are looked at for a rule.
func looks(ctx context.Context, w *world, rule beckon.Rule) (float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began, done, took := time.Now(), int64(0), time.Duration(0)
	_, err := consume(w.engine.Match(ctx, rule, beckon.OnProgress(func(p beckon.Progress) {
		if took == 0 {
			if done = p.Done; time.Since(began) >= w.time || p.Cursor == "" {
				took = time.Since(began)
				cancel()
			}
		}
	})))
	if err != nil && took == 0 {
		return 0, err
	}
	return float64(done) / took.Seconds(), nil
}

// timed returns how often a second something can be done, by the fastest of a few.
func timed(w *world, do func() error) (float64, error) {
	best := time.Duration(0)
	for began, n := time.Now(), 0; n == 0 || time.Since(began) < w.time/4 && n < 5; n++ {
		start := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		if took := time.Since(start); best == 0 || took < best {
			best = took
		}
	}
	return 1 / best.Seconds(), nil
}

func countFew(ctx context.Context, w *world) (ours, floor float64, err error) {
	ours, err = timed(w, func() error {
		n, err := w.engine.Count(ctx, beckon.User("wave").Is("w7"))
		if err == nil && n != w.contacts/waves {
			err = fmt.Errorf("%d contacts", n)
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	// By the index that is there: an attribute's name and text have a number in terms.
	sum := sha256.Sum256([]byte("wave\x00w7"))
	query := fmt.Sprintf(`SELECT count(*) FROM beckon_records WHERE kind <= 4 AND terms @> ARRAY[%d] AND attributes @> '{"wave":"w7"}'`, int32(binary.BigEndian.Uint32(sum[:])))
	if w.version[0] == 'S' {
		query = `SELECT count(*) FROM beckon_records WHERE kind <= 4 AND attributes ->> 'wave' = 'w7'`
	}
	floor, err = timed(w, func() error {
		var n int
		return w.db.QueryRowContext(ctx, query).Scan(&n)
	})
	return ours, floor, err
}

func countAll(ctx context.Context, w *world) (ours, floor float64, err error) {
	ours, err = timed(w, func() error {
		n, err := w.engine.Count(ctx, beckon.User("note").Contains("nobody reads"))
		if err == nil && n != w.contacts {
			err = fmt.Errorf("%d contacts", n)
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	floor, err = timed(w, func() error {
		rows, err := w.db.QueryContext(ctx, "SELECT kind, id, version, last_seen, event_seq, stats, state FROM beckon_records WHERE kind <= 4")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // Err says what was wrong
		var id, stats, state sql.RawBytes
		var kind, version, seen, seq int64
		for rows.Next() {
			if err := rows.Scan(&kind, &id, &version, &seen, &seq, &stats, &state); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return ours, floor, err
}
