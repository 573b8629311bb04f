package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// onChannels is a program with a message on each of some channels, named by it, that goes
// out with every event of the channel's name.
func onChannels(channels ...beckon.Channel) beckon.Program {
	var p beckon.Program
	for _, c := range channels {
		m := often().Messages[0]
		m.ID, m.Channel, m.Trigger = string(c), c, beckon.On(string(c))
		p.Messages = append(p.Messages, m)
	}
	return p
}

func (w *outboxWorld) leaseOn(channels ...beckon.Channel) (got []string) {
	w.t.Helper()
	for d, err := range w.Pending(context.Background(), beckon.Channels(channels...)) {
		w.must(err)
		got = append(got, fmt.Sprint(d.Contact.UserID, " ", d.Message, " ", d.Attempt))
	}
	slices.Sort(got)
	return got
}

// A worker of some channels gets what is of them, and leaves the rest to others as it is.
func TestPendingByChannel(t *testing.T) {
	own := beckon.Custom("pager")
	w := newOutbox(t, memstore.New(), onChannels(beckon.Email, beckon.SMS, beckon.Banner, own))
	for _, name := range []string{"banner", "email", "sms", "custom:pager"} {
		w.track(beckon.Event{Name: name, UserID: "u"})
	}
	w.track(beckon.Event{Name: "banner", UserID: "v"})
	w.clock.add(beckon.LeaseFor)
	for _, c := range []struct {
		channels []beckon.Channel
		want     []string
	}{
		{nil, nil},
		{[]beckon.Channel{beckon.Push}, nil},
		{[]beckon.Channel{beckon.Email, own}, []string{"u custom:pager 2", "u email 2"}},
		{[]beckon.Channel{beckon.Email}, nil}, // it is leased
		{[]beckon.Channel{beckon.SMS, beckon.Email}, []string{"u sms 2"}},
	} {
		if got := w.leaseOn(c.channels...); !slices.Equal(got, c.want) {
			t.Errorf("a worker of %v got %q, want %q", c.channels, got, c.want)
		}
	}
	if got := w.lease(); len(got) != 2 || got[0].Attempt != 2 || got[0].Channel != beckon.Banner || got[1].Channel != beckon.Banner {
		t.Errorf("what was left for others: %+v", got)
	}
}

// What a contact refuses is dropped by who would send it.
func TestPendingByChannelDropsItsOwn(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), onChannels(beckon.Email, beckon.SMS))
	for _, name := range []string{"email", "sms"} {
		w.track(beckon.Event{Name: name, UserID: "u"})
		w.must(w.Unsubscribe(ctx, user("u"), name))
	}
	w.clock.add(beckon.LeaseFor)
	if got := w.leaseOn(beckon.SMS); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	if ids := w.pending(); len(ids) != 1 {
		t.Errorf("%d are pending, want the email alone", len(ids))
	}
}

// A channel that no message can have ends the loop at once.
func TestPendingByUnknownChannel(t *testing.T) {
	w := newOutbox(t, memstore.New(), often())
	var errs []error
	for _, err := range w.Pending(context.Background(), beckon.Channels(beckon.Email, "fax")) {
		errs = append(errs, err)
	}
	if len(errs) != 1 || errs[0] == nil {
		t.Errorf("%v", errs)
	}
}

// What is free on other channels stands in the way of nobody: a worker passes by it once
// in a loop, without a step, also if it meets others of its kind on the way.
func TestPendingPassesOtherChannels(t *testing.T) {
	ctx := context.Background()
	const others, own = 700, 300
	kept := &scannedStore{countingStore: &countingStore{Store: memstore.New()}}
	w := newOutbox(t, kept, onChannels(beckon.Email, beckon.Banner))
	for i := range others {
		w.track(beckon.Event{Name: "banner", UserID: fmt.Sprint("b", i)})
	}
	w.clock.add(time.Second)
	for i := range own {
		w.track(beckon.Event{Name: "email", UserID: fmt.Sprint("e", i)})
	}
	w.clock.add(2 * beckon.LeaseFor)
	kept.steps.Store(0)
	if got := w.leaseOn(beckon.SMS); len(got) != 0 || kept.steps.Load() != 0 || kept.shown > others+own {
		t.Errorf("a worker without work got %d, in %d steps, and was shown %d contacts of %d", len(got), kept.steps.Load(), kept.shown, others+own)
	}
	kept.shown = 0
	n := 0
	for d, err := range w.Pending(ctx, beckon.Channels(beckon.Email), beckon.Ahead(1)) {
		w.must(err)
		if n++; n%10 == 0 { // another takes the next ten
			k := 0
			for _, err := range w.Pending(ctx, beckon.Channels(beckon.Email), beckon.Ahead(1)) {
				w.must(err)
				if k++; k == 10 {
					break
				}
			}
		}
		w.must(w.Acknowledge(ctx, d))
	}
	if n < own/4 || n > own {
		t.Errorf("a worker got %d of %d", n, own)
	}
	// Each loop passes by the others once; the loops are one and a tenth of its own.
	if loops := 1 + n/10; kept.shown > loops*(others+own) {
		t.Errorf("%d loops were shown %d contacts, where the outbox has %d", loops, kept.shown, others+own)
	}
}

