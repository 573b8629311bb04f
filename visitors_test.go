package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// visitorKept reports whether a visitor is known after a Due a hundred days on.
func visitorKept(t *testing.T, kit *beckontest.Kit) bool {
	t.Helper()
	kit.Advance(100 * 24 * time.Hour).Due()
	_, known, err := kit.Engine.Export(t.Context(), beckon.Identity{AnonymousID: "v"})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// C5, D12: a visitor on its way through a series is kept until it is through.
func TestVisitorOnAWalkIsKept(t *testing.T) {
	t.Parallel()
	never := beckon.Did("never").AtLeast(1)
	for _, c := range []struct {
		name   string
		blocks []beckon.Block
		later  *beckon.Program
		kept   bool
	}{
		{"a long wait", []beckon.Block{{ID: "w", Wait: beckon.Days(150), Next: "m"}, says("m", "")}, nil, true},
		{"a rule that may come true", []beckon.Block{{ID: "r", Rule: &never, Yes: "m"}, says("m", "")}, nil, true},
		{"a wait, in a series that is not here now", []beckon.Block{{ID: "w", Wait: beckon.Days(150), Next: "m"}, says("m", "")}, &beckon.Program{}, true},
		{"a walk that is over", []beckon.Block{{ID: "w", Wait: beckon.Days(1)}}, nil, false},
		{"one that was forgotten", []beckon.Block{{ID: "w", Wait: beckon.Days(1), Next: "m"}, says("m", "")}, &beckon.Program{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			program := walkProgram(c.blocks...)
			kit := beckontest.New(t, program)
			kit.Track(beckon.Event{Name: "go", AnonymousID: "v"})
			if c.later != nil {
				kit.Publish(*c.later)
			}
			if kept := visitorKept(t, kit); kept != c.kept {
				t.Errorf("kept: %t, want %t", kept, c.kept)
			}
		})
	}
}

// C5, D11: what a visitor has refused is not forgotten.
func TestVisitorThatRefusedIsKept(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{})
	who := beckon.Identity{AnonymousID: "v"}
	if err := kit.Engine.Unsubscribe(t.Context(), who, "email"); err != nil {
		t.Fatal(err)
	}
	if !visitorKept(t, kit) {
		t.Error("its refusal is forgotten")
	}
	if err := kit.Engine.Resubscribe(t.Context(), who, "email"); err != nil {
		t.Fatal(err)
	}
	if visitorKept(t, kit) {
		t.Error("nothing holds it any more")
	}
}

// C5, D7: what a visitor has taken of a message outlives the message's removal, until it
// is stopped.
func TestVisitorOfAMessageThatIsNotHere(t *testing.T) {
	t.Parallel()
	program := repeating("m")
	program.Messages[0].Frequency = &beckon.Frequency{Max: 1}
	for _, c := range []struct {
		name    string
		stopped bool
		later   beckon.Program
		kept    bool
	}{
		{"taken out", false, beckon.Program{}, true},
		{"taken out and stopped", true, beckon.Program{}, false},
		{"stopped", true, program, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			kit := beckontest.New(t, program)
			kit.Track(beckon.Event{Name: "go", AnonymousID: "v"}).Want("m", "sent")
			if c.stopped {
				if err := kit.Engine.Stop(t.Context(), "m"); err != nil {
					t.Fatal(err)
				}
			}
			kit.Publish(c.later)
			if kept := visitorKept(t, kit); kept != c.kept {
				t.Errorf("kept: %t, want %t", kept, c.kept)
			}
			if !c.stopped {
				kit.Publish(program)
				kit.Track(beckon.Event{Name: "go", AnonymousID: "v"}).Want("m", "max_reached")
			}
		})
	}
}
