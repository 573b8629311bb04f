package beckon_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A refusing store does not write the records of users that it is told of, and says so of
// each: that it is full, or that others were faster.
type refusing struct {
	*memstore.Store
	users map[string]error
}

func (s *refusing) Step(ctx context.Context, steps []store.Step) error {
	var taken []store.Step
	var at []int
	for i := range steps {
		if err := s.users[steps[i].Key.ID]; err != nil && steps[i].Key.Kind == store.KindUser {
			steps[i].Err = err
			continue
		}
		taken, at = append(taken, steps[i]), append(at, i)
	}
	if len(taken) == 0 {
		return nil
	}
	err := s.Store.Step(ctx, taken)
	for i := range taken {
		steps[at[i]].Err = taken[i].Err
	}
	return err
}

// A step that the store refuses for one record has failed, and what a decision refuses has not.
func TestObserverSeesRefusedRecords(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	busy := errors.New("others were faster each time")
	kept := &refusing{memstore.New(), map[string]error{"b": busy}}
	engine, w := watchedEngine(t, kept, &hand{})
	steps := func(of string) (failed []error) {
		for _, s := range w.steps {
			if s.Call == of {
				failed = append(failed, s.Err)
			}
		}
		w.steps = nil
		return failed
	}
	track := func(who string) error {
		_, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: who, CompanyID: "c"})
		return err
	}
	steps("event")
	if err := track("a"); err != nil {
		t.Fatal(err)
	}
	for _, err := range steps("event") {
		if err != nil {
			t.Errorf("a: told of %v", err)
		}
	}
	if err := track("b"); !errors.Is(err, busy) {
		t.Fatal(err)
	}
	if failed := steps("event"); len(failed) != 1 || !errors.Is(failed[0], busy) {
		t.Errorf("b: told of %v", failed)
	}

	// One of several: the run goes on with the others, or ends.
	items := func(yield func(beckon.ImportItem, error) bool) {
		for _, id := range []string{"a", "b", "c"} {
			if !yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: id, Name: "n"}}, nil) {
				return
			}
		}
	}
	var refused []error
	for f, err := range engine.Import(ctx, items) {
		refused = append(refused, f.Err, err)
	}
	told := 0
	for _, err := range steps("import") {
		if errors.Is(err, busy) {
			told++
		}
	}
	if told == 0 || !errors.Is(errors.Join(refused...), busy) {
		t.Errorf("%d steps of an import are told as failed, and it says %v", told, refused)
	}

	topics := map[string]*bool{}
	for i := range 150 {
		topics[strconv.Itoa(i)] = new(bool)
	}
	if _, err := engine.Update(ctx, beckon.Contact{UserID: "a", Topics: topics}); err != nil {
		t.Fatal(err)
	}
	more := map[string]*bool{}
	for id := range topics {
		more["more "+id] = new(bool)
	}
	steps("update")
	if _, err := engine.Update(ctx, beckon.Contact{UserID: "a", Topics: more}); !errors.Is(err, beckon.ErrAttributeInvalid) {
		t.Fatal(err)
	}
	if failed := steps("update"); len(failed) != 1 || failed[0] != nil {
		t.Errorf("what the decision refuses: told of %v", failed)
	}
}
