package recent

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

type row struct{ Entry }

// put adds a row, and taken reports whether one is there.
func put(k *Rows[*row], id string, size int) {
	k.Add(1, func(int) *row {
		return &row{Entry{Key: id, Size: size, Since: time.Now()}} //nolint:forbidigo // as the code does
	})
}

func taken(k *Rows[*row], id string) (is bool) {
	k.Take(1, time.Time{}, func(dst []byte, _ int) []byte { return append(dst, id...) }, func(_ int, r *row) { is = r.Key == id })
	return is
}

// Rows take no more than two generations. Who takes a row has it alone.
func TestRows(t *testing.T) {
	k := New[*row]()
	k.Most = 10_000
	for i := range 1000 {
		put(k, fmt.Sprint(i), 1512)
		if n := len(k.young) + len(k.old); n > 2*7 {
			t.Fatalf("%d rows are kept, in %d bytes for each generation; a row takes 1,512", n, k.Most)
		}
	}
	switch {
	case !taken(k, "999"):
		t.Error("the last is not there")
	case taken(k, "999"):
		t.Error("one is taken twice")
	case !taken(k, "991"):
		t.Error("one of the generation before is not there")
	case taken(k, "900"):
		t.Error("one of long ago is there")
	}
	put(k, "a", 1)
	k.turn()
	put(k, "a", 1) // again, in the next generation
	if !taken(k, "a") || taken(k, "a") {
		t.Error("one that came twice is not there, or there twice")
	}
	put(k, "a", 1)
	for range 100 { // one that is written again and again takes no more than one
		put(k, "b", 1000)
		put(k, "c", 1000)
		if !taken(k, "b") {
			t.Fatal("one that was put there is not there")
		}
	}
	if !taken(k, "a") {
		t.Error("one is not there because others came again and again")
	}
	put(k, "a", 1)
	if k.Clear(); taken(k, "a") {
		t.Error("one is there that was forgotten")
	}
}

// A Store that is idle keeps no rows, and can keep some again.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := New[*row]()
		for range 2 {
			put(k, "a", 1)
			time.Sleep(k.Age / 2) //nolint:forbidigo // no time passes here
			put(k, "b", 1)
			time.Sleep(k.Age/2 + 1) //nolint:forbidigo // likewise
			if k.mu.Lock(); len(k.young)+len(k.old) != 2 {
				t.Error("rows are gone while they are young enough")
			}
			k.mu.Unlock()
			if taken(k, "a") || !taken(k, "b") {
				t.Error("a is too old, and b is not")
			}
			put(k, "c", 1)
			if n, _, _ := k.Counts(); n != 1 {
				t.Errorf("%d rows are counted", n)
			}
			time.Sleep(3 * k.Age) //nolint:forbidigo // likewise
			if k.mu.Lock(); k.young != nil || k.old != nil || k.turns != nil {
				t.Error("rows are kept though nobody comes")
			}
			k.mu.Unlock()
		}
	})
}

// Where others write the same rows, rows are not kept for a time, and then tried again.
func TestPays(t *testing.T) {
	for _, c := range []struct {
		used, lost int
		pays       bool
	}{{Window - 1, Window - 1, true}, {Window, Window / 4, true}, {Window, Window/3 + 1, false}} {
		k := New[*row]()
		k.Judge(c.used-1, c.lost-1)
		k.Judge(0, 0)
		k.Judge(1, 1)
		if got := k.Keeps(1); got != c.pays {
			t.Errorf("%d of %d had changed: rows are kept %t, want %t", c.lost, c.used, got, c.pays)
		}
		if got := k.Keeps(Pause); !got {
			t.Errorf("%d of %d had changed: rows are never kept again", c.lost, c.used)
		}
	}
}

// A row from before an instant is not taken, and is gone all the same.
func TestTakeNoneFromBefore(t *testing.T) {
	k := New[*row]()
	at := time.Unix(1_800_000_000, 0)
	k.Age = 1 << 62 // whatever the clock says
	take := func(before time.Time) (n int) {
		k.Take(3, before, func(dst []byte, i int) []byte { return append(dst, "abc"[i]) }, func(i int, r *row) {
			if r.Key != "abc"[i:i+1] {
				t.Errorf("%d is %s", i, r.Key)
			}
			n++
		})
		return n
	}
	add := func() {
		k.Add(2, func(i int) *row {
			return &row{Entry{Key: "ac"[i : i+1], Since: at.Add(time.Duration(i) * time.Second)}}
		})
	}
	if add(); take(at) != 2 || take(at) != 0 {
		t.Error("not both are taken, once")
	}
	if add(); take(at.Add(1)) != 1 || take(time.Time{}) != 0 {
		t.Error("one from before is taken, or the other is not")
	}
}

// Whatever comes and goes in which order, a row is taken by one alone, the last that was added
// under its key is the one that is taken, and bytes are those of the generation.
func TestRowsAgainstModel(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		k := New[*row]()
		k.Age = 1 << 62
		type place struct {
			r     *row
			size  int
			young bool
		}
		last := map[string]place{} // under each key, also if it is taken
		held := map[*row]bool{}
		turn := func() {
			for key, p := range last {
				if !p.young {
					delete(last, key)
					continue
				}
				p.young = false
				last[key] = p
			}
		}
		for step := range 60 {
			key := fmt.Sprint(random.IntN(4))
			switch op := random.IntN(10); {
			case op < 4:
				var got *row
				k.Take(1, time.Time{}, func(dst []byte, _ int) []byte { return append(dst, key...) }, func(_ int, r *row) { got = r })
				want := last[key].r
				if held[want] {
					want = nil
				}
				if got != want {
					t.Fatalf("seed %d, step %d: %s is %p, want %p", seed, step, key, got, want)
				}
				if got != nil {
					held[got] = true
				}
			case op < 8:
				r := &row{Entry{Key: key, Since: time.Unix(1_800_000_000, 0)}}
				for h := range held { // what was taken comes back, as often as not
					if h.Key == key && random.IntN(2) == 0 {
						delete(held, h)
						r = h
						break
					}
				}
				r.Size = random.IntN(50)
				k.Add(1, func(int) *row { return r })
				last[key] = place{r, r.Size, true}
			case op == 8:
				k.turn()
				turn()
			case random.IntN(3) == 0:
				k.Clear()
				clear(last)
			}
			size, free := 0, 0
			for _, p := range last {
				if p.young {
					size += p.size
				}
				if !held[p.r] {
					free++
				}
			}
			if n, _, _ := k.Counts(); k.Bytes() != size || n != free {
				t.Fatalf("seed %d, step %d: %d rows, of %d bytes in this generation; want %d, %d", seed, step, n, k.Bytes(), free, size)
			}
		}
	}
}

// Many use it at once.
func TestConcurrent(t *testing.T) {
	k := New[*row]()
	k.Most = 1000
	done := make(chan bool)
	for range 8 {
		go func() {
			for i := range 1000 {
				id := fmt.Sprint(i % 20)
				if k.Keeps(1) {
					put(k, id, 100)
				}
				taken(k, id)
				if k.Judge(1, i%3); i%300 == 0 {
					k.Clear()
				}
			}
			done <- true
		}()
	}
	for range 8 {
		<-done
	}
	if k.Clear(); k.Bytes() != 0 {
		t.Errorf("%d bytes are counted for no rows", k.Bytes())
	}
}
