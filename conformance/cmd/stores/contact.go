package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// What a contact has whose size is measured.
const (
	sizedContacts   = 10_000
	sizedNames      = 20
	sizedAttributes = 10
)

// contactBytes says what a contact takes in a store: so much more the store has after it
// is filled, for each contact.
func contactBytes(ctx context.Context, b *bench) (_ float64, err error) {
	kept, end, err := b.open(ctx, "sizes")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, end()) }()
	before, err := b.bytes(ctx)
	if err != nil {
		return 0, err
	}
	if err := fillSized(ctx, kept); err != nil {
		return 0, err
	}
	after, err := b.bytes(ctx)
	runtime.KeepAlive(kept)
	return float64(after-before) / sizedContacts, err
}

// fillSized makes contacts with a profile of ten attributes, twenty event names, a company
// and one send each.
func fillSized(ctx context.Context, kept beckon.Store) error {
	names := make([]unique.Handle[string], sizedNames)
	for i := range names {
		names[i] = unique.Make(fmt.Sprintf("event-name-%02d", i))
	}
	const batch, at = 500, 1_800_000_000
	for i := 0; i < sizedContacts; {
		var steps []store.Step
		for ; i < sizedContacts && len(steps) < batch; i++ {
			steps = append(steps, store.Step{Key: store.Key{Kind: store.KindUser, ID: contact(i)}, Decider: decide(func(_ *store.Record, c *store.Changes) error {
				c.Profile = &store.Profile{Created: at * 1000, Attributes: sizedProfile(i), Companies: []string{"company-" + strconv.Itoa(i/100)}}
				for k, name := range names {
					c.Stats = append(c.Stats, store.Stats{Name: name, Count: uint64(k + 1), First: at, Last: at})
				}
				c.LastSeen, c.EventSeq = at*1000, sizedNames
				c.SendStats = []store.SendStats{{Message: "welcome", Count: 1, Last: at * 1000}}
				return nil
			})})
		}
		if err := kept.Step(ctx, steps); err != nil {
			return err
		}
		for _, s := range steps {
			if s.Err != nil {
				return s.Err
			}
		}
	}
	return nil
}

// sizedProfile returns attributes, sorted by name.
func sizedProfile(i int) []store.Attribute {
	list := []store.Attribute{
		store.NewAttribute("email", beckon.String(contact(i)+"@example.test")),
	}
	for k := range sizedAttributes - 4 {
		list = append(list, store.NewAttribute("extra_"+strconv.Itoa(k), beckon.Number(i*k)))
	}
	return append(
		list,
		store.NewAttribute("name", beckon.String("Somebody Number "+strconv.Itoa(i))),
		store.NewAttribute("plan", beckon.String([]string{"free", "pro", "team"}[i%3])),
		store.NewAttribute("seats", beckon.Number(i%50)),
	)
}

// heapBytes returns what is alive in the memory of this process.
func heapBytes(context.Context) (int64, error) {
	runtime.GC()
	runtime.GC() // what the first one has freed of pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), nil
}

// fileBytes returns how large a file is that may not be there yet.
func fileBytes(path string) (int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// contactTable says what a contact takes. Settings of one store do not differ in it, so
// it has the first of each.
func (r *results) contactTable() string {
	var b strings.Builder
	b.WriteString("| Store | A contact takes |\n| --- | ---: |\n")
	seen := map[string]bool{}
	for _, row := range r.rows {
		name, _, _ := strings.Cut(row.name, ",")
		if !seen[name] {
			seen[name] = true
			fmt.Fprintf(&b, "| %s | %.0f bytes of %s |\n", name, row.contact, row.holds)
		}
	}
	return b.String()
}
