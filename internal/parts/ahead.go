package parts

import (
	"encoding/json"
	"slices"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// attributeAhead has what lay in the future when a pass met it.
const attributeAhead = "pass ahead"

// A note says what the pass By has met that lay in the future: a pass named so, or leases.
// An engine whose clock was ahead has left it, or one whose clock is right, if that of the
// pass is behind. Which of the two shows at the next pass: in the second case it has moved
// on by then.
type note struct {
	By     int64
	Pass   int64   `json:",omitempty"` // the instant that names it
	Leases []Claim `json:",omitempty"` // ID and Until
}

func readNote(rec *store.Record) (n note) {
	if json.Unmarshal([]byte(rec.Profile.Attribute(attributeAhead).Text()), &n) != nil {
		return note{}
	}
	return n
}

func (n *note) write(set func(string, value.Value)) error {
	if n.Pass == 0 && len(n.Leases) == 0 {
		set(attributeAhead, value.Value{})
		return nil
	}
	text, err := json.Marshal(n)
	set(attributeAhead, value.String(string(text)))
	return err
}

// forgetAhead notes what lies in the future, or forgets it if the pass before this one has
// met it, too: then no engine works at it. It reports whether the state has changed. As
// far ahead as a lease is long, nothing is in the future.
func (t *Take) forgetAhead(s *State) (changed bool) {
	t.Ahead = 0
	now := note{By: t.At}
	if s.At > t.Until && t.At < s.At {
		now.Pass = s.At
	}
	for _, x := range s.Claims {
		if x.Until > t.Until {
			now.Leases = append(now.Leases, Claim{ID: x.ID, Until: x.Until})
		}
	}
	was := s.ahead
	if was.By > t.Until { // by a clock that is ahead, too
		was = note{}
	}
	switch {
	case now.Pass == 0 && len(now.Leases) == 0, t.At <= was.By:
		return false
	case now.Pass != 0 && now.Pass == was.Pass:
		t.Ahead = now.Pass
		*s = State{last: s.last}
		return true
	}
	for i := range s.Claims {
		if x := &s.Claims[i]; slices.Contains(was.Leases, Claim{ID: x.ID, Until: x.Until}) {
			t.Ahead, x.Until = max(t.Ahead, x.Until), t.Now
			now.Leases = slices.DeleteFunc(now.Leases, func(n Claim) bool { return n.ID == x.ID })
		}
	}
	s.ahead = now
	return true
}
