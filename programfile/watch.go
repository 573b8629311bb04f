package programfile

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/together"
)

// DefaultInterval is how often [Files.Run] looks whether the files changed.
const DefaultInterval = 10 * time.Second

// Files are the files of a program and the engine that runs it. They are safe for
// concurrent use.
type Files struct {
	engine   *beckon.Engine
	fsys     fs.FS
	pattern  string
	interval time.Duration
	ticks    <-chan time.Time
	logger   *slog.Logger
	report   func(error)

	mu      sync.Mutex
	stamp   stamp // of the files when they were last looked at
	settled bool  // they looked the same the time before
	again   bool  // the last try may succeed with the same files
	content [sha256.Size]byte
	running [sha256.Size]byte // the program that the engine has of us; zero if none
	err     error             // what is wrong with content
	told    string            // the error that was told last; empty if it is gone, and that was told
}

// An Option sets up [Files].
type Option func(*Files) error

// WithInterval sets how often Run looks; default [DefaultInterval].
func WithInterval(d time.Duration) Option {
	return func(f *Files) error {
		if d <= 0 {
			return fmt.Errorf("programfile: an interval of %s", d)
		}
		f.interval = d
		return nil
	}
}

// WithTicks has Run look whenever the channel says so, and at no other time: for a signal,
// or a ticker of the host's own. When it is closed Run waits for its context.
func WithTicks(ticks <-chan time.Time) Option {
	return func(f *Files) error { f.ticks = ticks; return nil }
}

// WithLogger has Run log what it published, what is wrong as an error, once, and that it is
// mended. Default [slog.Default]; nil logs nothing.
func WithLogger(l *slog.Logger) Option {
	return func(f *Files) error {
		if l == nil {
			l = slog.New(slog.DiscardHandler)
		}
		f.logger = l
		return nil
	}
}

// WithReport has Run tell of each change: what is wrong, once, and nil when it published a
// program or when the last error that it or [Files.Publish] told is gone, also if there was
// nothing to publish, as when the old files were put back. For metrics, and for who must
// mend it.
func WithReport(report func(error)) Option {
	return func(f *Files) error { f.report = report; return nil }
}

// New returns the files of fsys that match a pattern, as [Load] takes it. Nothing is read
// yet.
func New(engine *beckon.Engine, fsys fs.FS, pattern string, opts ...Option) (*Files, error) {
	if engine == nil || fsys == nil {
		return nil, errors.New("programfile: the engine or the file system is nil")
	}
	if err := check(pattern); err != nil {
		return nil, err
	}
	f := &Files{engine: engine, fsys: fsys, pattern: pattern, interval: DefaultInterval, logger: slog.Default(), report: func(error) {}}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o(f); err != nil {
			return nil, err
		}
	}
	if f.report == nil {
		f.report = func(error) {}
	}
	return f, nil
}

// Publish reads the files and publishes their program, unless the engine has it of them
// already. The error is what is wrong: [Faults] of the program, or that of the file system
// or the store. The engine then keeps the program that it has. Call it when the host
// starts, and whenever the host knows that the files changed.
func (f *Files) Publish(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stamp, f.again = stamp{}, true
	_, err := f.look(ctx)
	if err != nil {
		f.told = err.Error() // to the caller
	}
	return err
}

// Run publishes the program whenever the files have changed, until ctx ends, and returns
// nil. It looks first one interval after it began: call [Files.Publish] before. It looks at
// size and time, and whether a link leads to another file, and reads the files if these are
// new; it publishes if the program is another
// one. What is wrong is logged and reported once, and so is that it is mended; what fails in
// the store or the file system is tried again each time. If the engine is closed when it
// looks, Run ends and returns [beckon.ErrClosed].
func (f *Files) Run(ctx context.Context) error {
	ticks := f.ticks
	if ticks == nil {
		t := time.NewTicker(f.interval)
		defer t.Stop()
		ticks = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-ticks:
			if !ok {
				ticks = nil
				continue
			}
			if err := f.tick(ctx); err != nil {
				return err
			}
		}
	}
}

// tick looks once and says what there is to say. The error is beckon.ErrClosed, after
// which there is nothing to look for.
func (f *Files) tick(ctx context.Context) error {
	// No message has such a status, so this asks the engine alone.
	if _, err := f.engine.Messages(ctx, beckon.MessageFilter{Status: "none"}); errors.Is(err, beckon.ErrClosed) {
		return err
	}
	f.mu.Lock()
	published, err := f.look(ctx)
	if errors.Is(err, beckon.ErrClosed) {
		f.mu.Unlock()
		return err
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	isNew := text != f.told
	ended := ctx.Err() != nil
	if !ended { // else it is not told
		f.told = text
	}
	f.mu.Unlock()
	switch {
	case ended:
	case published:
		f.logger.InfoContext(ctx, "programfile: the program has changed and was published", slog.String("files", f.pattern))
		f.report(nil)
	case err != nil && isNew:
		f.logger.ErrorContext(ctx, "programfile: the program was not published; the one before it runs on", slog.String("files", f.pattern), slog.Any("error", err))
		f.report(err)
	case isNew:
		f.logger.InfoContext(ctx, "programfile: the program is mended; it is the one that runs", slog.String("files", f.pattern))
		f.report(nil)
	}
	return nil
}

// look publishes the program if it is another one than the last. The error stays the same
// as long as the files do.
func (f *Files) look(ctx context.Context) (published bool, err error) {
	_, now, err := names(f.fsys, f.pattern)
	if err != nil {
		f.stamp, f.again = stamp{}, true
		return false, err
	}
	same := now.same(&f.stamp)
	if same && f.settled && !f.again {
		return false, f.err
	}
	files, now, err := read(f.fsys, f.pattern)
	if err != nil {
		f.stamp, f.again = stamp{}, true
		return false, err
	}
	// What is written twice within the clock of the file system looks the same: they are
	// read once more before that is trusted.
	f.settled, f.stamp = same, now
	content := sum(files)
	if content == f.content && !f.again {
		return false, f.err
	}
	f.content = content
	published, f.again, f.err = f.publish(ctx, together.Join(files))
	return published, f.err
}

// publish publishes what was read, and reports whether it may succeed the next time with
// the same files.
func (f *Files) publish(ctx context.Context, j *together.Program) (published, again bool, err error) {
	p, err := programOf(j)
	if err != nil {
		return false, false, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return false, false, err
	}
	program := sha256.Sum256(text)
	if program == f.running {
		return false, false, nil
	}
	if err := f.engine.Publish(ctx, p); err != nil {
		var list beckon.ErrorList
		return false, !errors.As(err, &list), placed(j, err)
	}
	f.running = program
	return true, false, nil
}
