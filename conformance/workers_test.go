package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// workerLease is how long the workers' leases last, so that a test can wait for the end.
const workerLease = 2 * time.Second

// workerEngine returns an engine on the clock of the system.
func workerEngine(kept beckon.Store) (*beckon.Engine, error) {
	engine, err := beckon.New(kept, beckon.WithOutbox(), beckon.WithLease(workerLease))
	if err != nil {
		return nil, err
	}
	text := beckon.Content{Subject: "s", Body: "b"}
	return engine, engine.Publish(context.Background(), beckon.Program{Messages: []beckon.Message{
		{ID: "paid", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("paid"), Content: text},
		{ID: "cart", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("added").Unless("paid", beckon.Seconds(1), ""), Content: text},
		{ID: "shown", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("paid"), Content: text},
	}})
}

// runWorker works until it is told to end. It says "sent" for each delivery that its sender
// makes, and "done" when the store knows.
func runWorker(ctx context.Context, kept beckon.Store, told <-chan string, say func(...string)) error {
	engine, err := workerEngine(kept)
	if err != nil {
		return err
	}
	worker, err := beckonwork.New(engine,
		beckonwork.Send(beckon.Email, beckonwork.SenderFunc(func(_ context.Context, d beckon.Delivery) error {
			time.Sleep(5 * time.Millisecond)
			say("sent", d.Message+":"+d.Contact.UserID)
			return nil
		})),
		beckonwork.WithObserver(func(o beckonwork.Outcome) {
			if o.Result == beckonwork.Made {
				say("done", o.Delivery.Message+":"+o.Delivery.Contact.UserID)
			}
		}),
		beckonwork.WithDueEvery(time.Second), beckonwork.WithPollEvery(50*time.Millisecond),
		beckonwork.WithExtendEvery(workerLease/4), beckonwork.WithConcurrency(4),
	)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	go func() { <-told; end() }()
	return worker.Run(ctx)
}

// Of four workers in processes of their own three are killed. Each delivery is sent, and
// twice only if the first who sent it was killed before the store knew.
func TestWorkersOutliveCrashes(t *testing.T) {
	contacts := 300
	if testing.Short() {
		contacts = 120
	}
	for _, b := range shared() {
		t.Run(b.name, func(t *testing.T) {
			p := b.at(t)
			kept := mustOpen(t, p)
			engine, err := workerEngine(kept)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{}
			for i := range contacts {
				who := fmt.Sprintf("%s-%d", p.Namespace, i)
				for event, message := range map[string]string{"paid": "paid:" + who, "added": "cart:" + who + "x"} {
					want[message] = true
					_, id, _ := strings.Cut(message, ":")
					if _, err := engine.Track(t.Context(), beckon.Event{Name: event, UserID: id}); err != nil {
						t.Fatal(err)
					}
				}
			}
			random := rand.New(rand.NewPCG(uint64(len(b.name)), 8))
			var victims []*process
			for range 3 {
				victims = append(victims, startProcess(t, task{Place: p.named("v" + p.Namespace), Worker: true}))
			}
			last := startProcess(t, task{Place: p, Worker: true})
			lines := make([][]string, 4)
			var all sync.WaitGroup
			for i, v := range victims {
				v.begin(t)
				n := 1 + random.IntN(contacts/4)
				all.Go(func() { lines[i] = v.killAfter(t, n) })
			}
			all.Wait()
			p.settle(t, "v"+p.Namespace)
			last.begin(t)
			all.Go(func() { lines[3] = last.wait(t) })
			for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
				left := 0
				for d, err := range engine.Outbox(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if d.Channel == beckon.Email {
						left++
					}
				}
				totals, err := engine.Totals(t.Context(), "cart")
				if err != nil {
					t.Fatal(err)
				}
				if left == 0 && totals.Sent == int64(contacts) {
					break
				}
				if time.Now().After(end) {
					t.Errorf("after a minute %d are pending, and %d carts were sent", left, totals.Sent)
					break
				}
			}
			last.tell(t, "end")
			all.Wait()
			checkWorkers(t, want, lines)
		})
	}
}

// checkWorkers checks what the processes have said; the last of them was not killed.
func checkWorkers(t *testing.T, want map[string]bool, lines [][]string) {
	t.Helper()
	sent, done := map[string]int{}, map[string]int{}
	twice := 0
	for i, list := range lines {
		open := map[string]bool{}
		for _, line := range list {
			switch words := strings.Fields(line); words[0] {
			case "sent":
				sent[words[1]]++
				open[words[1]] = true
				if !want[words[1]] {
					t.Errorf("%s was sent, and never decided", words[1])
				}
			case "done":
				done[words[1]]++
				delete(open, words[1])
			}
		}
		if i == len(lines)-1 && len(open) > 0 {
			t.Errorf("%d were sent by the one that is alive, and are not done", len(open))
		}
		twice += len(open)
	}
	again := 0
	for m := range want {
		if sent[m] == 0 {
			t.Errorf("%s was lost", m)
		}
		again += sent[m] - 1
	}
	for m, n := range done {
		if n > 1 {
			t.Errorf("%s was done %d times", m, n)
		}
	}
	if again > twice {
		t.Errorf("%d were sent again, crashes explain %d", again, twice)
	}
	t.Logf("%d deliveries, %d sent again after crashes", len(want), again)
}
