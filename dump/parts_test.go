package dump_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/dump"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// put writes changes as they are.
func put(t *testing.T, s beckon.Store, key store.Key, changes store.Changes) {
	t.Helper()
	steps := []store.Step{{Key: key, Decider: replacement(changes)}}
	if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
}

type replacement store.Changes

func (r replacement) Decide(_ *store.Record, c *store.Changes) error {
	*c = store.Changes(r)
	return nil
}

// A log comes whole, however long it is and whatever its contact is: more than the
// engine keeps by default, and of a record that is no contact.
func TestMoveLongLogs(t *testing.T) {
	const events = 1100
	from, to := memstore.New(), memstore.New()
	for _, key := range []store.Key{{Kind: store.KindUser, ID: "u"}, {Kind: store.KindCompany, ID: "acme"}} {
		c := store.Changes{EventSeq: events, KeepEvents: events}
		for i := range uint64(events) {
			c.Events = append(c.Events, store.LoggedEvent{Seq: i + 1, At: int64(i / 3), Name: unique.Make("e")})
		}
		put(t, from, key, c)
	}
	counts, err := dump.Copy(t.Context(), to, from)
	if err != nil || counts.Events != 2*events || !bytes.Equal(to.Snapshot(), from.Snapshot()) {
		t.Errorf("%+v, %v, or the stores differ", counts, err)
	}
}

// The totals of a message come if any part of any record names it.
func TestMoveTotalsOfWhoIsNamed(t *testing.T) {
	user := store.Key{Kind: store.KindUser, ID: "u"}
	for name, c := range map[string]store.Changes{
		"sends":   {SendStats: []store.SendStats{{Message: "m", Count: 1}}},
		"log":     {SendLog: []store.SendLogEntry{{ID: "1", Message: "m"}}},
		"holds":   {Profile: &store.Profile{Holds: []store.Hold{{Message: "m", Due: 1}}}},
		"goals":   {Profile: &store.Profile{Goals: []store.GoalState{{Message: "m"}}}},
		"dates":   {Profile: &store.Profile{Dates: []store.DateState{{Message: "m"}}}},
		"free":    {Profile: &store.Profile{FreeSequences: []store.FreeSequence{{Message: "m", Sequence: 1}}}},
		"pending": {Pending: []store.Pending{{Until: 1, Delivery: beckon.Delivery{ID: "1", Message: "m"}}}},
		"nothing": {Touch: true},
	} {
		from, to := memstore.New(), memstore.New()
		c.Totals = []store.Increment{{Message: "m", Name: "sent", N: 2}}
		put(t, from, user, c)
		want := int64(1)
		if name == "nothing" {
			want = 0
		}
		if counts, err := dump.Copy(t.Context(), to, from); err != nil || counts.Messages != want {
			t.Errorf("%s: %+v, %v; want the totals of %d messages", name, counts, err, want)
		}
	}
}

// A watched store tells what it is asked.
type watched struct {
	*memstore.Store
	step   func(steps []store.Step) error
	totals func()
}

func (w watched) Step(ctx context.Context, steps []store.Step) error {
	if err := w.step(steps); err != nil {
		return err
	}
	return w.Store.Step(ctx, steps)
}

func (w watched) Totals(ctx context.Context, message string) ([]store.Total, error) {
	w.totals()
	return w.Store.Totals(ctx, message)
}

// Little is in memory at a time, also of large records; and totals come when all
// records are there.
func TestMoveInParts(t *testing.T) {
	const records, size = 60, 100_000
	from := memstore.New()
	for i := range records {
		p := &store.Profile{Attributes: []store.Attribute{store.NewAttribute("a", beckon.String(strings.Repeat("x", size)))}}
		put(t, from, store.Key{Kind: store.KindUser, ID: fmt.Sprint(i)}, store.Changes{Profile: p})
	}
	put(t, from, store.Key{Kind: store.KindMessage, ID: "m"}, store.Changes{Touch: true, Totals: []store.Increment{{Message: "m", Name: "sent", N: 2}}})
	most, asked := 0, 0
	to := watched{Store: memstore.New(), step: func(steps []store.Step) error { most = max(most, len(steps)); return nil }}
	to.totals = func() {
		asked++
		if n, err := to.Size(t.Context(), []store.Kind{store.KindUser, store.KindMessage}); err != nil || n != records+1 {
			t.Errorf("totals are written when %d records are there, %v; want %d", n, err, records+1)
		}
	}
	if _, err := dump.Copy(t.Context(), to, from); err != nil || asked != 1 || !bytes.Equal(to.Snapshot(), from.Snapshot()) {
		t.Errorf("%v, totals asked for %d times, or the stores differ", err, asked)
	}
	if limit := 1<<20/size + 1; most > limit {
		t.Errorf("%d records of %d bytes at once, want at most %d", most, size, limit)
	}
}

// Of a damaged dump and a destination that fails when what stood whole is
// written, the damage is reported: it came first.
func TestDamagedIntoFailing(t *testing.T) {
	from := memstore.New()
	put(t, from, store.Key{Kind: store.KindUser, ID: "u"}, store.Changes{Touch: true})
	data, _ := written(t, from)
	to := watched{Store: memstore.New(), step: func([]store.Step) error { return errBroken }}
	var damaged *dump.DamagedError
	counts, err := dump.Read(t.Context(), to, bytes.NewReader(data[:len(data)-1]))
	if !errors.As(err, &damaged) || damaged.Whole.Records == 0 || counts != (dump.Counts{}) {
		t.Errorf("%+v, %v", counts, err)
	}
}
