package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settling is how long a change waits for those that come with it: editors write in
// several steps.
const settling = 50 * time.Millisecond

// watch runs the scenarios, and again when a JSON file changes in a folder of theirs or of
// their programs, until ctx ends. Its error is that of the last run.
func (t *tester) watch(ctx context.Context) error {
	for _, arg := range t.args() {
		if arg == "-" {
			return usagef("-watch cannot watch the standard input")
		}
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }() // nothing was written
	for {
		// What changes from here on leads to another run.
		if err := t.follow(w); err != nil {
			return err
		}
		last := t.once(ctx)
		if last != nil && !errors.Is(last, errFound) && !errors.Is(last, errUnread) {
			return last
		}
		fmt.Fprintf(t.err, "%s\n", t.style.Faint("waiting for changes; interrupt to end"))
		if err := next(ctx, w); err != nil {
			if ctx.Err() != nil {
				return last
			}
			return err
		}
	}
}

// follow has w watch the folders of the files, which may be others than before.
func (t *tester) follow(w *fsnotify.Watcher) error {
	folders := map[string]bool{}
	add := func(file string) { folders[filepath.Dir(file)] = true }
	for _, arg := range t.args() {
		names, _, err := namedFiles(arg)
		if err != nil { // told by the run; it may come
			add(arg)
			continue
		}
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			folders[arg] = true
		}
		for _, name := range names {
			add(name)
			if data, err := t.readNamed(name); err == nil {
				if f, err := t.readScenarios(name, data); err == nil {
					for _, program := range f.programs {
						add(program)
					}
				}
			}
		}
	}
	for folder := range folders {
		if err := w.Add(folder); err != nil {
			return fmt.Errorf("%s cannot be watched: %w", folder, err)
		}
	}
	return nil
}

// next waits for a change of a JSON file, and for those that come with it.
func next(ctx context.Context, w *fsnotify.Watcher) error {
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-w.Errors:
			return err
		case change := <-w.Events:
			if strings.EqualFold(filepath.Ext(change.Name), ".json") && !change.Has(fsnotify.Chmod) {
				settled = time.After(settling)
			}
		case <-settled:
			return nil
		}
	}
}
