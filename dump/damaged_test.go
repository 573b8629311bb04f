package dump_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/dump"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// What cannot be read is left out of a dump and named; all else is in it, the end
// included. With Replace a record that cannot be read is replaced.
func TestDamagedStore(t *testing.T) {
	kept := storetest.NewFaultStore(lived(t, 9))
	_, all := written(t, kept)
	key := store.Key{Kind: store.KindUser, ID: "contact 4"}
	other := store.Key{Kind: store.KindUser, ID: "contact 5"}
	log, err := kept.Events(t.Context(), other, store.EventCursor{}, 200)
	if err != nil || len(log) < 70 {
		t.Fatalf("%d events, %v", len(log), err)
	}
	own, err := kept.Events(t.Context(), key, store.EventCursor{}, 2000)
	if err != nil {
		t.Fatal(err)
	}
	kept.Damage(key)
	kept.DamageEvent(other, store.EventCursor{At: log[65].At, Seq: log[65].Seq})
	var data bytes.Buffer
	counts, err := dump.Write(t.Context(), kept, &data)
	var d *beckon.DamagedError
	if !errors.As(err, &d) || d.Count != 2 || !slices.Equal(d.Keys, []store.Key{key, other}) {
		t.Fatalf("writing: %v", err)
	}
	if want := (dump.Counts{Records: all.Records - 1, Events: all.Events - int64(len(own)) - 1, Messages: all.Messages}); counts != want {
		t.Errorf("written are %+v, want %+v", counts, want)
	}
	if found, err := dump.Verify(bytes.NewReader(data.Bytes())); err != nil || found != counts {
		t.Errorf("what was written has %+v, %v", found, err)
	}
	fresh := memstore.New()
	if copied, err := dump.Copy(t.Context(), fresh, kept); !errors.As(err, &d) || copied != counts {
		t.Errorf("copied are %+v, %v", copied, err)
	}
	to := storetest.NewFaultStore(fresh)
	to.Damage(other)
	if _, err := dump.Read(t.Context(), to, bytes.NewReader(data.Bytes()), dump.Replace()); err != nil {
		t.Errorf("over what is damaged: %v", err)
	}
	if err := to.Read(t.Context(), []store.Key{other}, func(r *store.Record) error {
		if !r.Exists {
			t.Error("it is not there")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	only := storetest.NewFaultStore(memstore.New())
	step := []store.Step{{Key: key, Decider: touch{}}}
	if err := errors.Join(only.Step(t.Context(), step), step[0].Err); err != nil {
		t.Fatal(err)
	}
	only.Damage(key)
	if _, err := dump.Read(t.Context(), only, bytes.NewReader(data.Bytes())); !errors.Is(err, dump.ErrNotEmpty) {
		t.Errorf("into a store with nothing but what is damaged: %v", err)
	}
}

type touch struct{}

// Decide makes the record exist.
func (touch) Decide(_ *store.Record, c *store.Changes) error {
	c.Touch = true
	return nil
}
