package beckon_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

func uploads() beckon.Program {
	p := repeating("m")
	p.Events = map[string]beckon.EventDeclaration{"Uploaded": {
		Description: "A file was uploaded",
		Metadata: map[string]beckon.KeyDeclaration{
			"size": {Type: "number", Required: true},
			"kind": {Type: "string", Values: []beckon.Value{beckon.String("video"), beckon.String("image")}},
		},
		Others: beckon.OthersRefuse,
	}}
	return p
}

// V1: an import yields what the declaration refuses in place of the item, and takes the rest.
func TestImportOfDeclaredEvents(t *testing.T) {
	t.Parallel()
	for strict, want := range map[bool]int{false: 1, true: 2} {
		var opts []beckon.Option
		if strict {
			opts = append(opts, beckon.WithStrictMetadata())
		}
		kit := beckontest.New(t, uploads(), opts...)
		items := func(yield func(beckon.ImportItem, error) bool) {
			for _, fields := range []beckon.Fields{
				{{Key: "size", Value: beckon.Number(3)}},
				{{Key: "size", Value: beckon.String("3 MB")}},
				{{Key: "size", Value: beckon.Number(3)}, {Key: "colour", Value: beckon.String("red")}},
			} {
				if !yield(beckon.ImportItem{Event: &beckon.Event{Name: "uploaded", UserID: "u", Metadata: fields}}, nil) {
					return
				}
			}
		}
		faults := 0
		for f, err := range kit.Engine.Import(t.Context(), iter.Seq2[beckon.ImportItem, error](items)) {
			if err != nil {
				t.Fatal(err)
			}
			faults++
			if code := map[int64]beckon.Code{2: beckon.ErrMetadataMismatch, 3: beckon.ErrMetadataUndeclared}[f.Item]; !errors.Is(f.Err, code) {
				t.Errorf("item %d: %v", f.Item, f.Err)
			}
		}
		if x, _, err := kit.Engine.Export(t.Context(), user("u")); err != nil || faults != want || x.Events[0].Count != uint64(3-want) {
			t.Errorf("strict %v: %d faults, %+v, %v", strict, faults, x.Events, err)
		}
	}
}

// V1, E3: of metadata that could not be read nothing is said to be missing; of many
// warnings the last says how many more there are.
func TestWhatIsSaidOfDeclaredEvents(t *testing.T) {
	t.Parallel()
	p := uploads()
	many := map[string]beckon.KeyDeclaration{}
	for i := range beckon.MaxErrors + 7 {
		many[fmt.Sprint("k", i)] = beckon.KeyDeclaration{Required: true}
	}
	p.Events["many"] = beckon.EventDeclaration{Metadata: many}
	kit := beckontest.New(t, p, beckon.WithStrictMetadata())
	kit.TrackJSONErr(`{"event_name":"uploaded","user_id":"u","metadata":"x"}`, beckon.ErrTypeInvalid)
	kit.TrackJSONErr(`{"event_name":"uploaded","user_id":"u","metadata":{}`, beckon.ErrJSONInvalid)
	kit.TrackJSONErr(`{"event_name":"uploaded","metadata":[]}`, beckon.ErrContactMissing, beckon.ErrMetadataMismatch)
	kit = beckontest.New(t, p)
	res, err := kit.Engine.Track(t.Context(), beckon.Event{Name: "many", UserID: "u"})
	if n := len(res.Warnings); err != nil || n != beckon.MaxErrors+1 || res.Warnings[n-1].Code != beckon.WarnMore || res.Warnings[n-1].Message != "and 7 more warnings" {
		t.Errorf("%+v, %v", res.Warnings, err)
	}
}

// V1, C3: the catalogue has the description of the declaration where none was set, and
// only while the program has it.
func TestCatalogueOfDeclaredEvents(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, uploads())
	kit.Track(beckon.Event{Name: "uploaded", UserID: "u", Metadata: beckon.Fields{{Key: "size", Value: beckon.Number(3)}}})
	described := func(want string) {
		t.Helper()
		list, err := kit.Engine.Catalogue(t.Context())
		if err != nil || len(list) != 1 || list[0].Description != want {
			t.Errorf("%+v, %v; want the description %q", list, err, want)
		}
	}
	described("A file was uploaded")
	if err := kit.Engine.Describe(t.Context(), "uploaded", "Ours"); err != nil {
		t.Fatal(err)
	}
	described("Ours")
	if err := kit.Engine.Describe(t.Context(), "uploaded", ""); err != nil {
		t.Fatal(err)
	}
	described("A file was uploaded")
	kit.Publish(beckon.Program{})
	described("")
}

