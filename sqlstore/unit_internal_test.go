package sqlstore

import (
	"context"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A logging is a decider that logs an event with metadata that are not the store's to keep.
type logging struct{ fields value.Fields }

func (l logging) Decide(_ *store.Record, c *store.Changes) error {
	c.EventSeq, c.KeepEvents = 1, 10
	c.Events = append(c.Events, store.LoggedEvent{Seq: 1, Name: unique.Make("e"), At: 5, Metadata: l.fields})
	return nil
}

// A caller may leave when its step has decided and its group is not written yet. Then the memory
// of its event's metadata is used again, and what is written must be what was decided.
func TestEventsOutliveTheirCaller(t *testing.T) {
	fields := value.Fields{{Key: "a", Value: value.String("its own")}}
	key := store.Key{Kind: store.KindUser, ID: "u1"}
	looked := false
	steps := group.New(maxGroup, 1, func(_ context.Context, items []*item) {
		for _, u := range unitsOf(items) {
			var c store.Changes
			u.absent(u.key)
			u.decide(&c, true)
			fields[0] = value.Field{Key: "b", Value: value.String("of another")}
			for _, e := range u.logged() {
				looked = true
				got, err := store.DecodeLoggedEventUnder(key, e.data)
				if v, _ := got.Metadata.Get("a"); err != nil || v.Text() != "its own" {
					t.Errorf("%+v, %v", got.Metadata, err)
				}
			}
		}
	})
	step := store.Step{Key: key, Decider: logging{fields}}
	if err := steps.Do(t.Context(), []item{{Key: key, Value: asked{Step: &step}}}); err != nil || !looked {
		t.Fatal(err, looked)
	}
}
