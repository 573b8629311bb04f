package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A way leads to a server. If it is told to, it cuts the connection on which the next answer
// comes, and nobody gets that.
type way struct {
	to     string
	listen net.Listener
	lose   atomic.Bool
	lost   atomic.Int64
	all    sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// newWay returns a way to the server at an address, and the address over it.
func newWay(tb testing.TB, address string) (*way, string) {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	w := &way{to: u.Host}
	if w.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	w.all.Go(w.accept)
	tb.Cleanup(func() {
		_ = w.listen.Close()
		w.cutAll()
		w.all.Wait()
	})
	u.Host = w.listen.Addr().String()
	return w, u.String()
}

func (w *way) accept() {
	for {
		client, err := w.listen.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, client, server)
		w.mu.Unlock()
		w.all.Go(func() { pass(server, client, nil) })
		w.all.Go(func() { pass(client, server, w) })
	}
}

// pass passes on what one end says to the other, until one of them ends.
func pass(to, from net.Conn, w *way) {
	defer func() { _, _ = to.Close(), from.Close() }()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if w != nil && n > 0 && w.lose.CompareAndSwap(true, false) {
			w.lost.Add(1)
			return
		}
		if _, failed := to.Write(b[:n]); err != nil || failed != nil {
			return
		}
	}
}

func (w *way) cutAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

// A lossyStore has the answer to one of its steps on contacts lost.
type lossyStore struct {
	beckon.Store
	way *way
	at  int // so many are answered before; negative: all
}

// A lossy decides as another; what its decision is written with has no answer.
type lossy struct {
	store.Decider
	way *way
}

// Decide implements [store.Decider].
func (l lossy) Decide(rec *store.Record, c *store.Changes) error {
	err := l.Decider.Decide(rec, c)
	l.way.lose.Store(true)
	return err
}

// Step implements [beckon.Store].
func (s *lossyStore) Step(ctx context.Context, steps []store.Step) error {
	if !steps[0].Key.Kind.IsContact() {
		return s.Store.Step(ctx, steps)
	}
	if s.at--; s.at == -1 {
		for i := range steps {
			steps[i].Decider = lossy{steps[i].Decider, s.way}
		}
		defer s.way.lose.Store(false) // if nothing was written
	}
	return s.Store.Step(ctx, steps)
}

// lossyBackends are the stores whose server may be behind a network.
func lossyBackends(tb testing.TB) []backend {
	tb.Helper()
	var list []backend
	for _, b := range shared() {
		if b.name != "sqlite" {
			list = append(list, b)
		}
	}
	return list
}

// The answer to a batch of a run is lost when the server has written it: who is in it gets the
// message once all the same, with and without an outbox.
func TestAnswerOfBatchLost(t *testing.T) {
	const contacts = 150
	for _, b := range lossyBackends(t) {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			direct := b.at(t)
			p := direct
			w, over := newWay(t, p.Address)
			p.Address = over
			for round, at := range []int{0, 1, 3, 6, 7} {
				for _, opts := range [][]beckon.Option{nil, {beckon.WithOutbox()}} {
					p.Namespace = newNamespace()
					direct.Namespace = p.Namespace
					kept := &lossyStore{mustOpen(t, p), w, -1}
					now := noon()
					opts := append([]beckon.Option{beckon.WithClock(func() time.Time { return now })}, opts...)
					engine := newEngine(t, kept, newsProgram(), opts...)
					acknowledging := newEngine(t, mustOpen(t, direct), newsProgram(), opts...)
					fill(t, engine, contacts)
					lost := w.lost.Load()
					kept.at = at
					got := map[string]int{}
					sweep := func() (err error) {
						var done []beckon.Delivery
						for d, e := range engine.Sweep(t.Context()) {
							if e != nil {
								err = e
								continue
							}
							got[d.Contact.UserID]++
							done = append(done, d)
						}
						if len(opts) > 1 {
							err = errors.Join(err, acknowledging.Acknowledge(t.Context(), done...))
						}
						return err
					}
					err := sweep()
					if unknown := errors.Is(err, beckon.Code("store_unknown_outcome")); err != nil && !unknown {
						t.Fatal(err)
					}
					if w.lost.Load() == lost {
						t.Errorf("round %d: no answer was lost", round)
					}
					t.Logf("round %d, outbox %t: %d were sent, then %v", round, len(opts) > 1, len(got), err)
					if err := sweep(); err != nil {
						t.Fatal(err)
					}
					now = now.Add(2 * beckon.LeaseFor)
					if len(opts) > 1 {
						for d, err := range engine.Pending(t.Context()) {
							if err != nil {
								t.Fatal(err)
							}
							got[d.Contact.UserID]++
						}
					}
					for i := range contacts {
						if who := fmt.Sprint("u", i); got[who] != 1 {
							t.Errorf("round %d, outbox %t: %s got it %d times", round, len(opts) > 1, who, got[who])
						}
					}
					if totals, err := engine.Totals(t.Context(), "news"); err != nil || totals.Sent != contacts {
						t.Errorf("round %d: %d were sent in all, %v", round, totals.Sent, err)
					}
				}
			}
		})
	}
}

