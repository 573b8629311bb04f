package beckonwork

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// acks acknowledges what was made: what comes while a step of the store is under way goes
// together in the next.
type acks struct {
	w    *Worker
	in   chan made
	done chan struct{}

	mu    sync.RWMutex
	ended bool

	ctx  context.Context // ends when nothing is to be tried any more
	stop context.CancelFunc
}

// A made is a delivery that was made.
type made struct {
	d    beckon.Delivery
	took time.Duration
}

// mostAcks is how many are acknowledged together.
const mostAcks = 512

func newAcks(w *Worker) *acks {
	a := &acks{w: w, in: make(chan made, mostAcks), done: make(chan struct{})}
	a.ctx, a.stop = context.WithCancel(context.Background())
	return a
}

func (a *acks) put(m made) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.ended { // by a sender that took no notice of its context
		ctx, cancel := context.WithTimeout(context.Background(), storeTime)
		defer cancel()
		a.commit(ctx, []made{m})
		return
	}
	a.in <- m
}

// end waits until all are acknowledged, or a time and ackGrace are over.
func (a *acks) end(left time.Duration) {
	defer time.AfterFunc(max(left, 0)+ackGrace, a.stop).Stop()
	defer a.stop()
	a.mu.Lock()
	a.ended = true
	a.mu.Unlock()
	close(a.in)
	<-a.done
}

func (a *acks) run() {
	defer close(a.done)
	var batch []made
	for m := range a.in {
		batch = append(batch[:0], m)
	more:
		for len(batch) < mostAcks {
			select {
			case m, open := <-a.in:
				if !open {
					break more
				}
				batch = append(batch, m)
			default:
				break more
			}
		}
		a.commit(a.ctx, batch)
	}
}

// ackFor is how long an acknowledgement is tried: what is not acknowledged is sent again
// when its lease has ended, a minute after it began.
const ackFor = 40 * time.Second

// ackGrace is how long acknowledgements go on when a worker has drained.
const ackGrace = 5 * time.Second

// commit acknowledges deliveries, until ctx ends. What fails together is tried singly, so
// that a contact who fails keeps nobody else.
func (a *acks) commit(ctx context.Context, batch []made) {
	p := Policy{First: 50 * time.Millisecond, Most: 5 * time.Second}
	for n, began := 1, time.Now(); ; n++ {
		err := a.acknowledge(ctx, batch)
		if err != nil && len(batch) > 1 {
			batch, err = a.singly(ctx, batch)
		}
		var damaged *store.DamagedError
		switch {
		case err == nil:
			return
		case errors.Is(err, beckon.ErrClosed), ctx.Err() != nil, time.Since(began) > ackFor, len(batch) == 1 && errors.As(err, &damaged):
			a.w.warn("deliveries that were made could not be acknowledged, and will be made again", "count", len(batch), "error", err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.wait(n)):
		}
	}
}

// acknowledge acknowledges deliveries together, and has that known.
func (a *acks) acknowledge(ctx context.Context, batch []made) error {
	list := make([]beckon.Delivery, len(batch))
	for i := range batch {
		list[i] = batch[i].d
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	if err := a.w.engine.Acknowledge(ctx, list...); err != nil {
		return err
	}
	for _, m := range batch {
		a.w.tell(Outcome{Delivery: m.d, Result: Made, Took: m.took})
	}
	return nil
}

// mostFailed is how many deliveries may fail one after the other before the store is taken
// to be down.
const mostFailed = 8

// singly acknowledges deliveries one by one. It returns what is to be tried again, the failed
// ones last, and an error; what is damaged is not, unless it is the only one left.
func (a *acks) singly(ctx context.Context, batch []made) (rest []made, err error) {
	var damaged *store.DamagedError
	row := 0
	for i := range batch {
		failed := a.acknowledge(ctx, batch[i:i+1])
		switch {
		case failed == nil:
			row = 0
			continue
		case errors.As(failed, &damaged):
			a.w.warn("a delivery that was made could not be acknowledged, and will be made again", "delivery", batch[i].d.ID, "error", failed)
			continue
		}
		err, rest = failed, append(rest, batch[i])
		if row++; row == mostFailed || errors.Is(failed, beckon.ErrClosed) || ctx.Err() != nil {
			return append(append([]made(nil), batch[i+1:]...), rest...), err
		}
	}
	return rest, err
}
