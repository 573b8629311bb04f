package beckon_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// walkProgram has one series, begun at "go", of these blocks.
func walkProgram(blocks ...beckon.Block) beckon.Program {
	return beckon.Program{Series: []beckon.Series{{ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go")}, Blocks: blocks}}}
}

// says is a block that sends a message of the block's own name.
func says(id, next string) beckon.Block {
	return beckon.Block{ID: id, Message: &beckon.Message{ID: id, Content: beckon.Content{Body: "x"}}, Next: next}
}

// D12: a walk that stands at a block which the program of a process does not have is
// left as it is, as one in a series that it does not have: by events of the contact,
// by Due, and by an exit rule that only the old program has.
func TestWalkAtUnknownBlock(t *testing.T) {
	wait := func(id string, span beckon.Duration, next string) beckon.Block {
		return beckon.Block{ID: id, Wait: span, Next: next}
	}
	older := walkProgram(wait("day", beckon.Days(1), "m"), says("m", ""))
	exits := walkProgram(wait("day", beckon.Days(1), "m"), says("m", ""))
	exits.Series[0].Exit = beckon.Did("other").AtLeast(1)
	newer := walkProgram(wait("hour", beckon.Hours(1), "day"), wait("day", beckon.Days(1), "m"), says("m", ""))
	for name, before := range map[string]beckon.Program{"without the block": older, "with an exit": exits} {
		for _, after := range []time.Duration{0, time.Minute, beckon.OverdueFor} {
			f := newFleet(t)
			knows, w := f.process(&newer), f.process(&before)
			knows.track(beckon.Event{Name: "go", UserID: "u"})
			stands := fmt.Sprint(knows.walks("u"))
			w.track(beckon.Event{Name: "other", UserID: "u"})
			f.clock.add(time.Hour + after)
			w.track(beckon.Event{Name: "other", UserID: "u"})
			f.store.steps.Store(0)
			if sent, held := w.due(); sent != nil || held != nil || f.store.steps.Load() != 0 {
				t.Errorf("%s, %v overdue: sent %v, held %v, %d steps", name, after, sent, held, f.store.steps.Load())
			}
			if now := fmt.Sprint(knows.walks("u")); now != stands {
				t.Errorf("%s, %v overdue: the walk was %s, and is %s", name, after, stands, now)
			}
			f.clock.set(noon.Add(25*time.Hour + beckon.OverdueFor))
			if sent, held := knows.due(); !slices.Equal(sent, []string{"m"}) || held != nil {
				t.Errorf("%s, %v overdue: sent %v, held %v", name, after, sent, held)
			}
		}
	}
	f := newFleet(t)
	f.process(&newer).track(beckon.Event{Name: "go", UserID: "u"})
	f.clock.add(time.Hour + beckon.OverdueFor + time.Millisecond)
	w := f.process(&older)
	if w.due(); !w.walks("u")[0].Done {
		t.Errorf("more than 7 days overdue it goes on: %+v", w.walks("u"))
	}
}

// walks returns where a user stands in series.
func (w *outboxWorld) walks(id string) []beckon.Journey {
	w.t.Helper()
	x, _, err := w.Export(w.t.Context(), user(id))
	w.must(err)
	return x.Series
}
