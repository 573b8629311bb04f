package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// X1: a walk's messages go out whatever their channel, also when what moved the
// walk on was an event from a server (D6 is about triggers).
func TestSeriesMessageOnEventFromREST(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{Series: []beckon.Series{{
		ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("joined")},
		Blocks: []beckon.Block{
			{ID: "wait", Wait: beckon.Days(1), Next: "tell"},
			{ID: "tell", Message: &beckon.Message{ID: "m", Channel: beckon.Banner, Content: beckon.Content{Body: "Hello"}}},
		},
	}}})
	kit.Track(beckon.Event{Name: "joined", UserID: "u"})
	kit.Advance(25*time.Hour).Track(beckon.Event{Name: "other", UserID: "u", Source: beckon.SourceREST}).Want("m", "sent")
}

// D7: a series that was stopped is so for good, like a message: no later program brings
// it back, in whatever process, and its walks go on no more.
func TestStoppedSeriesStaysStopped(t *testing.T) {
	series := func(status beckon.Status) *beckon.Program {
		program := walkProgram(beckon.Block{ID: "hour", Wait: beckon.Hours(1), Next: "m"}, says("m", ""))
		program.Series[0].Status = status
		return &program
	}
	f := newFleet(t)
	w, other := f.process(series(beckon.Live)), f.process(series(beckon.Live))
	w.track(beckon.Event{Name: "go", UserID: "u"})
	w.must(w.Publish(t.Context(), *series(beckon.Stopped)))
	w.must(w.Publish(t.Context(), *series(beckon.Live)))
	again := f.process(series(beckon.Live))
	f.clock.add(2 * time.Hour)
	for _, w := range []*outboxWorld{w, other, again} {
		if sent, held := w.due(); sent != nil || held != nil {
			t.Errorf("sent %v, held %v", sent, held)
		}
		w.track(beckon.Event{Name: "go", UserID: "v"})
		if x := w.walks("v"); len(x) != 0 {
			t.Errorf("one begins to walk: %+v", x)
		}
	}
	if x := w.walks("u"); x[0].Block != "hour" {
		t.Errorf("the walk went on: %+v", x)
	}
	// It is not paused, which ends, and other series are not concerned.
	renamed := series(beckon.Live)
	renamed.Series[0].ID = "t"
	w.must(w.Publish(t.Context(), *renamed))
	w.track(beckon.Event{Name: "go", UserID: "v"})
	f.clock.add(2 * time.Hour)
	if sent, _ := w.due(); len(sent) != 1 {
		t.Errorf("another series sends %v", sent)
	}
}

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

// X4: a split sends each contact the same way on every walk, by weight, and nobody where the
// weight is zero.
func TestSplitIsStable(t *testing.T) {
	t.Parallel()
	says := func(id string) beckon.Block {
		return beckon.Block{ID: id, Message: &beckon.Message{ID: id, Content: beckon.Content{Body: "x"}}}
	}
	kit := beckontest.New(t, beckon.Program{Series: []beckon.Series{{
		ID: "s", Status: beckon.Live, Reenter: true, Entry: beckon.Entry{Trigger: beckon.On("go")},
		Blocks: []beckon.Block{
			{ID: "split", Split: []beckon.Way{{Weight: 0, Next: "never"}, {Weight: 1, Next: "quarter"}, {Weight: 2.5, Next: "most"}, {Weight: 0.5}, {Weight: 0, Next: "never"}}},
			says("never"), says("quarter"), says("most"),
		},
	}}})
	counts := map[string]int{}
	for i := range 4000 {
		who := fmt.Sprint("u", i)
		first := ""
		for range 3 {
			way := "none"
			kit.Advance(time.Hour)
			if sent := kit.Track(beckon.Event{Name: "go", UserID: who}).Deliveries; len(sent) > 0 {
				way = sent[0].Message
			}
			if first == "" {
				first = way
				counts[way]++
			}
			if way != first {
				t.Fatalf("%s went to %s, then to %s", who, first, way)
			}
		}
	}
	for way, share := range map[string]float64{"never": 0, "quarter": 0.25, "most": 0.625, "none": 0.125} {
		if n := float64(counts[way]) / 4000; n < share-0.03 || n > share+0.03 || share == 0 && n != 0 {
			t.Errorf("%s: %v of all, want %v", way, n, share)
		}
	}
}

