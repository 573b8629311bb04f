package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settling is how long a change waits for those that come with it: editors write in
// several steps.
const settling = 50 * time.Millisecond

// watch runs the scenarios, and again when something changes that they are made of, until ctx
// ends. Its error is that of the last run.
func (t *tester) watch(ctx context.Context) error {
	for _, arg := range t.args() {
		if arg == "-" {
			return usagef("-watch cannot watch the standard input")
		}
	}
	for {
		w, err := t.follow() // what changes from here on leads to another run
		if err != nil {
			return err
		}
		last := t.once(ctx)
		if last != nil && !errors.Is(last, errFound) && !errors.Is(last, errUnread) {
			return errors.Join(last, w.Close())
		}
		fmt.Fprintf(t.err, "%s\n", t.style.Faint("waiting for changes; interrupt to end"))
		err = w.next(ctx)
		_ = w.Close() // nothing was written
		if err != nil {
			if ctx.Err() != nil {
				return last
			}
			return err
		}
	}
}

// A watching waits for one change. Paths are absolute. It is made anew for each run: what a
// folder that is removed and made again was watched by is gone with it.
type watching struct {
	*fsnotify.Watcher
	folders map[string]bool // that are watched; whether all JSON files in them count
	named   map[string]bool // files and folders that count by their names
	trees   []string        // new folders in these count
	pattern []string        // that count what matches them
	written []string        // by the command itself
	out     os.FileInfo     // the standard output; nil if it is no file
}

// follow watches the folders of the files, which may be others than before.
func (t *tester) follow() (*watching, error) {
	inner, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	w := &watching{Watcher: inner, folders: map[string]bool{}, named: map[string]bool{}}
	if err := w.all(t); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// all watches what the arguments name.
func (w *watching) all(t *tester) error {
	if out, ok := t.stdout.(*os.File); ok {
		if info, err := out.Stat(); err == nil && info.Mode().IsRegular() {
			w.out = info
		}
	}
	if name := t.text("junit"); name != "" {
		w.written = append(w.written, absolute(name))
	}
	for _, arg := range t.args() {
		path := absolute(arg)
		w.named[path] = true
		info, err := os.Stat(path)
		switch {
		case err == nil && info.IsDir():
			err = w.tree(path)
		case err == nil:
			err = w.near(filepath.Dir(path), true)
		case strings.ContainsAny(arg, "*?["):
			fixed := path
			for strings.ContainsAny(fixed, "*?[") {
				fixed = filepath.Dir(fixed)
			}
			w.pattern = append(w.pattern, path)
			err = w.tree(fixed)
		default:
			err = w.near(filepath.Dir(path), true) // it may come
		}
		if err != nil {
			return err
		}
		names, folder, err := namedFiles(arg)
		if err != nil {
			continue // told by the run
		}
		for _, name := range names {
			if err := w.file(t, name, folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// file watches a file of scenarios, and the programs that it names.
func (w *watching) file(t *tester, name string, found bool) error {
	w.named[absolute(name)] = true
	data, err := t.readNamed(name)
	if err != nil || found && !hasScenarios(data) {
		return nil //nolint:nilerr // told by the run
	}
	f, err := t.readScenarios(name, data)
	if err != nil {
		return nil //nolint:nilerr // as before
	}
	for _, program := range f.programs {
		path := absolute(program)
		w.named[path] = true
		if err := w.near(filepath.Dir(path), true); err != nil {
			return err
		}
		if isFolder(path) { // all of its files are the program
			if err := w.near(path, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// tree watches a folder and those inside it, or, if it is not there, where it may come.
func (w *watching) tree(folder string) error {
	w.trees = append(w.trees, folder)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return w.near(folder, false)
	}
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return nil // told by the run
		case path != folder && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		}
		return w.near(path, true)
	})
}

// near watches a folder, or, if it is not there, the one that is there of those that it would be
// in. files says that all JSON files in it count.
func (w *watching) near(folder string, files bool) error {
	for at := folder; ; at = filepath.Dir(at) {
		err := w.Add(at)
		if err == nil {
			w.folders[at] = w.folders[at] || files && at == folder
			return nil
		}
		w.named[at] = true
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) || at == filepath.Dir(at) {
			return fmt.Errorf("%s cannot be watched: %w", at, err)
		}
	}
}

// next waits for a change that counts, and for those that come with it.
func (w *watching) next(ctx context.Context) error {
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-w.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) { // else something was lost
				return err
			}
			settled = time.After(settling)
		case change := <-w.Events:
			if w.counts(change) {
				settled = time.After(settling)
			}
		case <-settled:
			return nil
		}
	}
}

// counts reports whether a change can lead to another outcome.
func (w *watching) counts(change fsnotify.Event) bool {
	path := filepath.Clean(change.Name)
	if change.Op == fsnotify.Chmod || w.own(path) {
		return false
	}
	_, watched := w.folders[path]
	if w.named[path] || watched || w.folders[filepath.Dir(path)] && strings.EqualFold(filepath.Ext(path), ".json") {
		return true
	}
	for _, pattern := range w.pattern {
		if matches, err := filepath.Match(pattern, path); err == nil && matches {
			return true
		}
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() || strings.HasPrefix(filepath.Base(path), ".") {
		return false
	}
	for _, folder := range w.trees { // a new folder may have scenarios
		if inner, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(inner) {
			return true
		}
	}
	return false
}

// own reports whether the command itself writes a file: that must not lead to another run.
func (w *watching) own(path string) bool {
	for _, written := range w.written {
		if path == written {
			return true
		}
	}
	if w.out == nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && os.SameFile(info, w.out)
}

// absolute returns a path from the root on. Where that cannot be told, it stays as it is.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return filepath.Clean(path)
}