// A scannedStore counts the records that scans show.
type scannedStore struct {
	*countingStore
	shown int
}

func (s *scannedStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	return s.countingStore.Scan(ctx, q, after, limit, func(rec *store.Record) error {
		s.shown++
		return fn(rec)
	})
}

// What is pending of one contact is leased without a look at the others.
func TestPendingOfOne(t *testing.T) {
	w := newOutbox(t, memstore.New(), onChannels(beckon.Email, beckon.Banner))
	for _, who := range []string{"u", "v"} {
		for range 3 {
			w.track(beckon.Event{Name: "banner", UserID: who})
		}
		w.track(beckon.Event{Name: "email", UserID: who})
	}
	w.clock.add(beckon.LeaseFor)
	lease := func(who beckon.Identity, opts ...beckon.RunOption) (got []string) {
		t.Helper()
		for d, err := range w.Pending(t.Context(), append(opts, beckon.Only(who), beckon.Ahead(2))...) {
			w.must(err)
			got = append(got, fmt.Sprint(d.Contact.UserID, " ", d.Message, " ", d.Attempt))
		}
		return got
	}
	u := beckon.Identity{UserID: "u"}
	if got := lease(u, beckon.Channels(beckon.Banner)); !slices.Equal(got, []string{"u banner 2", "u banner 2", "u banner 2"}) {
		t.Errorf("got %q", got)
	}
	if got := lease(u); !slices.Equal(got, []string{"u email 2"}) {
		t.Errorf("got %q", got)
	}
	if got := lease(u); got != nil { // all of it is leased
		t.Errorf("got %q", got)
	}
	if got := lease(beckon.Identity{UserID: "nobody"}); got != nil {
		t.Errorf("got %q", got)
	}
	for _, err := range w.Pending(t.Context(), beckon.Only(beckon.Identity{})) {
		if !errors.Is(err, beckon.ErrContactMissing) {
			t.Error(err)
		}
	}
	for _, err := range w.Pending(t.Context(), beckon.Only(beckon.Identity{UserID: "v"})) {
		w.must(err)
		break // what was not taken is given back
	}
	if got := w.lease(); len(got) != 3 {
		t.Errorf("left for others: %+v", got)
	}
}

// A scanCounter is a store that counts the records that scans have shown.
type scanCounter struct {
	*memstore.Store
	shown int
}

func (s *scanCounter) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	return s.Store.Scan(ctx, q, after, limit, func(rec *store.Record) error {
		s.shown++
		return fn(rec)
	})
}

// A worker of a channel does not read the contacts of others, however many they are.
func TestPendingByChannelReadsItsOwn(t *testing.T) {
	kept := &scanCounter{Store: memstore.New()}
	w := newOutbox(t, kept, onChannels(beckon.Email, beckon.Banner))
	const others = 10_000
	for i := range others {
		w.track(beckon.Event{Name: "banner", UserID: fmt.Sprint("b", i)})
	}
	w.track(beckon.Event{Name: "email", UserID: "m"})
	w.clock.add(beckon.LeaseFor)
	kept.shown = 0
	if got := w.leaseOn(beckon.Email); len(got) != 1 || kept.shown > 2 {
		t.Errorf("a loop with one mail has read %d contacts, and got %q", kept.shown, got)
	}
	kept.shown = 0
	if got := w.leaseOn(beckon.Email); len(got) != 0 || kept.shown > 0 {
		t.Errorf("the next loop has read %d contacts, and got %q", kept.shown, got)
	}
	kept.shown = 0
	if got := w.leaseOn(beckon.Banner); len(got) != others || kept.shown < others {
		t.Errorf("a loop for %d banners has read %d contacts, and got %d", others, kept.shown, len(got))
	}
}
