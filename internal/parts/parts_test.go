package parts_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/beckon-go/beckon/internal/parts"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A record is the run's record, and steps on it.
type record struct{ store.Record }

func (r *record) step(d store.Decider) error {
	_, err := r.stepWith(d)
	return err
}

// stepWith returns what the step adds to totals.
func (r *record) stepWith(d store.Decider) ([]store.Increment, error) {
	var c store.Changes
	if err := d.Decide(&r.Record, &c); err != nil {
		return nil, err
	}
	r.Apply(&c)
	return c.Totals, nil
}

// take takes what was left, or the part up to a cursor.
func (r *record) take(at, now int64, to store.Cursor) *parts.Take {
	t := &parts.Take{At: at, Now: now, Until: now + 60}
	if err := r.step(t); err != nil {
		panic(err)
	}
	if s := t.State; !t.Taken && !s.Done() && !s.Ended {
		ahead := t.Ahead
		t.Known, t.From, t.To, t.Last = true, s.Next, to, to == ""
		if err := r.step(t); err != nil {
			panic(err)
		}
		t.Ahead = max(t.Ahead, ahead)
	}
	return t
}

func TestPass(t *testing.T) {
	t.Parallel()
	var r record
	first := r.take(1000, 1000, "\xff\x00a")
	if !first.Taken || first.Claim.From != "" || first.Claim.To != "\xff\x00a" || first.Claim.Until != 1060 || first.State.Began != 1000 {
		t.Fatalf("%+v", first)
	}
	second := r.take(1000, 1010, "")
	if !second.Taken || second.Claim.From != "\xff\x00a" || second.Claim.To != "" || second.Claim.ID == first.Claim.ID {
		t.Fatalf("%+v", second)
	}
	if third := r.take(1000, 1020, ""); third.Taken || third.State.Done() || !third.State.Ended {
		t.Errorf("what is all taken: %+v", third)
	}
	// The second is done; the first was at "m" when its lease ended.
	if err := r.step(&parts.Keep{At: 1000, Claim: second.Claim, Done: true}); err != nil {
		t.Fatal(err)
	}
	at := first.Claim
	at.Until = 1070
	if err := r.step(&parts.Keep{At: 1000, Claim: at, To: "m"}); err != nil {
		t.Fatal(err)
	}
	at.From, at.Until = "m", 1080
	if err := r.step(&parts.Keep{At: 1000, Claim: at, Stays: true}); err != nil {
		t.Fatal(err)
	}
	if early := r.take(1000, 1079, ""); early.Taken {
		t.Errorf("taken one before the lease ends: %+v", early)
	}
	over := r.take(2000, 1080, "")
	if !over.Taken || over.Claim.From != "m" || over.Claim.To != "\xff\x00a" || over.State.At != 1000 {
		t.Errorf("taken over: %+v", over)
	}
	if err := r.step(&parts.Keep{At: 1000, Claim: at}); !errors.Is(err, parts.ErrLost) {
		t.Errorf("the first goes on: %v", err)
	}
	if err := r.step(&parts.Keep{At: 1000, Claim: over.Claim, Done: true}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{1000, 999} {
		if again := r.take(at, 1090, "z"); again.Taken || !again.State.Done() {
			t.Errorf("pass %d after pass 1000: %+v", at, again)
		}
	}
	next := r.take(1001, 1090, "z")
	if !next.Taken || next.State.At != 1001 || next.State.Began != 1090 || next.Claim.ID <= over.Claim.ID {
		t.Errorf("the next pass: %+v", next)
	}
	if err := r.step(&parts.Keep{At: 1000, Claim: next.Claim}); !errors.Is(err, parts.ErrLost) {
		t.Errorf("a part of another pass: %v", err)
	}
}

// A pass that is named further ahead than a lease is forgotten by the second pass that
// meets it as it was; so is a lease that ends as far ahead. Where something moves on, the
// clock is wrong of who looks at it, and it stays.
func TestPassAhead(t *testing.T) {
	t.Parallel()
	const far = 1_000_000
	var r record
	begun := r.take(far, far, "m") // and its engine dies
	if got := r.take(1000, 1000, "z"); !got.Taken || got.State.At != far || got.Ahead != 0 {
		t.Fatalf("the first that meets it does not help: %+v", got)
	}
	if got := r.take(1000, 1030, ""); got.State.At != far || got.Ahead != 0 {
		t.Errorf("the same pass again: %+v", got)
	}
	if got := r.take(1900, 1930, "m"); !got.Taken || got.Ahead != far || got.State.At != 1900 || got.State.Began != 1930 || got.Claim.From != "" || got.Claim.ID <= begun.Claim.ID || len(got.State.Claims) != 1 {
		t.Errorf("the second pass: %+v", got)
	}
	if err := r.step(&parts.Keep{At: far, Claim: begun.Claim, To: "k"}); !errors.Is(err, parts.ErrLost) {
		t.Errorf("who is ahead keeps its part: %v", err)
	}

	// As far ahead as a lease, no further, is no matter.
	r = record{}
	r.take(1060, 1000, "m")
	for at := int64(1000); at < 1050; at += 10 {
		if got := r.take(at, 1000, "z"); got.Ahead != 0 || got.State.At != 1060 {
			t.Errorf("%d: %+v", at, got)
		}
	}

	// A part of a pass that is not ahead.
	r = record{}
	mine := r.take(1000, 1000, "m")
	if err := r.step(&parts.Keep{At: 1000, Claim: mine.Claim, Done: true}); err != nil {
		t.Fatal(err)
	}
	theirs := r.take(1000, far, "z")
	r.take(1900, 1900, "")
	if got := r.take(2800, 2800, ""); got.Ahead != theirs.Claim.Until || !got.Taken || got.Claim.From != theirs.Claim.From || got.Claim.To != "z" || got.State.At != 1000 {
		t.Errorf("the second pass that meets the lease: %+v", got)
	}

	// An engine whose clock is behind takes nothing from those that get on.
	r = record{}
	for at := int64(far); at < far+10; at++ {
		got := r.take(at, at, "")
		if !got.Taken || got.Ahead != 0 {
			t.Fatalf("%+v", got)
		}
		late := &parts.Take{At: at - far + 1000, Now: at - far + 1000, Until: at - far + 1060}
		if err := r.step(late); err != nil || late.Ahead != 0 || late.State.At != at {
			t.Fatalf("%d: %+v, %v", at, late, err)
		}
		got.Claim.Until++ // its lease goes on
		if err := r.step(&parts.Keep{At: at, Claim: got.Claim, Stays: true}); err != nil {
			t.Fatal(err)
		}
		if err := r.step(&parts.Keep{At: at, Claim: got.Claim, Done: true}); err != nil {
			t.Fatal(err)
		}
	}

	// What an engine noted whose clock was ahead, too, does not count.
	r = record{}
	r.take(2*far, 2*far, "m")
	r.take(far, far, "m")
	r.take(1000, 1000, "m")
	if got := r.take(1900, 1900, "m"); got.Ahead != 2*far || got.State.At != 1900 {
		t.Errorf("after a note from the future: %+v", got)
	}
}

// A note that cannot be read is none.
func TestDamagedNote(t *testing.T) {
	t.Parallel()
	var r record
	r.take(1_000_000, 1_000_000, "m")
	r.take(1000, 1000, "m")
	p := *r.Profile
	p.Attributes = append([]store.Attribute(nil), p.Attributes...)
	p.Attributes[p.Search("pass ahead")].Value = value.String("?")
	r.Profile = &p
	if got := r.take(1900, 1900, "m"); got.Ahead != 0 {
		t.Errorf("%+v", got)
	}
	if got := r.take(2800, 2800, "m"); got.Ahead == 0 {
		t.Errorf("%+v", got)
	}
}

// What cannot be read as a pass is none: the next one begins anew, with other leases.
func TestDamagedPass(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pass next", "pass claims"} {
		var r record
		first := r.take(1000, 1000, "m")
		p := *r.Profile
		p.Attributes = append([]store.Attribute(nil), p.Attributes...)
		p.Attributes[p.Search(name)].Value = map[string]value.Value{"pass next": value.String("?"), "pass claims": value.List("?")}[name]
		r.Profile = &p
		if again := r.take(1000, 1001, "m"); !again.Taken || again.Claim.From != "" || again.Claim.ID <= first.Claim.ID {
			t.Errorf("%s: %+v", name, again)
		}
	}
}

