// Package recent keeps for some seconds what a store has lately read or written, so that the
// next step on a record need not load it. It is for stores that write a record only if it is
// still as it was: a step that was decided on an old one loses a race, and decides again. What
// writes nothing would not notice, and is to be decided on what is loaded.
package recent

import (
	"sync"
	"time"
)

// Rows are what is kept. There are two generations, so that those that nobody asks for go
// without being looked for. All methods are safe for concurrent use.
type Rows[R Row] struct {
	Most int           // bytes of a generation; set before use
	Age  time.Duration // how old a row may be; likewise

	mu         sync.Mutex
	young, old map[string]R
	size       int         // of young
	generation int         // counts those of young
	text       []byte      // memory in which keys are made
	turns      *time.Timer // while there are any: a store that is idle keeps none
	used, lost int         // rows that a step was decided on, and of them those that were of no use
	pause      int         // until so many rows are written, none are kept
}

// A Row is a pointer to a struct that embeds an Entry.
type Row interface{ entry() *Entry }

// An Entry is what Rows has to know of a row. Who has taken a row may change what is exported.
type Entry struct {
	Key   string
	Since time.Time // the row was read, or written, after that
	Size  int       // bytes that it takes, about

	// A row that is taken stays where it is: mostly it comes back, and each look into a map
	// of that size costs as much as a small decision.
	taken      bool
	generation int // that has it; another than young's: it is not in young
	counted    int // of Size, in that generation
}

func (e *Entry) entry() *Entry { return e }

const (
	// MaxBytes is what a generation is to have at most.
	MaxBytes = 48 << 20
	// For is how old a row is to be at most. What tells whether a row is still as it was is
	// right only as long as the server does not lose what it has committed, as one may that
	// takes the place of another, or that comes up again.
	For = 10 * time.Second
	// Window is for how many rows that were used it is counted how many were of no use: they
	// had changed, or their step writes nothing, and is decided on a row that is loaded. If it
	// was a third of them, to try costs more than to load.
	Window = 256
	// Pause is how many rows are written then until some are kept again.
	Pause = 16 * Window
)

// New returns rows within the usual limits.
func New[R Row]() *Rows[R] { return &Rows[R]{Most: MaxBytes, Age: For} }

// Take takes the rows of n keys, and calls taken with each that is there, is young enough and
// is not from before an instant, which may be zero. What is taken is there no more, until it is
// added again. appendKey appends the key of one. Both are called under a lock.
func (k *Rows[R]) Take(n int, before time.Time, appendKey func(dst []byte, i int) []byte, taken func(i int, row R)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.young)+len(k.old) == 0 {
		return
	}
	now := time.Now() //nolint:forbidigo // how old memory is decides nothing
	for i := range n {
		k.text = appendKey(k.text[:0], i)
		r, ok := k.young[string(k.text)]
		if !ok {
			r, ok = k.old[string(k.text)]
		}
		if !ok || r.entry().taken {
			continue
		}
		e := r.entry()
		if e.taken = true; now.Sub(e.Since) < k.Age && !e.Since.Before(before) {
			taken(i, r)
		}
	}
}

// Add takes in n rows, which are of one moment: each is new, or was taken and comes back under
// the key that it had. row is called under a lock.
func (k *Rows[R]) Add(n int, row func(i int) R) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.turns == nil {
		k.young, k.old = make(map[string]R), make(map[string]R)
		k.begin()
		k.turns = time.AfterFunc(k.Age, k.onTime) //nolint:forbidigo // what memory is kept decides nothing
	}
	for i := range n {
		if k.size >= k.Most {
			k.turn()
		}
		r := row(i)
		e := r.entry()
		if e.taken = false; e.generation != k.generation {
			if other, ok := k.young[e.Key]; ok { // two groups may have the same row
				o := other.entry()
				k.size -= o.counted
				o.generation, o.counted = 0, 0
			}
			k.young[e.Key] = r
			e.generation, e.counted = k.generation, 0
		}
		k.size += e.Size - e.counted
		e.counted = e.Size
	}
}

// turn begins a generation. k.mu is held.
func (k *Rows[R]) turn() {
	k.young, k.old = k.old, k.young
	clear(k.young)
	k.begin()
}

// begin says that young is empty. k.mu is held.
func (k *Rows[R]) begin() {
	k.generation++
	k.size = 0
}

// onTime begins a generation when all rows of the last one are too old.
func (k *Rows[R]) onTime() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.turn(); len(k.old) > 0 {
		k.turns.Reset(k.Age)
		return
	}
	k.young, k.old, k.turns = nil, nil, nil
}

// Clear forgets all rows: it is not known what the server has.
func (k *Rows[R]) Clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.young)
	clear(k.old)
	k.begin()
}

// Judge takes in how many rows steps were decided on, and how many of them were of no use.
func (k *Rows[R]) Judge(used, lost int) {
	if used == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used, k.lost = k.used+used, k.lost+lost
	if k.used < Window {
		return
	}
	if 3*k.lost >= k.used {
		k.pause = Pause
	}
	k.used, k.lost = 0, 0
}

// Keeps reports whether rows are to be kept now, as so many are written.
func (k *Rows[R]) Keeps(n int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pause = max(0, k.pause-n)
	return k.pause == 0
}

// Counts returns how many rows are kept, and how many were used and of no use since that was
// last judged.
func (k *Rows[R]) Counts() (kept, used, lost int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range k.young {
		if !r.entry().taken {
			kept++
		}
	}
	for key, r := range k.old {
		if _, newer := k.young[key]; !newer && !r.entry().taken {
			kept++
		}
	}
	return kept, k.used, k.lost
}

// Bytes returns what the rows take that came since the last generation was full.
func (k *Rows[R]) Bytes() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.size
}
