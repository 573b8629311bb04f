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
)

// put writes changes as they are.
func put(t *testing.T, s beckon.Store, key beckon.Key, changes beckon.Changes) {
	t.Helper()
	steps := []beckon.Step{{Key: key, Decider: replacement(changes)}}
	if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
}

type replacement beckon.Changes

func (r replacement) Decide(_ *beckon.Record, c *beckon.Changes) error {
	*c = beckon.Changes(r)
	return nil
}

// A log comes whole, however long it is and whatever its contact is: more than the
// engine keeps by default, and of a record that is no contact.
func TestMoveLongLogs(t *testing.T) {
	const events = 1100
	from, to := memstore.New(), memstore.New()
	for _, key := range []beckon.Key{{Kind: beckon.KindUser, ID: "u"}, {Kind: beckon.KindCompany, ID: "acme"}} {
		c := beckon.Changes{EventSeq: events, KeepEvents: events}
		for i := range uint64(events) {
			c.Events = append(c.Events, beckon.LoggedEvent{Seq: i + 1, At: int64(i / 3), Name: unique.Make("e")})
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
	user := beckon.Key{Kind: beckon.KindUser, ID: "u"}
	for name, c := range map[string]beckon.Changes{
		"sends":   {Sends: []beckon.Sends{{Message: "m", Count: 1}}},
		"log":     {Log: []beckon.Sent{{ID: "1", Message: "m"}}},
		"holds":   {Profile: &beckon.Profile{Holds: []beckon.Hold{{Message: "m", Due: 1}}}},
		"goals":   {Profile: &beckon.Profile{Goals: []beckon.GoalMark{{Message: "m"}}}},
		"dates":   {Profile: &beckon.Profile{Dates: []beckon.DateMark{{Message: "m"}}}},
		"free":    {Profile: &beckon.Profile{Free: []beckon.Free{{Message: "m", Sequence: 1}}}},
		"pending": {Profile: &beckon.Profile{Pending: []beckon.Pending{{Until: 1, Delivery: beckon.Delivery{ID: "1", Message: "m"}}}}},
		"nothing": {Touch: true},
	} {
		from, to := memstore.New(), memstore.New()
		c.Totals = []beckon.Increment{{Message: "m", Name: "sent", N: 2}}
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
	step   func(steps []beckon.Step) error
	totals func()
}

func (w watched) Step(ctx context.Context, steps []beckon.Step) error {
	if err := w.step(steps); err != nil {
		return err
	}
	return w.Store.Step(ctx, steps)
}

func (w watched) Totals(ctx context.Context, message string) ([]beckon.Total, error) {
	w.totals()
	return w.Store.Totals(ctx, message)
}

// Little is in memory at a time, also of large records; and totals come when all
// records are there.
func TestMoveInParts(t *testing.T) {
	const records, size = 60, 100_000
	from := memstore.New()
	for i := range records {
		p := &beckon.Profile{Attributes: []beckon.Attribute{beckon.NewAttribute("a", beckon.String(strings.Repeat("x", size)))}}
		put(t, from, beckon.Key{Kind: beckon.KindUser, ID: fmt.Sprint(i)}, beckon.Changes{Profile: p})
	}
	put(t, from, beckon.Key{Kind: beckon.KindMessage, ID: "m"}, beckon.Changes{Touch: true, Totals: []beckon.Increment{{Message: "m", Name: "sent", N: 2}}})
	most, asked := 0, 0
	to := watched{Store: memstore.New(), step: func(steps []beckon.Step) error { most = max(most, len(steps)); return nil }}
	to.totals = func() {
		asked++
		if n, err := to.Size(t.Context(), []beckon.Kind{beckon.KindUser, beckon.KindMessage}); err != nil || n != records+1 {
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
	put(t, from, beckon.Key{Kind: beckon.KindUser, ID: "u"}, beckon.Changes{Touch: true})
	data, _ := written(t, from)
	to := watched{Store: memstore.New(), step: func([]beckon.Step) error { return errBroken }}
	var damaged *dump.DamagedError
	counts, err := dump.Read(t.Context(), to, bytes.NewReader(data[:len(data)-1]))
	if !errors.As(err, &damaged) || damaged.Whole.Records == 0 || counts != (dump.Counts{}) {
		t.Errorf("%+v, %v", counts, err)
	}
}
