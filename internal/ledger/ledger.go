// Package ledger keeps the last decisions of a contact: what was sent and what was held,
// why, when, and under which program. A hold that comes again is counted where it stands,
// and each kind of decision has room that the others do not take, so that what happens all
// the time does not push out what happened once. Lists that come in are the caller's own.
package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// A List is what is kept, in the order of decisions.
type List []store.Decided

// IsSent reports whether the message was sent.
func IsSent(x *store.Decided) bool { return x.Reason == "" }

// IsEarly reports whether a reason is one for which a message is not for the contact, or
// not now: most candidates are held so, and would be again on each sweep.
func IsEarly(r store.Reason) bool {
	switch r {
	case store.ReasonNotLive, store.ReasonSource, store.ReasonFilter, store.ReasonAudience, store.ReasonAlreadySent:
		return true
	}
	return false
}

// find returns the place of the hold that x repeats: the same of the same message under
// the same program, since that was last sent. It is -1 if there is none.
func (l List) find(x *store.Decided) int {
	for i := len(l) - 1; i >= 0; i-- {
		y := &l[i]
		if y.Message != x.Message || y.Company != x.Company {
			continue
		}
		if IsSent(y) {
			return -1
		}
		if y.Reason == x.Reason && y.Cap == x.Cap && y.Program == x.Program {
			return i
		}
	}
	return -1
}

// Has reports whether a hold is there, so that there is nothing to write for one more.
func (l List) Has(x *store.Decided) bool { return l.find(x) >= 0 }

// Add returns the list with one more decision, and at most so many.
func (l List) Add(x store.Decided, most int) List {
	x.First, x.Count = x.Last, 1
	if !IsSent(&x) {
		if i := l.find(&x); i >= 0 {
			was := l[i]
			x.First = min(was.First, x.Last) // a clock may have stepped back
			x.Count = was.Count + min(1, math.MaxUint32-was.Count)
			l = slices.Delete(l, i, i+1)
		}
	}
	return append(l, x).trim(most)
}

// trim leaves at most so many: the oldest go, except for the newest sends, up to the half
// of all, and the newest holds that are not early, up to a quarter.
func (l List) trim(most int) List {
	over := len(l) - most
	if over <= 0 {
		return l
	}
	sends, late := 0, 0
	for i := range l {
		switch {
		case IsSent(&l[i]):
			sends++
		case !IsEarly(l[i].Reason):
			late++
		}
	}
	return slices.DeleteFunc(l, func(x store.Decided) bool {
		switch {
		case over == 0:
			return false
		case IsSent(&x):
			if sends <= most/2 {
				return false
			}
			sends--
		case !IsEarly(x.Reason):
			if late <= most/4 {
				return false
			}
			late--
		}
		over--
		return true
	})
}

// sent returns the place of a send by its number; -1 if it is not there.
func (l List) sent(message string, sequence uint32) int {
	return slices.IndexFunc(l, func(x store.Decided) bool {
		return x.Sequence == sequence && IsSent(&x) && x.Message == message
	})
}

// Release returns the list without a send that was given back.
func (l List) Release(message string, sequence uint32) List {
	if i := l.sent(message, sequence); i >= 0 {
		return slices.Delete(l, i, i+1)
	}
	return l
}

// Refuse makes a send one that was held, because the contact has refused it before it was
// handed out.
func (l List) Refuse(message string, sequence uint32) {
	if i := l.sent(message, sequence); i >= 0 {
		l[i].Sequence, l[i].Reason = 0, store.ReasonUnsubscribed
	}
}

// Redate sets a send to a later instant.
func (l List) Redate(message string, sequence uint32, at int64) {
	if i := l.sent(message, sequence); i >= 0 {
		l[i].First, l[i].Last = at, at
	}
}

// Withdraw returns the list with a hold once less that is to be judged again.
func (l List) Withdraw(message, company string, r store.Reason) List {
	for i := len(l) - 1; i >= 0; i-- {
		if x := &l[i]; x.Message == message && x.Company == company && x.Reason == r {
			if x.Count--; x.Count == 0 {
				return slices.Delete(l, i, i+1)
			}
			break
		}
	}
	return l
}

// Merge returns the decisions of two contacts that become one, by their instants, and at
// most so many of them. Numbers of the other count on from those that used returns.
func Merge(own, other List, used func(message string) uint32, most int) List {
	all := slices.Concat(own, other)
	for i := len(own); i < len(all); i++ {
		if x := &all[i]; IsSent(x) {
			x.Sequence += used(x.Message)
		}
	}
	slices.SortFunc(all, compare)
	return all.trim(most)
}

// compare orders decisions by their instants, and those of one instant by all else, so that
// contacts can be joined in any order.
func compare(a, b store.Decided) int {
	return cmp.Or(cmp.Compare(a.Last, b.Last), cmp.Compare(a.First, b.First),
		strings.Compare(a.Message, b.Message), strings.Compare(a.Company, b.Company), cmp.Compare(a.Sequence, b.Sequence),
		strings.Compare(string(a.Reason), string(b.Reason)), strings.Compare(a.Cap, b.Cap), cmp.Compare(a.Count, b.Count),
		cmp.Compare(a.Program, b.Program), strings.Compare(a.Occasion, b.Occasion), strings.Compare(a.Event, b.Event))
}

// ProgramOf returns the number of a program, by its JSON. It is never 0.
func ProgramOf(form []byte) uint64 {
	sum := sha256.Sum256(form)
	return max(binary.BigEndian.Uint64(sum[:])>>16, 1)
}

// Program is the number as hosts read it; empty for none.
func Program(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%012x", n)
}
