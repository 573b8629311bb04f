package programfile_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/programfile"
)

// Run ends at its next look when the engine is closed, whether or not the files changed,
// and reports nothing: the caller is told.
func TestRunEndsWithItsEngine(t *testing.T) {
	for _, change := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			fsys := &folder{files: fstest.MapFS{"a.json": {Data: []byte(message("one")), ModTime: time.Now()}}}
			w := watch(t, fsys)
			if err := w.files.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, end := context.WithCancel(t.Context())
			defer end()
			ended := make(chan error, 1)
			go func() { ended <- w.files.Run(ctx) }()
			time.Sleep(programfile.DefaultInterval)
			synctest.Wait()
			if err := w.engine.Close(); err != nil {
				t.Fatal(err)
			}
			if change {
				fsys.set("a.json", message("two"), time.Now())
			}
			time.Sleep(programfile.DefaultInterval)
			synctest.Wait()
			select {
			case err := <-ended:
				if !errors.Is(err, beckon.ErrClosed) {
					t.Errorf("changed %t: it ended with %v", change, err)
				}
			default:
				t.Errorf("changed %t: it runs on", change)
			}
			if len(w.told()) > 0 || w.log.Len() > 0 {
				t.Errorf("changed %t: told %v, logged %q", change, w.told(), &w.log)
			}
		})
	}
}

// A program that is published while the engine closes is no fault of the program.
func TestRunEndsWithItsEngineMeanwhile(t *testing.T) {
	fsys := &closing{folder: &folder{files: fstest.MapFS{"a.json": {Data: []byte(message("one"))}}}}
	ticks := make(chan time.Time, 1)
	w := watch(t, fsys, programfile.WithTicks(ticks))
	fsys.engine = w.engine
	ticks <- time.Time{}
	if err := w.files.Run(t.Context()); !errors.Is(err, beckon.ErrClosed) || len(w.told()) > 0 || w.log.Len() > 0 {
		t.Errorf("ended with %v, told %v, logged %q", err, w.told(), &w.log)
	}
}

// A closing folder closes an engine when it is read.
type closing struct {
	*folder
	engine *beckon.Engine
}

func (c *closing) Open(name string) (fs.File, error) {
	_ = c.engine.Close()
	return c.folder.Open(name)
}
