// Package parts is the state of a run that several engines share: which parts of the
// contacts are taken, by lease, and which nobody has taken yet. Its operations are
// decisions over the run's own record, so that exactly one engine gets each part.
package parts

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A Claim is a part of the contacts that one engine has, until its lease ends.
type Claim struct {
	ID    uint64       // of the lease, never used twice
	From  store.Cursor // up to here it is done
	To    store.Cursor // where it ends; empty: with the last contact
	Until int64        // Unix milliseconds: from then on another may have it
}

// A State is how far a pass is.
type State struct {
	At     int64        // the instant that names the pass, Unix milliseconds; 0: there was none yet
	Began  int64        // when it began, Unix milliseconds: one instant for all engines
	Next   store.Cursor // what nobody has taken begins here
	Ended  bool         // there is nothing that nobody has taken
	Claims []Claim      // parts that are taken and not done
	Counts Counts       // of what is done
	last   uint64       // the newest ID
	ahead  note         // of what lies in the future
}

// Done reports whether the pass is over, or there was none yet.
func (s *State) Done() bool { return s.At == 0 || s.Ended && len(s.Claims) == 0 }

// The attributes of a run's record.
const (
	attributeAt     = "pass"
	attributeBegan  = "pass began"
	attributeNext   = "pass next"
	attributeEnded  = "pass ended"
	attributeClaims = "pass claims"
	attributeLast   = "pass leases"
	attributeCounts = "pass held"
)

// Read returns the state that a run's record has. What cannot be read is as if there was
// no pass: then it begins anew, which reaches nobody twice.
func Read(rec *store.Record) (s State) {
	s.At, s.Began, s.last = number(rec, attributeAt), number(rec, attributeBegan), uint64(number(rec, attributeLast))
	s.ahead = readNote(rec)
	next, err := strconv.Unquote(rec.Profile.Attribute(attributeNext).Text())
	if s.At == 0 || err != nil {
		return State{last: s.last}
	}
	s.Next = store.Cursor(next)
	s.Ended, _ = rec.Profile.Attribute(attributeEnded).Bool()
	for _, text := range rec.Profile.Attribute(attributeClaims).Texts() {
		var c stored
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return State{last: s.last}
		}
		s.Claims = append(s.Claims, c.claim())
	}
	s.Counts = readCounts(rec, attributeCounts)
	return s
}

// A stored claim has its cursors as bytes: they are no text.
type stored struct {
	ID       uint64
	From, To []byte
	Until    int64
}

func (c stored) claim() Claim {
	return Claim{ID: c.ID, From: store.Cursor(c.From), To: store.Cursor(c.To), Until: c.Until}
}

func (s *State) write(rec *store.Record, c *store.Changes) error {
	texts := make([]string, len(s.Claims))
	for i, x := range s.Claims {
		text, err := json.Marshal(stored{ID: x.ID, From: []byte(x.From), To: []byte(x.To), Until: x.Until})
		if err != nil {
			return err
		}
		texts[i] = string(text)
	}
	counts, err := s.Counts.value()
	if err != nil {
		return err
	}
	set := attributes(rec, c)
	set(attributeAt, value.String(strconv.FormatInt(s.At, 10)))
	set(attributeBegan, value.String(strconv.FormatInt(s.Began, 10)))
	set(attributeNext, value.String(strconv.Quote(string(s.Next))))
	set(attributeEnded, value.Bool(s.Ended))
	set(attributeClaims, value.List(texts...))
	set(attributeLast, value.String(strconv.FormatUint(s.last, 10)))
	if len(s.Counts) == 0 {
		counts = value.Value{}
	}
	set(attributeCounts, counts)
	return s.ahead.write(set)
}

// ErrLost is what an operation returns on a part that another engine has by now, or that
// belongs to a pass that is over.
var ErrLost = errors.New("beckon: another engine has this part of the run")

// maxClaims bounds the parts that are taken at one time, and so the record.
const maxClaims = 1_000

// A Take takes a part of a pass. It begins the pass if the one before it is over and was
// an earlier one.
type Take struct {
	At         int64 // the pass that the engine wants to share
	Now, Until int64
	// From and To are the part to take if it is still free; Known says that there is
	// one. Without it Take only takes what another engine has left.
	From, To store.Cursor
	Known    bool
	Last     bool // the part goes to the end

	Taken bool  // there is a part
	Claim Claim // that the engine has from now on
	State State // after it
	Ahead int64 // the instant in the future that something was named or leased by, which is forgotten; 0: none
}

// Decide implements [store.Decider].
func (t *Take) Decide(rec *store.Record, c *store.Changes) error {
	t.Taken, t.Claim = false, Claim{}
	s := Read(rec)
	changed := t.forgetAhead(&s)
	if s.Done() && t.At > s.At {
		s, changed = State{At: t.At, Began: t.Now, Counts: Counts{}, last: s.last}, true
	}
	lease := func(from, to store.Cursor) Claim {
		s.last++
		t.Taken, changed = true, true
		t.Claim = Claim{ID: s.last, From: from, To: to, Until: t.Until}
		return t.Claim
	}
	if i := slices.IndexFunc(s.Claims, func(x Claim) bool { return x.Until <= t.Now }); i >= 0 {
		s.Claims[i] = lease(s.Claims[i].From, s.Claims[i].To)
	} else if t.Known && !s.Ended && s.Next == t.From && len(s.Claims) < maxClaims {
		s.Claims = append(s.Claims, lease(t.From, t.To))
		s.Next, s.Ended = t.To, t.Last
	}
	t.State = s
	if !changed {
		return nil
	}
	return s.write(rec, c)
}

// A Keep says how far an engine is with its part, and goes on with the lease; or that it
// is done.
type Keep struct {
	At    int64 // of the pass
	Claim Claim // Until is when the lease ends from now on
	Done  bool
	// To is how far it is, and Counts what it has held since Claim.From. They are taken in
	// once, also if the step is carried out twice. Stays means that it is where it was.
	To     store.Cursor
	Counts Counts
	Stays  bool
}

// Decide implements [store.Decider].
func (k *Keep) Decide(rec *store.Record, c *store.Changes) error {
	s := Read(rec)
	i := slices.IndexFunc(s.Claims, func(x Claim) bool { return x.ID == k.Claim.ID })
	if s.At != k.At || i < 0 {
		return ErrLost
	}
	x := &s.Claims[i]
	x.Until = k.Claim.Until
	if !k.Stays && x.From == k.Claim.From {
		x.From = k.To
		s.Counts.Add(k.Counts)
	}
	if k.Done {
		s.Claims = slices.Delete(s.Claims, i, i+1)
	}
	return s.write(rec, c)
}
