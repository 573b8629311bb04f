package decide

import (
	"testing"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A decision that goes back to the pool points at nothing of what it was about, and keeps its
// memory unless that is more than most need.
func TestReleaseKeepsRoom(t *testing.T) {
	d := new(Decision)
	d.In.State, d.In.Limits = &State{Plan: &plan.Plan{}}, &Limits{}
	d.In.Event.ID = "e"
	d.Begin(&store.Record{}, &store.Changes{})
	d.TakeFields(value.Fields{{Key: "k", Value: value.String("text")}})
	d.Reused.Body = make([]byte, 10, maxBody)
	d.Release()
	if d.In.Event.ID != "" || d.Record != nil || d.Reused.Fields[:1][0].Key != "" {
		t.Error("what the decision was about is still there")
	}
	if cap(d.Reused.Body) != maxBody || cap(d.Reused.Fields) == 0 {
		t.Error("the memory is gone")
	}
	d.Reused.Body = make([]byte, 0, maxBody+1)
	d.Reused.Fields = make(value.Fields, 0, 2*value.MaxMetadataKeys+1)
	if d.Release(); d.Reused.Body != nil || d.Reused.Fields != nil {
		t.Error("the memory of a large event is kept")
	}
}
