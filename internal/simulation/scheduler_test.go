package simulation

import (
	"container/heap"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"time"
)

// A scheduler runs tasks one at a time. A task goes on until it pauses; which one
// goes on then is a matter of time, and of the seed where several could. So all
// that happens is in one order, and the same order for the same seed.
//
// Its clock is the bubble's of testing/synctest: anyone who waits for time, a
// context with a deadline too, waits for the same.
type scheduler struct {
	waiting taskHeap
	back    chan struct{} // the running task has paused or ended
	current *task
	started uint64
	dice    *rand.Rand
	over    bool        // every task is to end where it stands
	died    func(v any) // a task panicked
}

// A task is one thread of what happens: a client, a call, a worker.
type task struct {
	id       uint64
	name     string
	process  *process // whose death ends it; nil if none does
	dice     *rand.Rand
	wake     time.Time
	tie      uint64
	resume   chan struct{}
	joined   *task // waits for this one to end
	ended    bool
	survived bool // ended by itself
	deciding bool // is within a decision, under the store's lock

	call *call // what the engine is asked to do
}

func newScheduler(seed uint64) *scheduler {
	return &scheduler{back: make(chan struct{}), dice: rand.New(rand.NewPCG(seed, 1))}
}

// spawn starts a task after some time.
func (s *scheduler) spawn(name string, p *process, after time.Duration, fn func()) *task {
	s.started++
	t := &task{
		id: s.started, name: name, process: p, resume: make(chan struct{}),
		dice: rand.New(rand.NewPCG(s.dice.Uint64(), s.started)),
	}
	s.push(t, after)
	go func() {
		<-t.resume
		defer func() {
			if v := recover(); v != nil && !s.over {
				s.died(panicked{v, debug.Stack()})
			}
			t.ended = true
			if t.joined != nil {
				s.push(t.joined, 0)
			}
			s.back <- struct{}{}
		}()
		if s.ends(t) {
			return
		}
		fn()
		t.survived = true
	}()
	return t
}

// panicked is what a task that panicked leaves.
type panicked struct {
	value any
	stack []byte
}

func (s *scheduler) ends(t *task) bool { return s.over || t.process != nil && t.process.dead }

func (s *scheduler) push(t *task, after time.Duration) {
	t.wake, t.tie = time.Now().Add(after), s.dice.Uint64()
	heap.Push(&s.waiting, t)
}

// pause lets others run, for at least so long. A task whose process has died
// does not return from it.
func (s *scheduler) pause(d time.Duration) {
	t := s.current
	s.push(t, d)
	s.yield(t)
}

func (s *scheduler) yield(t *task) {
	s.back <- struct{}{}
	<-t.resume
	if s.ends(t) {
		runtime.Goexit()
	}
}

// join waits for a task to end.
func (s *scheduler) join(t *task) {
	if t.ended {
		return
	}
	t.joined = s.current
	s.yield(s.current)
}

// run lets tasks run until there are none.
func (s *scheduler) run() {
	for len(s.waiting) > 0 {
		t := heap.Pop(&s.waiting).(*task)
		if d := time.Until(t.wake); d > 0 && !s.over {
			time.Sleep(d)
		}
		s.current = t
		t.resume <- struct{}{}
		<-s.back
	}
}

// taskHeap has the task in front that goes on next.
type taskHeap []*task

func (h taskHeap) Len() int { return len(h) }

func (h taskHeap) Less(i, j int) bool {
	if !h[i].wake.Equal(h[j].wake) {
		return h[i].wake.Before(h[j].wake)
	}
	return h[i].tie < h[j].tie
}

func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *taskHeap) Push(x any) { *h = append(*h, x.(*task)) }

func (h *taskHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	*h = old[:len(old)-1]
	return t
}
