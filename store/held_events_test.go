package store

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/value"
)

// largeEvent is an event with some 50 KB of metadata.
func largeEvent(seq int) LoggedEvent {
	e := LoggedEvent{Seq: uint64(seq), Name: unique.Make("cart"), At: int64(seq), Page: &Page{URL: "https://x.test/"}}
	for i := range 20 {
		e.Metadata = append(e.Metadata, value.Field{Key: fmt.Sprint("k", i), Value: value.String(strings.Repeat("é", 255) + fmt.Sprint(seq))})
	}
	return e
}

// However many messages wait because of an event, a record has it once, and so it
// comes back: all of them share it.
func TestHeldEventsOnce(t *testing.T) {
	one, two := largeEvent(1), largeEvent(2)
	twin := largeEvent(1) // equal, not shared
	other := largeEvent(1)
	other.Name = unique.Make("another contact's first") // as a merge brings it
	r := &Record{Key: Key{Kind: KindUser, ID: "u"}, Exists: true, Profile: &Profile{}}
	for i := range 50 {
		for _, e := range []LoggedEvent{one, two, twin, other, {Seq: 9}, {Seq: 9, At: 1}} {
			r.Profile.Holds = append(r.Profile.Holds, Hold{Message: fmt.Sprint("m", i), Due: int64(i), Event: e})
		}
	}
	data := AppendRecord(nil, r)
	single := len(AppendLoggedEvent(nil, &one))
	if most := 3*single + 50*6*40; len(data) > most {
		t.Errorf("%d bytes for three events of %d, want at most %d", len(data), single, most)
	}
	back, err := DecodeRecord(data)
	if err != nil || !reflect.DeepEqual(back, r) {
		t.Fatalf("it does not come back: %v", err)
	}
	first := map[*value.Field]bool{}
	for i := range back.Profile.Holds {
		if m := back.Profile.Holds[i].Event.Metadata; len(m) > 0 {
			first[&m[0]] = true
		}
	}
	if len(first) != 3 {
		t.Errorf("decoded there are %d events", len(first))
	}
	if !bytes.Equal(AppendRecord(nil, back), data) {
		t.Error("written again it has another form")
	}
	// A number that no event has is damage.
	bad := appendData(nil, nil, r, func(c *coder, r *Record) {
		codeRecord(c, &Record{Key: r.Key, Exists: true})
		c.data = c.data[:len(c.data)-1]
		c.writeInt(1)
		c.data = append(c.data, 0, 0, 0, 0, 0) // created, attributes, companies, unsubscribed, last check
		c.writeUint(1)
		c.writeUint(0)
		codeHold(c, &Hold{})
		c.writeUint(0)
	})
	if _, err := DecodeRecord(bad); err == nil || !strings.Contains(err.Error(), "event that is not there") {
		t.Errorf("a number of no event: %v", err)
	}
}