// fill makes contacts for whom the news are.
func fill(tb testing.TB, engine *beckon.Engine, contacts int) {
	tb.Helper()
	for f, err := range engine.Import(context.Background(), func(yield func(beckon.ImportItem, error) bool) {
		for i := range contacts {
			if !yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: fmt.Sprint("u", i), Attributes: beckon.Attributes{"plan": beckon.String("pro")}}}, nil) {
				return
			}
		}
	}) {
		tb.Fatal(f, err)
	}
}

// The answer to a batch of an import, or to an event, is lost: a repeat, from where the import
// says that it was, counts everything once.
func TestAnswerOfImportLost(t *testing.T) {
	const events, contacts = 1200, 7
	items := func(yield func(beckon.ImportItem, error) bool) {
		for i := range events {
			ev := &beckon.Event{Name: "go", UserID: fmt.Sprint("u", i%contacts), EventID: fmt.Sprint("e", i), CreatedAt: noon().Add(time.Duration(i-events) * time.Second)}
			if !yield(beckon.ImportItem{Event: ev}, nil) {
				return
			}
		}
	}
	for _, b := range lossyBackends(t) {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := b.at(t)
			w, over := newWay(t, p.Address)
			p.Address = over
			for at := range 5 {
				p.Namespace = newNamespace()
				kept := &lossyStore{mustOpen(t, p), w, at}
				engine := newEngine(t, kept, contactProgram(), beckon.WithOutbox())
				cursor, tries := store.Cursor(""), 0
				for failed := error(io.EOF); failed != nil; tries++ {
					failed = nil
					for f, err := range engine.Import(t.Context(), items, beckon.ResumeAt(cursor), beckon.OnProgress(func(p beckon.Progress) { cursor = p.Cursor })) {
						switch {
						case f.Err != nil:
							t.Fatal(f.Item, f.Err)
						case !errors.Is(err, beckon.Code("store_unknown_outcome")):
							t.Fatal(err)
						}
						failed = err
					}
				}
				for i := range contacts {
					x, known, err := engine.Export(t.Context(), beckon.Identity{UserID: fmt.Sprint("u", i)})
					want := int64((events + contacts - 1 - i) / contacts)
					if err != nil || !known || len(x.Events) != 1 || int64(x.Events[0].Count) != want {
						t.Errorf("answer %d lost, %d tries: u%d has %v, %v; want %d", at, tries, i, x.Events, err, want)
					}
				}
			}
			// An event: it is taken once, and with the outbox its delivery is the repeat's.
			p.Namespace = newNamespace()
			kept := &lossyStore{mustOpen(t, p), w, -1}
			engine := newEngine(t, kept, contactProgram(), beckon.WithOutbox())
			for i := range 20 {
				kept.at = 0
				ev := beckon.Event{Name: "go", UserID: fmt.Sprint("w", i), EventID: "e"}
				res, err := engine.Track(t.Context(), ev)
				if err != nil {
					if !errors.Is(err, beckon.Code("store_unknown_outcome")) {
						t.Fatal(err)
					}
					if res, err = engine.Track(t.Context(), ev); err != nil {
						t.Fatal(err)
					}
				}
				if len(res.Deliveries) == 0 {
					t.Errorf("event %d: no delivery", i)
				}
				again, err := engine.Track(t.Context(), ev)
				if err != nil || !again.Duplicate {
					t.Errorf("event %d again: %+v, %v", i, again, err)
				}
			}
		})
	}
}
