package beckonwork_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// A worker without an outbox says so at once, and one that shares a store with an engine
// that has one finds out.
func TestNoOutbox(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		kept := &mortal{Store: l.store}
		bare, err := beckon.New(kept, beckon.WithClock(time.Now))
		if err != nil {
			t.Fatal(err)
		}
		mail := newBox()
		w := l.worker(bare, beckonwork.Send(beckon.Email, mail), beckonwork.WithoutDue(), beckonwork.WithoutSweep(), beckonwork.WithLogger(nil))
		began := time.Now()
		for name, err := range map[string]error{"Run": l.works(time.Hour, w)[0], "Round": func() error { _, err := w.Round(t.Context()); return err }()} {
			if !errors.Is(err, beckonwork.ErrNoOutbox) || !strings.Contains(err.Error(), "WithWorkers") {
				t.Errorf("without an outbox %s returns %v", name, err)
			}
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v to say so", took)
		}
		l.track(l.engine(), "paid", "u") // the store has one now
		kept.set(func(m *mortal) { m.fails = 1 })
		if _, err := w.Round(t.Context()); err == nil || errors.Is(err, beckonwork.ErrNoOutbox) {
			t.Errorf("a round over a store that fails: %v", err)
		}
		kept.set(func(m *mortal) { m.fails = 2 })
		if err := l.works(time.Minute, w)[0]; err != nil || len(mail.all()) != 1 {
			t.Errorf("over a store that has one: %v, sent %q", err, mail.all())
		}
	})
}

// A worker whose context has ended, or whose engine is closed, asks nothing more.
func TestOutboxOfAnEngineThatEnds(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		kept := &mortal{Store: l.store}
		bare, err := beckon.New(kept, beckon.WithClock(time.Now))
		if err != nil {
			t.Fatal(err)
		}
		w := l.worker(bare, beckonwork.WithLogger(nil))
		kept.set(func(m *mortal) { m.fails = 1000 })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := w.Run(ctx); err != nil || ctx.Err() == nil {
			t.Errorf("a store that fails ends Run with %v", err)
		}
		if err := bare.Close(); err != nil {
			t.Fatal(err)
		}
		if err := w.Run(t.Context()); !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("Run over a closed engine: %v", err)
		}
		if _, err := w.Round(t.Context()); !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("a round over a closed engine: %v", err)
		}
	})
}

// An outcome says of a delivery whether its message was composed.
func TestComposedOutcome(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, got := newLife(t), map[string]bool{}
		e := l.engine()
		p := program()
		p.Series = []beckon.Series{{
			ID: "welcome", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("paid")},
			Blocks: []beckon.Block{{ID: "one", Message: &beckon.Message{ID: "hello", Channel: beckon.Email, Content: beckon.Content{Body: "b"}}}},
		}}
		if err := e.Publish(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		l.track(e, "paid", "u")
		if _, err := e.SendTo(t.Context(), beckon.Identity{UserID: "u"}, beckon.Message{ID: "note-1", Channel: beckon.Email, Content: beckon.Content{Body: "b"}}); err != nil {
			t.Fatal(err)
		}
		watch := beckonwork.WithObserver(func(o beckonwork.Outcome) { got[o.Delivery.Message] = o.Composed })
		if _, err := l.worker(e, beckonwork.Send(beckon.Email, newBox()), watch).Round(t.Context()); err != nil {
			t.Error(err)
		}
		if len(got) != 3 || got["receipt"] || got["hello"] || !got["note-1"] {
			t.Errorf("composed: %v", got)
		}
		// An engine without a program can tell, too.
		blind, err := beckon.New(l.store, beckon.WithWorkers(), beckon.WithClock(time.Now))
		if err != nil {
			t.Fatal(err)
		}
		clear(got)
		if _, err := e.SendTo(t.Context(), beckon.Identity{UserID: "u"}, beckon.Message{ID: "note-2", Channel: beckon.Email, Content: beckon.Content{Body: "b"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.worker(blind, beckonwork.Send(beckon.Email, newBox()), watch).Round(t.Context()); err != nil || len(got) != 1 || !got["note-2"] {
			t.Errorf("without a program: %v, %v", got, err)
		}
	})
}

// What could not work is refused by New.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	long, short := l.engine(), l.engine(beckon.WithLease(9*time.Second))
	for name, c := range map[string]struct {
		engine *beckon.Engine
		opt    beckonwork.Option
		fine   bool
	}{
		"an unknown channel":            {long, beckonwork.Send("e-mail", newBox()), false},
		"a channel without a name":      {long, beckonwork.Send("custom:", newBox()), false},
		"a channel of the host's own":   {long, beckonwork.Send(beckon.Custom("pager"), newBox()), true},
		"a func that is nil":            {long, beckonwork.Send(beckon.Email, beckonwork.SenderFunc(nil)), false},
		"extensions as long as a lease": {long, beckonwork.WithExtendEvery(time.Minute), false},
		"extensions within a lease":     {long, beckonwork.WithExtendEvery(59 * time.Second), true},
		"extensions past a short one":   {short, beckonwork.WithExtendEvery(20 * time.Second), false},
		"the default of a short one":    {short, nil, true},
		"no logger":                     {long, beckonwork.WithLogger(nil), true},
		"zeros":                         {long, beckonwork.WithExtendEvery(0), true},
	} {
		if _, err := beckonwork.New(c.engine, c.opt); (err == nil) != c.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A slow send keeps a short lease, too.
func TestShortLease(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		e := l.engine(beckon.WithLease(9 * time.Second))
		mail.answer = func(beckon.Delivery, int) error { time.Sleep(time.Minute); return nil }
		l.track(e, "paid", "u")
		send := beckonwork.Send(beckon.Email, mail)
		if errs := l.works(5*time.Minute, l.worker(e, send), l.worker(e, send)); errors.Join(errs...) != nil || len(mail.all()) != 1 {
			t.Errorf("sent %q, %v", mail.all(), errs)
		}
	})
}