// V1: faults of a declaration made in Go have the paths of its document, which has all of
// it.
func TestDeclarationsInGo(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{})
	kit.PublishErr(beckon.Program{Events: map[string]beckon.EventDeclaration{"e": {
		Others: "some",
		Metadata: map[string]beckon.KeyDeclaration{
			"n": {Type: "int"}, "m": {Values: []beckon.Value{beckon.List("x"), beckon.Monetary(1, "nope"), {}}}, "o": {Values: []beckon.Value{}},
		},
	}}}, "events.e.metadata.m.values[0]", "events.e.metadata.m.values[1]", "events.e.metadata.m.values[2]", "events.e.metadata.n.type", "events.e.metadata.o.values", "events.e.others")
	got, err := json.Marshal(uploads().Events)
	const want = `{"Uploaded":{"description":"A file was uploaded","metadata":{"kind":{"type":"string","values":["video","image"]},"size":{"type":"number","required":true}},"others":"refuse"}}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	// A part is read as strictly as the whole.
	var one beckon.EventDeclaration
	const doc = `{"metadata":{"price":{"values":[{"amount":100,"currency":"eur"}]}},"others":"warn"}`
	if err := json.Unmarshal([]byte(doc), &one); err != nil || one.Metadata["price"].Values[0].Text() != "1.00 EUR" {
		t.Errorf("%+v, %v", one, err)
	}
	if again, err := json.Marshal(one); err != nil || string(again) != doc {
		t.Errorf("%s, %v", again, err)
	}
	for _, bad := range []string{`{"metadata":{"price":{"type":"money"}}}`, `{"metadatas":{}}`} {
		if err := json.Unmarshal([]byte(bad), &one); !errors.Is(err, beckon.ErrProgramInvalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	var key beckon.KeyDeclaration
	if err := json.Unmarshal([]byte(`{"required":true,"values":[1.50]}`), &key); err != nil || !key.Required || key.Values[0].Text() != "1.50" {
		t.Errorf("%+v, %v", key, err)
	}
}

// V1: an engine that has declarations takes what is as declared without more memory.
func TestDeclaredEventsAllocateNothing(t *testing.T) {
	declared, plain := uploads(), uploads()
	plain.Events = nil
	allocations := func(p beckon.Program) float64 {
		kit := beckontest.New(t, p)
		e := beckon.Event{Name: "uploaded", UserID: "u", Metadata: beckon.Fields{{Key: "size", Value: beckon.Number(3)}, {Key: "kind", Value: beckon.String("video")}}}
		ctx := t.Context()
		return testing.AllocsPerRun(200, func() {
			if _, err := kit.Engine.Track(ctx, e); err != nil {
				t.Fatal(err)
			}
		})
	}
	if a, b := allocations(declared), allocations(plain); a > b+0.5 {
		t.Errorf("%v allocations, %v without a declaration", a, b)
	}
}

// What takes nothing away, since nothing is known of the name, does not list it. (C3, E10)
func TestCatalogueOfNamesNobodyKnows(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		do     func() error
		listed int
	}{
		{func() error { return engine.Unarchive(ctx, "e") }, 0},
		{func() error { return engine.Describe(ctx, "e", "") }, 0},
		{func() error { return engine.Describe(ctx, "e", "text") }, 1},
		{func() error { return engine.Describe(ctx, "e", "") }, 1},
		{func() error { return engine.Archive(ctx, "f") }, 2},
		{func() error { return engine.Unarchive(ctx, "f") }, 2},
		{func() error { return engine.ForgetEvent(ctx, "f") }, 1},
		{func() error { return engine.Unarchive(ctx, "f") }, 1},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		if list, err := engine.Catalogue(ctx); err != nil || len(list) != c.listed {
			t.Fatalf("listed are %+v (%v), want %d", list, err, c.listed)
		}
	}
}
