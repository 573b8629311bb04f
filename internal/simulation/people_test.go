package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A person is an identity that does things. Two that have merged are one contact.
type person struct {
	w       *world
	who     beckon.Identity
	key     store.Key
	refused time.Time // when it had surely unsubscribed from e-mail; zero: it has not
	refuses bool      // perhaps
	left    bool      // deleted, or to be: nobody hears of it again
	sends   []*made   // that were handed out, in order
}

func (w *world) newPerson(i int) *person {
	p := &person{w: w}
	if i%3 == 2 {
		p.who = beckon.Identity{AnonymousID: fmt.Sprint("v", i)}
		p.key = store.Key{Kind: store.KindAnonymous, ID: p.who.AnonymousID}
	} else {
		p.who = beckon.Identity{UserID: fmt.Sprint("u", i)}
		p.key = store.Key{Kind: store.KindUser, ID: p.who.UserID}
	}
	return p
}

func (p *person) String() string { return p.key.ID }

// personOf returns the person whose own record is under a key.
func (w *world) personOf(key store.Key) *person {
	for _, p := range w.people {
		if p.key == key {
			return p
		}
	}
	panic(fmt.Sprint("nobody is ", key))
}

// A joining is a merge of two people.
type joining struct {
	a, b  *person
	under bool      // it is under way
	done  time.Time // when it surely was; zero: it is not sure
}

// one reports whether two people were surely one contact at an instant.
func (w *world) one(a, b *person, at time.Time) bool {
	return w.connected(a, b, func(j *joining) bool { return !j.done.IsZero() && !j.done.After(at) })
}

// perhapsOne reports whether two people may be one contact.
func (w *world) perhapsOne(a, b *person) bool {
	return w.connected(a, b, func(*joining) bool { return true })
}

func (w *world) connected(a, b *person, counts func(*joining) bool) bool {
	reached := map[*person]bool{a: true}
	for more := true; more && !reached[b]; {
		more = false
		for i := range w.joinings {
			if j := &w.joinings[i]; counts(j) && reached[j.a] != reached[j.b] {
				reached[j.a], reached[j.b], more = true, true, true
			}
		}
	}
	return reached[b]
}

// merged reports whether a person has ever been in a merge.
func (w *world) merged(p *person) bool {
	for i := range w.joinings {
		if w.joinings[i].a == p || w.joinings[i].b == p {
			return true
		}
	}
	return false
}

// sure reports whether a person's contact is not in the middle of anything: no
// merge of it is half done, and it is not gone.
func (p *person) sure() bool {
	for i := range p.w.joinings {
		if j := &p.w.joinings[i]; j.under && p.w.perhapsOne(p, j.a) {
			return false
		}
	}
	return !p.left && !slices.ContainsFunc(p.w.people, func(q *person) bool { return p.w.perhapsOne(p, q) && p.w.moving(q.key) })
}

// moving reports whether a record is frozen in the middle of a merge.
func (w *world) moving(key store.Key) (is bool) {
	if err := w.memory.Read(context.Background(), []store.Key{key}, func(rec *store.Record) error {
		is = rec.Profile != nil && !rec.Profile.Moving.IsZero()
		return nil
	}); err != nil {
		w.fail(storeBroken, "%v", err)
	}
	return is
}

// root is where an identity leads.
func (w *world) root(key store.Key) store.Key {
	for at := key; !at.IsZero(); {
		key = at
		if err := w.memory.Read(context.Background(), []store.Key{key}, func(rec *store.Record) error {
			if at = (store.Key{}); rec.Profile != nil {
				at = rec.Profile.Forward
			}
			return nil
		}); err != nil {
			w.fail(storeBroken, "%v", err)
		}
	}
	return key
}

func (w *world) merge(from, into *person) {
	at := -1
	w.ask(w.alive(w.current.dice), "merge", func(ctx context.Context, c *call) {
		if from.left || into.left {
			return
		}
		w.joinings = append(w.joinings, joining{a: from, b: into, under: true})
		at = len(w.joinings) - 1
		res, err := merge(c.process.engine, ctx, from.who, into.who)
		w.note("merge %v into %v: %s, %v", from, into, told(&res), err)
		if err == nil {
			w.took(c, &res)
		}
		if w.wanted(c, err, beckon.ErrIdentitiesLimit) && err == nil && w.root(from.key) == w.root(into.key) {
			w.joinings[at].done = time.Now() // to merge who is not known does nothing
		}
	})
	if at >= 0 {
		w.joinings[at].under = false
	}
}

// leave deletes a person for good; a person who has merged does not leave.
func (w *world) leave(p *person) {
	if w.merged(p) {
		return
	}
	p.left = true
	for range 20 {
		done := false
		w.ask(w.alive(w.current.dice), "delete", func(ctx context.Context, c *call) {
			err := c.process.engine.Delete(ctx, p.who)
			w.note("delete %v: %v", p, err)
			done = w.wanted(c, err) && err == nil
		})
		if done {
			return
		}
		w.pause(time.Minute)
	}
}
