package decide

import (
	"reflect"
	"testing"
	"time"

	"github.com/beckon-go/beckon/store"
)

// A record that is kept of a scan stays as it is while the memory of the scan is used again,
// tags of what is pending included.
func TestKeptRecord(t *testing.T) {
	record := func(tag string) *store.Record {
		return &store.Record{
			SendLog: []store.SendLogEntry{{ID: "d", Tags: []string{tag}}},
			Pending: store.NewPendingList(store.Pending{Delivery: store.Delivery{ID: "d", At: time.Unix(0, 0).UTC()}, Tags: []string{tag}}),
			Profile: &store.Profile{Companies: []string{tag}},
		}
	}
	var scan store.RecordDecoder
	shown, err := scan.DecodeNext(store.AppendRecord(nil, record("news")))
	if err != nil {
		t.Fatal(err)
	}
	kept := KeptRecord(shown)
	if _, err := scan.DecodeNext(store.AppendRecord(nil, record("offers"))); err != nil {
		t.Fatal(err)
	}
	if want := record("news"); !reflect.DeepEqual(kept, want) {
		t.Errorf("got  %+v\nwant %+v", kept, want)
	}
}
