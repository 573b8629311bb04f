package term

import (
	"io"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"golang.org/x/term"
)

// A Bar shows how far something is, in one line that is drawn again and again. A nil Bar shows
// nothing. It belongs to one goroutine.
type Bar struct {
	writer  progress.Writer
	tracker *progress.Tracker
	ended   chan struct{}
}

// NewBar begins a bar of so much; with 0 it is not known how much there is. Call Done when it
// is over. It returns nil if w is no terminal.
func NewBar(w io.Writer, total int64) *Bar {
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) { //nolint:gosec // a descriptor is small
		return nil
	}
	return newBar(w, total)
}

func newBar(w io.Writer, total int64) *Bar {
	b := &Bar{writer: progress.NewWriter(), tracker: &progress.Tracker{Total: total, AutoStopDisabled: true}, ended: make(chan struct{})}
	b.writer.SetOutputWriter(w)
	b.writer.SetUpdateFrequency(100 * time.Millisecond)
	b.writer.SetTrackerPosition(progress.PositionLeft)
	b.writer.SetTrackerLength(30)
	style := progress.StyleBlocks
	style.Visibility.Value, style.Visibility.ETA, style.Visibility.Percentage = false, total > 0, total > 0
	style.Options.Separator = " "
	b.writer.SetStyle(style)
	b.writer.AppendTracker(b.tracker)
	go func() { // it ends in Done
		b.writer.Render()
		close(b.ended)
	}()
	return b
}

// Set shows that so much is done, and a note beside it.
func (b *Bar) Set(done int64, note string) {
	if b == nil {
		return
	}
	b.tracker.SetValue(done)
	b.tracker.UpdateMessage(Plain(note))
}

// Done draws the bar a last time and leaves it there.
func (b *Bar) Done() {
	if b == nil {
		return
	}
	b.tracker.MarkAsDone()
	for !b.writer.IsRenderInProgress() { // it has only been asked for
		select {
		case <-b.ended:
			return
		case <-time.After(time.Millisecond):
		}
	}
	b.writer.Stop()
	<-b.ended
}