// However engines come, go and die, each place is done, in order and at least once, and
// at one time by one engine.
func TestPassCoversAll(t *testing.T) {
	t.Parallel()
	const places, size = 40, 3
	one := parts.Count{Message: "m", Total: "held.audience"}
	cursor := func(n int) store.Cursor {
		if n >= places {
			return ""
		}
		return store.Cursor(fmt.Sprintf("%03d", n))
	}
	number := func(c store.Cursor, end int) (n int) {
		if c == "" {
			return end
		}
		if _, err := fmt.Sscanf(string(c), "%d", &n); err != nil {
			panic(err)
		}
		return n
	}
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		var r record
		done := make([]bool, places)
		now := int64(1)
		working := map[int]parts.Claim{} // by engine
		for range 10_000 {
			engine := random.IntN(4)
			c, busy := working[engine]
			switch {
			case random.IntN(12) == 0: // it dies, or stands still
				delete(working, engine)
				now += 30
			case !busy:
				look := &parts.Take{At: 7, Now: now, Until: now + 60}
				if err := r.step(look); err != nil {
					t.Fatal(err)
				}
				take := look
				if !take.Taken {
					take = r.take(7, now, cursor(number(look.State.Next, 0)+size))
				}
				if s := take.State; take.Taken {
					working[engine] = take.Claim
				} else if s.Done() {
					now = -1
				}
			default:
				from, to := number(c.From, 0), number(c.To, places)
				keep := &parts.Keep{At: 7, Claim: c, Counts: parts.Counts{}}
				if from < to {
					done[from] = true
					from++
					keep.Counts[one] = 1
				}
				if random.IntN(12) == 0 { // nobody hears of it
					delete(working, engine)
					continue
				}
				keep.To, keep.Claim.Until, keep.Done = cursor(from), now+60, from >= to
				err := r.step(keep)
				if err == nil && random.IntN(8) == 0 { // its answer was lost
					err = r.step(keep)
				}
				c.From, c.Until = keep.To, keep.Claim.Until
				if working[engine] = c; err != nil || from >= to {
					delete(working, engine)
				}
			}
			if now++; now == 0 {
				break
			}
		}
		if now != 0 {
			t.Fatalf("seed %d: the pass does not end", seed)
		}
		if n := parts.Read(&r.Record).Counts; len(n) != 1 || n[one] != places {
			t.Fatalf("seed %d: counted %v, want each of %d places once", seed, n, places)
		}
		for i, ok := range done {
			if !ok {
				t.Fatalf("seed %d: place %d was not done", seed, i)
			}
		}
	}
}
