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

// commit acknowledges deliveries, until ctx ends. A contact who fails keeps nobody else.
func (a *acks) commit(ctx context.Context, batch []made) {
	p := Policy{First: 50 * time.Millisecond, Most: 5 * time.Second}
	for n, began := 1, time.Now(); ; n++ {
		rest, err := a.acknowledge(ctx, batch)
		if len(rest) == len(batch) && len(batch) > 1 && ctx.Err() == nil {
			rest, err = a.singly(ctx, batch)
		}
		if batch = rest; len(batch) == 0 {
			return
		}
		if errors.Is(err, beckon.ErrClosed) || ctx.Err() != nil || time.Since(began) > ackFor {
			a.w.warn("deliveries that were made could not be acknowledged, and will be made again", "count", len(batch), "error", err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.wait(n)):
		}
	}
}

// acknowledge acknowledges deliveries together, and has that known. It returns those that
// are to be tried again, and why; what is damaged is not.
func (a *acks) acknowledge(ctx context.Context, batch []made) (rest []made, err error) {
	list := make([]beckon.Delivery, len(batch))
	for i := range batch {
		list[i] = batch[i].d
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	err = a.w.engine.Acknowledge(ctx, list...)
	var left *beckon.UnacknowledgedError
	if err != nil && !errors.As(err, &left) {
		return batch, err
	}
	for _, m := range batch {
		var failed error
		if left != nil {
			failed = left.Failed[m.d.ID]
		}
		var damaged *store.DamagedError
		switch {
		case failed == nil:
			a.w.tell(Outcome{Delivery: m.d, Result: Made, Took: m.took})
		case errors.As(failed, &damaged):
			a.w.warn("a delivery that was made could not be acknowledged, and will be made again", "delivery", m.d.ID, "error", failed)
		default:
			rest = append(rest, m)
		}
	}
	return rest, err
}

// mostFailed is how many deliveries may fail one after the other before the store is taken
// to be down.
const mostFailed = 8

// singly acknowledges deliveries one by one: a store may fail all for one of them. It
// returns what is to be tried again, the failed ones last, and an error.
func (a *acks) singly(ctx context.Context, batch []made) (rest []made, err error) {
	row := 0
	for i := range batch {
		left, failed := a.acknowledge(ctx, batch[i:i+1])
		if len(left) == 0 {
			row = 0
			continue
		}
		err, rest = failed, append(rest, batch[i])
		if row++; row == mostFailed || errors.Is(failed, beckon.ErrClosed) || ctx.Err() != nil {
			return append(append([]made(nil), batch[i+1:]...), rest...), err
		}
	}
	return rest, err
}
