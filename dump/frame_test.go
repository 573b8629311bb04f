package dump

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A part is one frame of a dump that a test puts together.
type part struct {
	kind    byte
	payload []byte
}

// sealed returns a dump of any frames, with right checksums.
func sealed(parts ...part) []byte {
	var data bytes.Buffer
	w := newWriter(&data)
	_ = w.begin() // a bytes.Buffer does not fail
	for _, p := range parts {
		_ = w.frame(p.kind, p.payload)
	}
	_ = w.w.Flush()
	return data.Bytes()
}

// Behind right checksums the parts are checked all the same.
func TestImplausible(t *testing.T) {
	record := store.AppendRecord(nil, &store.Record{Key: store.Key{Kind: store.KindUser, ID: "u"}, Exists: true})
	end := func(c Counts) part { return part{frameEnd, appendCounts(nil, c)} }
	for name, parts := range map[string][]part{
		"no end":                        {},
		"records without an end":        {{frameRecord, record}},
		"an end of something else":      {{frameRecord, record}, end(Counts{Records: 2})},
		"an end that goes on":           {{frameEnd, append(appendCounts(nil, Counts{}), 0)}},
		"a part of no kind":             {{'?', nil}, end(Counts{})},
		"no record":                     {{frameRecord, []byte("x")}, end(Counts{Records: 1})},
		"a record that does not exist":  {{frameRecord, store.AppendRecord(nil, &store.Record{Key: store.Key{Kind: 1, ID: "u"}})}, end(Counts{Records: 1})},
		"a record without a key":        {{frameRecord, store.AppendRecord(nil, &store.Record{Exists: true})}, end(Counts{Records: 1})},
		"events before any record":      {{frameEvents, nil}, end(Counts{})},
		"an event without a length":     {{frameRecord, record}, {frameEvents, []byte{1, 0}}, end(Counts{Records: 1, Events: 1})},
		"an event that is cut short":    {{frameRecord, record}, {frameEvents, []byte{9, 0, 0, 0, 1}}, end(Counts{Records: 1, Events: 1})},
		"an event short by its length":  {{frameRecord, record}, {frameEvents, []byte{2, 0, 0, 0, 1}}, end(Counts{Records: 1, Events: 1})},
		"a message short by its length": {{frameTotals, []byte("\x02m")}, end(Counts{Messages: 1})},
		"no event":                      {{frameRecord, record}, {frameEvents, []byte{1, 0, 0, 0, 1}}, end(Counts{Records: 1, Events: 1})},
		"totals of nothing":             {{frameTotals, nil}, end(Counts{Messages: 1})},
		"totals with a name cut short":  {{frameTotals, []byte("\x01m\x05ab")}, end(Counts{Messages: 1})},
		"totals with a count cut short": {{frameTotals, []byte("\x01m\x01a")}, end(Counts{Messages: 1})},
	} {
		data := sealed(parts...)
		var damaged *DamagedError
		if _, err := Read(context.Background(), memstore.New(), bytes.NewReader(data)); !errors.As(err, &damaged) || !errors.Is(err, store.ErrDataCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	sound := sealed(part{frameRecord, record}, end(Counts{Records: 1}))
	if _, err := Verify(bytes.NewReader(sound)); err != nil {
		t.Errorf("the dump that those differ from: %v", err)
	}
	// A frame that is left out, doubled or moved breaks the chain.
	a, b := part{frameTotals, []byte("\x01a")}, part{frameTotals, []byte("\x01b")}
	ab, ba := sealed(a, b, end(Counts{Messages: 2})), sealed(b, a, end(Counts{Messages: 2}))
	n := headSize + 2 + sumSize
	head := len(magic) + 1
	for name, data := range map[string][]byte{
		"left out": append(bytes.Clone(ab[:head]), ab[head+n:]...),
		"doubled":  append(bytes.Clone(ab[:head+n]), ab[head:]...),
		"moved":    append(append(bytes.Clone(ab[:head]), ba[head:head+n]...), ab[head+n:]...),
	} {
		if _, err := Verify(bytes.NewReader(data)); !errors.Is(err, store.ErrDataCorrupt) {
			t.Errorf("a frame that is %s: %v", name, err)
		}
	}
}

// There was no version 0, also behind right checksums.
func TestVersionThatNeverWas(t *testing.T) {
	for _, v := range []byte{version, 0} {
		var data bytes.Buffer
		w, head := newWriter(&data), append([]byte(magic), v)
		w.sum = sum(0, head)
		_, _ = w.w.Write(head) // a bytes.Buffer does not fail
		_ = w.frame(frameEnd, appendCounts(nil, Counts{}))
		_ = w.w.Flush()
		if _, err := Verify(&data); (err == nil) != (v == version) || err != nil && !errors.Is(err, store.ErrDataCorrupt) {
			t.Errorf("version %d: %v", v, err)
		}
	}
}

// A made-up length asks for no memory to speak of.
func TestHostileLength(t *testing.T) {
	data := append(sealed(), frameRecord, 0xff, 0xff, 0xff, 0xff)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Verify(bytes.NewReader(data)); !errors.Is(err, store.ErrDataCorrupt) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes were taken for %d of data", n, len(data))
	}
}

// Whatever is read never panics, and is refused as damage or taken: then a
// repeat changes nothing.
func FuzzRead(f *testing.F) {
	key := store.Key{Kind: store.KindUser, ID: "u"}
	record := store.AppendRecord(nil, &store.Record{Key: key, Exists: true, LastSeen: 1})
	event := store.AppendLoggedEvent(make([]byte, lengthSize), &store.LoggedEvent{Seq: 1, At: 5})
	putLength(event, len(event)-lengthSize)
	f.Add([]byte{}, record, event, []byte("\x01m\x04sent\x04"), appendCounts(nil, Counts{1, 1, 1}))
	f.Add([]byte("beckon dump\n\x01"), record, []byte{}, []byte("\x01m"), appendCounts(nil, Counts{1, 0, 1}))
	f.Add([]byte("beckon dump\n\x02"), []byte{}, event, []byte{0x80}, []byte{})
	f.Fuzz(func(t *testing.T, raw, record, events, totals, end []byte) {
		for _, data := range [][]byte{raw, sealed(part{frameRecord, record}, part{frameEvents, events}, part{frameTotals, totals}, part{frameEnd, end})} {
			store := memstore.New()
			_, err := Read(t.Context(), store, bytes.NewReader(data))
			var damaged *DamagedError
			if err != nil && !errors.As(err, &damaged) {
				t.Fatalf("%v", err)
			}
			before := store.Snapshot()
			if _, again := Read(t.Context(), store, bytes.NewReader(data), Replace()); (again == nil) != (err == nil) {
				t.Fatalf("first %v, then %v", err, again)
			}
			if !bytes.Equal(store.Snapshot(), before) {
				t.Fatal("a repeat changed the store")
			}
		}
	})
}
