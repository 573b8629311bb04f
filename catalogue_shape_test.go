package beckon_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// beside does something once, right after a step of a contact.
type beside struct {
	beckon.Store
	then func()
}

func (s *beside) Step(ctx context.Context, steps []store.Step) error {
	err := s.Store.Step(ctx, steps)
	if then := s.then; then != nil && steps[0].Key.Kind == store.KindUser {
		s.then = nil
		then()
	}
	return err
}

// M2: what a definition lists is what has come since it began, also of bodies whose shape is
// known from before.
func TestDefinitionOfKnownShapes(t *testing.T) {
	kept := &beside{Store: memstore.New()}
	now := new(hand)
	now.set(noon)
	e, err := beckon.New(kept, beckon.WithClock(now.now))
	if err != nil {
		t.Fatal(err)
	}
	publish(t, e, "go")
	post := func(metadata string) {
		t.Helper()
		now.add(1e9)
		if _, err := e.TrackJSON(t.Context(), strings.NewReader(`{"event_name":"go","user_id":"u","metadata":{`+metadata+`}}`)); err != nil {
			t.Fatal(err)
		}
	}
	forget := func() {
		t.Helper()
		if err := e.ForgetEvent(t.Context(), "go"); err != nil {
			t.Fatal(err)
		}
	}
	listed := func(want string) {
		t.Helper()
		list, err := e.Catalogue(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		got := ""
		for _, k := range list[0].Keys {
			got += fmt.Sprint(k.Key, k.Types)
		}
		if got != want {
			t.Errorf("listed %s, want %s", got, want)
		}
	}
	for range 3 { // the shape is learned
		post(`"a":"text","b":1`)
	}
	listed("a[string]b[number]")
	post(`"a":"https://example.com/","b":1`)
	listed("a[string link]b[number]")
	post(`"a":"text","b":1`)

	forget()
	post(`"c":1`)
	listed("c[number]")
	post(`"a":"text","b":1`) // its shape is from before
	listed("c[number]a[string]b[number]")

	// The definition is forgotten, and begun anew, between the step and what the event adds.
	for range 20 {
		post(`"a":"text","b":1`)
	}
	kept.then = func() {
		forget()
		post(`"d":1`)
	}
	post(`"a":"text","b":1`)
	listed("d[number]a[string]b[number]")
}

// A definition that changes is asked about a known shape once, and not with each event.
func TestKnownShapeIsCoveredAgain(t *testing.T) {
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	publish(t, e, "go")
	post := func(metadata string, want bool) {
		t.Helper()
		if _, err := e.TrackJSON(t.Context(), strings.NewReader(`{"event_name":"go","user_id":"u","metadata":{`+metadata+`}}`)); err != nil {
			t.Fatal(err)
		}
		if beckon.ShapeIsCovered(e, "go") != want {
			t.Errorf("after %s the shape is covered: %v", metadata, !want)
		}
	}
	post(`"a":"text"`, false) // the definition begins
	post(`"a":"text"`, true)  // the shape is learned
	post(`"a":"https://example.com/"`, false)
	post(`"a":"https://example.com/"`, false) // of another kind than the shape
	post(`"a":"text"`, true)
	if err := e.ForgetEvent(t.Context(), "go"); err != nil {
		t.Fatal(err)
	}
	post(`"a":"text"`, false)
	post(`"a":"text"`, true)
	post(`"b":1`, false)
	post(`"b":1`, false) // it has not the shape
	post(`"a":"text"`, true)
}
