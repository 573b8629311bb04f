package beckonwork

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// A Policy says how often, and for how long, a delivery is tried. Zeros mean the defaults.
type Policy struct {
	Tries int           // at most; default 12
	First time.Duration // about how long after the first try the second comes; default 30 seconds
	Most  time.Duration // and it doubles from try to try, up to this; default 1 hour
	Age   time.Duration // a delivery decided longer ago is not tried again; default 72 hours
}

// The defaults of a [Policy]: the last of twelve tries comes about five hours after the
// first.
const (
	DefaultTries = 12
	DefaultFirst = 30 * time.Second
	DefaultMost  = time.Hour
	DefaultAge   = 72 * time.Hour
)

// check fills in the defaults.
func (p *Policy) check() error {
	if p.Tries < 0 || p.First < 0 || p.Most < 0 || p.Age < 0 {
		return fmt.Errorf("beckonwork: a policy has no negative values: %+v", *p)
	}
	if p.Tries == 0 {
		p.Tries = DefaultTries
	}
	if p.First == 0 {
		p.First = DefaultFirst
	}
	if p.Most == 0 {
		p.Most = max(DefaultMost, p.First)
	}
	if p.Age == 0 {
		p.Age = DefaultAge
	}
	if p.First > p.Most {
		return fmt.Errorf("beckonwork: the first distance of a policy, %v, is longer than the longest, %v", p.First, p.Most)
	}
	return nil
}

// wait returns how long after so many tries, 1 or more, the next one comes: a fifth more or
// less, so that what failed together does not come back together.
func (p *Policy) wait(tries int) time.Duration { return p.spread(tries, rand.Uint64()) }

// waitOf is wait for a delivery, by its ID and the tries: the same each time.
func (p *Policy) waitOf(id string, tries int) time.Duration {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, id, tries) // it never fails
	return p.spread(tries, h.Sum64())
}

func (p *Policy) spread(tries int, dice uint64) time.Duration {
	d := p.First
	for ; tries > 1 && d < p.Most; tries-- {
		d *= 2
	}
	d = min(d, p.Most)
	return d - d/5 + time.Duration(dice%uint64(2*d/5+1))
}