// X4: a series is paused, resumed and stopped by its id, whatever later programs say, also
// in engines that come later; one that nobody knows is an error.
func TestSeriesIsPausedByID(t *testing.T) {
	program := walkProgram(beckon.Block{ID: "hour", Wait: beckon.Hours(1), Next: "m"}, says("m", ""))
	f := newFleet(t)
	w := f.process(&program)
	code := func(err error) beckon.Code {
		if list := beckon.ErrorList(nil); errors.As(err, &list) && len(list) == 1 {
			return list[0].Code
		}
		return ""
	}
	ctx := t.Context()
	for _, change := range []func(context.Context, string) error{w.PauseSeries, w.ResumeSeries, w.StopSeries} {
		if err := change(ctx, "unknown"); code(err) != beckon.ErrMessageUnknown {
			t.Errorf("of an unknown series: %v", err)
		}
	}
	w.track(beckon.Event{Name: "go", UserID: "u"})
	w.must(w.PauseSeries(ctx, "s"))
	w.must(w.PauseSeries(ctx, "s"))
	w.must(w.Publish(ctx, program))
	later := f.process(&program)
	f.clock.add(2 * time.Hour)
	for _, x := range []*outboxWorld{w, later} {
		x.track(beckon.Event{Name: "go", UserID: "v"})
		if sent, _ := x.due(); sent != nil || len(x.walks("v")) != 0 {
			t.Errorf("paused: sent %v, walks %+v", sent, x.walks("v"))
		}
	}
	w.must(later.ResumeSeries(ctx, "s"))
	if sent, _ := w.due(); fmt.Sprint(sent) != "[m]" { // Due begins with what other engines said
		t.Errorf("resumed: sent %v", sent)
	}
	program.Series = nil
	w.must(w.Publish(ctx, program))
	w.must(w.StopSeries(ctx, "s")) // it is known still
	w.must(w.StopSeries(ctx, "s"))
	if err := w.ResumeSeries(ctx, "s"); code(err) != beckon.ErrMessageStopped {
		t.Errorf("resumed for good: %v", err)
	}
	if err := w.PauseSeries(ctx, "s"); code(err) != beckon.ErrMessageStopped {
		t.Errorf("paused for good: %v", err)
	}
}

// X4, D7: the status of a series is the one in effect, also where its messages stand.
func TestSeriesStatus(t *testing.T) {
	program := walkProgram(says("m", ""))
	draft := walkProgram(says("m", ""))
	draft.Series[0].Status = ""
	w, ctx := newFleet(t).process(&program), t.Context()
	for _, c := range []struct {
		do   func() error
		want beckon.Status
	}{
		{func() error { return nil }, beckon.Live},
		{func() error { return w.PauseSeries(ctx, "s") }, beckon.Paused},
		{func() error { return w.Publish(ctx, draft) }, beckon.Paused},
		{func() error { return w.ResumeSeries(ctx, "s") }, beckon.Draft},
		{func() error { return w.Publish(ctx, program) }, beckon.Live},
		{func() error { return w.StopSeries(ctx, "s") }, beckon.Stopped},
		{func() error { return w.Publish(ctx, beckon.Program{}) }, ""},
	} {
		w.must(c.do())
		if got, err := w.SeriesTotals(ctx, "s"); err != nil || got.Status != c.want {
			t.Errorf("got %q, %v, want %q", got.Status, err, c.want)
		}
	}
}

// X4: totals follow contacts that are deleted and merged, and what a run takes back.
func TestSeriesTotals(t *testing.T) {
	program := walkProgram(beckon.Block{ID: "hour", Wait: beckon.Hours(1), Next: "m"}, says("m", "day"), beckon.Block{ID: "day", Wait: beckon.Days(1)})
	converts := beckon.Did("bought").AtLeast(1)
	program.Series[0].Goal = &beckon.Goal{Rule: converts, Within: beckon.Days(3)}
	f := newFleet(t)
	w := f.process(&program)
	totals := func(want beckon.SeriesTotals) {
		t.Helper()
		want.Status = beckon.Live
		got, err := w.SeriesTotals(t.Context(), "s")
		if w.must(err); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	totals(beckon.SeriesTotals{Blocks: map[string]int64{}})
	for _, who := range []string{"u1", "u2", "u3", "u4"} {
		w.track(beckon.Event{Name: "go", UserID: who})
	}
	totals(beckon.SeriesTotals{Entered: 4, Blocks: map[string]int64{"hour": 4}})
	w.must(w.Delete(t.Context(), beckon.Identity{UserID: "u4"}))
	totals(beckon.SeriesTotals{Entered: 4, Blocks: map[string]int64{"hour": 3}, Finished: 1})
	f.clock.add(time.Hour)
	for _, err := range w.Due(t.Context()) {
		w.must(err)
		break // the rest is given back
	}
	totals(beckon.SeriesTotals{Entered: 4, Blocks: map[string]int64{"hour": 2, "day": 1}, Finished: 1})
	w.due()
	totals(beckon.SeriesTotals{Entered: 4, Blocks: map[string]int64{"day": 3}, Finished: 1})
	w.track(beckon.Event{Name: "bought", UserID: "u1"})
	w.track(beckon.Event{Name: "bought", UserID: "u1"})
	_, err := w.Merge(t.Context(), beckon.Identity{UserID: "u2"}, beckon.Identity{UserID: "u1"})
	w.must(err)
	totals(beckon.SeriesTotals{Entered: 4, Blocks: map[string]int64{"day": 2}, Finished: 2, Converted: 1})
	f.clock.add(25 * time.Hour)
	w.due()
	totals(beckon.SeriesTotals{Entered: 4, Blocks: map[string]int64{}, Finished: 4, Converted: 1})
}
