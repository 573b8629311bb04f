package beckonwork_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A box is a provider: it keeps what it was sent, and answers as it is told to.
type box struct {
	mu     sync.Mutex
	began  time.Time
	got    []string // "message contact +since"
	answer func(d beckon.Delivery, n int) error
}

func newBox() *box { return &box{began: time.Now()} }

// Send implements [beckonwork.Sender].
func (b *box) Send(ctx context.Context, d beckon.Delivery) error {
	b.mu.Lock()
	b.got = append(b.got, fmt.Sprintf("%s %s +%v", d.Message, d.Contact.UserID, time.Since(b.began).Round(time.Second)))
	n, answer := len(b.got), b.answer
	b.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer(d, n)
}

func (b *box) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

// A life is one store with as many engines and workers as a test wants.
type life struct {
	t        *testing.T
	store    beckon.Store
	outcomes []string
	mu       sync.Mutex
}

func newLife(t *testing.T) *life { return &life{t: t, store: memstore.New()} }

func (l *life) engine(opts ...beckon.Option) *beckon.Engine {
	l.t.Helper()
	return l.engineOver(l.store, opts...)
}

func (l *life) engineOver(s beckon.Store, opts ...beckon.Option) *beckon.Engine {
	l.t.Helper()
	e, err := beckon.New(s, append([]beckon.Option{beckon.WithWorkers(), beckon.WithClock(time.Now)}, opts...)...)
	if err == nil {
		err = e.Publish(context.Background(), program())
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return e
}

func program() beckon.Program {
	text := beckon.Content{Subject: "s", Body: "hello"}
	return beckon.Program{Messages: []beckon.Message{
		{ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("paid"), Content: text},
		{ID: "thanks", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("paid"), Content: text},
		{ID: "ping", Channel: beckon.Push, Status: beckon.Live, Trigger: beckon.On("pinged"), Content: text},
		{ID: "cart", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("added").Unless("paid", beckon.Hours(1), ""), Content: text},
		{ID: "news", Channel: beckon.Email, Status: beckon.Live, Audience: beckon.User("plan").Is("pro"), Content: text},
	}}
}

func (l *life) track(e *beckon.Engine, name, who string) beckon.Result {
	l.t.Helper()
	res, err := e.Track(context.Background(), beckon.Event{Name: name, UserID: who})
	if err != nil {
		l.t.Fatal(err)
	}
	return res
}

// observe keeps what became of deliveries, and when.
func (l *life) observe(began time.Time) beckonwork.Option {
	return beckonwork.WithObserver(func(o beckonwork.Outcome) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.outcomes = append(l.outcomes, fmt.Sprintf("%s %s +%v", o.Delivery.Message, o.Result, time.Since(began).Round(time.Second)))
	})
}

// works runs workers until a time is over, and returns what Run returned.
func (l *life) works(d time.Duration, workers ...*beckonwork.Worker) []error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	errs := make([]error, len(workers))
	var all sync.WaitGroup
	for i, w := range workers {
		all.Go(func() { errs[i] = w.Run(ctx) })
	}
	all.Wait()
	return errs
}

func (l *life) worker(e *beckon.Engine, opts ...beckonwork.Option) *beckonwork.Worker {
	l.t.Helper()
	w, err := beckonwork.New(e, opts...)
	if err != nil {
		l.t.Fatal(err)
	}
	return w
}

// pending lists what is in the outbox.
func (l *life) pending(e *beckon.Engine) (list []string) {
	l.t.Helper()
	for d, err := range e.Outbox(context.Background()) {
		if err != nil {
			l.t.Fatal(err)
		}
		list = append(list, d.Message+" "+d.Contact.UserID)
	}
	return list
}

var errDown = errors.New("the provider is down")

// A mortal is a store as a process sees it that may die: then each call of it blocks
// without end, which is as if the process were not there.
type mortal struct {
	beckon.Store
	mu    sync.Mutex
	dead  bool
	fails int             // calls that fail from now on
	late  []time.Duration // so much later the next steps are answered, when they are done
	steps int
}

func (m *mortal) alive(ctx context.Context) error {
	m.mu.Lock()
	dead := m.dead
	m.steps++
	fails := m.fails > 0
	if fails {
		m.fails--
	}
	m.mu.Unlock()
	if dead {
		<-ctx.Done()
		return ctx.Err()
	}
	if fails {
		return errors.New("the store is down")
	}
	return nil
}

func (m *mortal) set(fn func(*mortal)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fn(m)
}

func (m *mortal) Step(ctx context.Context, steps []store.Step) error {
	if err := m.alive(ctx); err != nil {
		return err
	}
	err := m.Store.Step(ctx, steps)
	m.mu.Lock()
	late := time.Duration(0)
	if len(m.late) > 0 {
		late, m.late = m.late[0], m.late[1:]
	}
	m.mu.Unlock()
	time.Sleep(late)
	return err
}

func (m *mortal) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if err := m.alive(ctx); err != nil {
		return err
	}
	return m.Store.Read(ctx, keys, fn)
}

func (m *mortal) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if err := m.alive(ctx); err != nil {
		return "", err
	}
	return m.Store.Scan(ctx, q, after, limit, fn)
}

// inTime runs a test in a bubble, where time goes by only while everything waits.
func inTime(t *testing.T, fn func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, fn)
}
