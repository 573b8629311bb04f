package beckonwork

import (
	"context"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
)

// acks acknowledges what was made: what comes while a step of the store is under way goes
// together in the next.
type acks struct {
	w    *Worker
	in   chan made
	done chan struct{}

	mu    sync.RWMutex
	ended bool
}

// A made is a delivery that was made.
type made struct {
	d    beckon.Delivery
	took time.Duration
}

// mostAcks is how many are acknowledged together.
const mostAcks = 512

func newAcks(w *Worker) *acks {
	return &acks{w: w, in: make(chan made, mostAcks), done: make(chan struct{})}
}

func (a *acks) put(m made) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.ended { // by a sender that took no notice of its context
		a.commit([]made{m})
		return
	}
	a.in <- m
}

// end waits until all are acknowledged.
func (a *acks) end() {
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
		a.commit(batch)
	}
}

// ackFor is how long an acknowledgement is tried: what is not acknowledged is sent again
// when its lease has ended, a minute after it began.
const ackFor = 40 * time.Second

func (a *acks) commit(batch []made) {
	list := make([]beckon.Delivery, len(batch))
	for i := range batch {
		list[i] = batch[i].d
	}
	p := Policy{First: 50 * time.Millisecond, Most: 5 * time.Second}
	for n, began := 1, time.Now(); ; n++ {
		ctx, cancel := context.WithTimeout(context.Background(), storeTime)
		err := a.w.engine.Acknowledge(ctx, list...)
		cancel()
		if err == nil {
			break
		}
		if time.Since(began) > ackFor {
			a.w.warn("deliveries that were made could not be acknowledged, and will be made again", "count", len(list), "error", err)
			return
		}
		time.Sleep(p.wait(n))
	}
	for _, m := range batch {
		a.w.tell(Outcome{Delivery: m.d, Result: Made, Took: m.took})
	}
}
