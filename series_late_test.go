package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// X3: a walk that goes round so often that one occasion does not take it all the way
// stays due, and the next Due goes on where it left off.
func TestLongRoundStaysDue(t *testing.T) {
	f := newFleet(t)
	stop := beckon.User("stop").Is(true)
	program := walkProgram(
		beckon.Block{ID: "second", Wait: beckon.Seconds(1), Next: "asks"},
		beckon.Block{ID: "asks", Rule: &stop, Within: beckon.Seconds(1), Yes: "m", No: "second"},
		says("m", ""),
	)
	w := f.process(&program)
	w.track(beckon.Event{Name: "go", UserID: "u"})
	f.clock.add(3 * time.Hour)
	for range 5 {
		w.due()
	}
	if at := w.walks("u")[0].Since; f.clock.now().Sub(at) > time.Second {
		t.Errorf("after five Dues the walk is at %v", at)
	}
	if _, err := w.Update(t.Context(), beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"stop": beckon.Bool(true)}}); err != nil {
		t.Fatal(err)
	}
	f.clock.add(time.Second)
	if w.due(); !w.walks("u")[0].Done {
		t.Errorf("it has not left the round: %+v", w.walks("u"))
	}
}
