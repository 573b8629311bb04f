package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/store"
)

func checkVerb() *verb {
	return &verb{
		name: "check", group: groupStores,
		purpose: "reads all that a store holds, and tells what is damaged.",
		usage:   "-store S [-json]",
		about: `
It reads each record and each event of the contacts' logs, follows merged contacts
to what they lead to, and compares the indices of what is due and pending with the
records. It writes nothing. The store may be in use: what changes meanwhile is
looked at twice before it is told. The exit status is 1 if anything is wrong.
` + aboutStores,
		examples: []string{"beckon check -store sqlite:beckon.db"},
		flags:    storeFlags(jsonFlag("print a line of JSON for each finding, then one with the counts")),
		run:      check,
	}
}

// A storeFinding is something that is wrong with a store.
type storeFinding struct {
	Code    string `json:"code"`
	Kind    string `json:"kind,omitempty"`
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
}

// check looks at all of a store.
func check(ctx context.Context, c *call) error {
	if err := c.needArgs(0, 0, ""); err != nil {
		return err
	}
	return c.over(ctx, stores.Read, func(s store.Store) error {
		out := bufio.NewWriter(c.out)
		k := &checker{ctx: ctx, store: s, counts: map[string]int64{}}
		k.found = func(f storeFinding) {
			k.findings++
			if c.is("json") {
				_ = c.lines(out).Encode(f) // Flush returns the error
				return
			}
			where := ""
			if f.Kind != "" {
				where = fmt.Sprintf("%s %.100q: ", f.Kind, f.Key)
			}
			fmt.Fprintf(out, "%s: %s%s\n", c.style.Bad(f.Code), where, term.Plain(f.Message))
		}
		if err := k.all(); err != nil {
			return errors.Join(out.Flush(), err)
		}
		if err := errors.Join(k.print(c, out), out.Flush()); err != nil {
			return err
		}
		if k.findings > 0 {
			return errFound
		}
		return nil
	})
}

// A checker looks at one store.
type checker struct {
	ctx      context.Context
	store    store.Store
	found    func(storeFinding)
	findings int
	counts   map[string]int64 // by what they are of
}

// kinds are all that a record can be.
func kinds() []store.Kind {
	return []store.Kind{
		store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous, store.KindCompany,
		store.KindEventName, store.KindMessage, store.KindRun, store.KindThrottle, store.KindStore,
	}
}

func (k *checker) all() error {
	before, err := k.indexed()
	if err != nil {
		return err
	}
	var due, pending int64
	for _, kind := range kinds() {
		if err := k.kind(kind, &due, &pending); err != nil {
			return err
		}
	}
	after, err := k.indexed()
	if err != nil {
		return err
	}
	for name, n := range map[string]int64{"due": due, "pending": pending} {
		if before[name] == after[name] && n != after[name] {
			k.found(storeFinding{Code: "index", Message: fmt.Sprintf("the index of what is %s has %d contacts, the records have %d", name, after[name], n)})
		}
	}
	return nil
}

// indexed returns how many contacts the indices have.
func (k *checker) indexed() (map[string]int64, error) {
	counts := map[string]int64{}
	for name, q := range map[string]store.Query{"due": {Due: math.MaxInt64}, "pending": {Pending: math.MaxInt64}} {
		q.Damaged = func(store.Key, error) {}
		n := int64(0)
		if err := scan(k.ctx, k.store, q, func(*store.Record) { n++ }); err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, nil
}

// kind looks at all records of a kind.
func (k *checker) kind(kind store.Kind, due, pending *int64) error {
	type link struct{ from, to store.Key }
	var logs []store.Key
	var links []link
	flush := func() error {
		for _, key := range logs {
			if err := k.log(key); err != nil {
				return err
			}
		}
		for _, l := range links {
			if err := k.lead(l.from, l.to); err != nil {
				return err
			}
		}
		logs, links = logs[:0], links[:0]
		return nil
	}
	q := store.Query{Kinds: []store.Kind{kind}, Damaged: k.damaged}
	for at, first := store.Cursor(""), true; first || at != ""; first = false {
		next, err := k.store.Scan(k.ctx, q, at, scanPage, func(rec *store.Record) error {
			k.counts[kind.String()]++
			if !kind.IsContact() {
				return nil
			}
			key := store.Key{Kind: rec.Key.Kind, ID: string([]byte(rec.Key.ID))}
			logs = append(logs, key)
			if rec.NextDue() != 0 {
				*due++
			}
			if rec.NextPending() != 0 {
				*pending++
			}
			if p := rec.Profile; p != nil && !p.Forward.IsZero() {
				links = append(links, link{key, p.Forward})
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
		at = next
	}
	return nil
}

func (k *checker) damaged(key store.Key, err error) {
	f := storeFinding{Code: "damaged", Kind: key.Kind.String(), Key: key.ID, Message: err.Error()}
	if key.IsZero() {
		f.Kind = "record"
	}
	k.found(f)
}

// log reads a contact's events.
func (k *checker) log(key store.Key) error {
	for before := (store.EventCursor{}); ; {
		list, err := k.store.Events(k.ctx, key, before, scanPage)
		var broken *beckon.DamagedError
		switch {
		case errors.As(err, &broken) && broken.Event != nil && *broken.Event != before:
			k.damaged(key, err)
			before = *broken.Event
			k.counts["event"] += int64(len(list))
			continue
		case err != nil:
			return err
		case len(list) == 0:
			return nil
		}
		k.counts["event"] += int64(len(list))
		last := &list[len(list)-1]
		before = store.EventCursor{At: last.At, Seq: last.Seq}
	}
}

// lead follows a contact that was merged into another.
func (k *checker) lead(from, to store.Key) error {
	there := false
	err := k.store.Read(k.ctx, []store.Key{to}, func(rec *store.Record) error {
		there = rec.Exists
		return nil
	})
	var broken *beckon.DamagedError
	switch {
	case errors.As(err, &broken):
		return nil // told as damaged
	case err != nil:
		return err
	case !there:
		k.found(storeFinding{Code: "leads_nowhere", Kind: from.Kind.String(), Key: from.ID, Message: fmt.Sprintf("it was merged into %s %.100q, which is not there", to.Kind, to.ID)})
	}
	return nil
}

// print prints how much there is.
func (k *checker) print(c *call, out *bufio.Writer) error {
	if c.is("json") {
		return c.lines(out).Encode(map[string]any{"counts": k.counts, "findings": k.findings})
	}
	t := term.Table{Style: c.style, Heading: []string{"number", "of"}, Numbers: []int{0}}
	for _, kind := range kinds() {
		if n := k.counts[kind.String()]; n > 0 {
			t.Add(number(n), kind.String())
		}
	}
	t.Add(number(k.counts["event"]), "event of contacts")
	if err := t.Write(out); err != nil {
		return err
	}
	text := c.style.Good("all is well")
	if k.findings > 0 {
		text = c.style.Bad(plural(k.findings, "finding"))
	}
	_, err := fmt.Fprintf(out, "\n%s\n", text)
	return err
}
