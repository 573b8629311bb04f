package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"sync"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
)

//go:embed programs/shop.json
var firstProgram []byte

// An editor has the program's text.
type editor struct {
	engine *beckon.Engine
	file   string // empty: the text is kept in memory

	mu   sync.Mutex
	text []byte
}

// editorView is what the page of the editor shows.
type editorView struct {
	Text     string
	Messages []beckon.ListedMessage
}

// open publishes the program that the shop begins with.
func (e *editor) open(ctx context.Context, engine *beckon.Engine, file string) error {
	e.engine, e.file = engine, file
	text := firstProgram
	if file != "" {
		kept, err := os.ReadFile(file)
		if err == nil {
			text = kept
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return e.publish(ctx, text)
}

// publish runs a program from now on, if nothing is wrong with it. Else the one before it
// runs on.
func (e *editor) publish(ctx context.Context, text []byte) error { return e.Publish(ctx, nil, text) }

// Publish runs a program in the place of base; nil: of any. With Text, it makes the editor
// what the pages of the team edit.
func (e *editor) Publish(ctx context.Context, base, text []byte) error {
	program, err := beckon.ParseProgram(text)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if base != nil && !bytes.Equal(base, e.text) {
		return beckonui.ErrChanged
	}
	if err := e.engine.Publish(ctx, program); err != nil {
		return err
	}
	if e.text = text; e.file == "" {
		return nil
	}
	next := e.file + ".next" // so that nobody reads half of it
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, e.file)
}

// Text returns the program's text.
func (e *editor) Text(context.Context) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text, nil
}

func (s *shop) messagesPage(w http.ResponseWriter, r *http.Request) {
	list, err := s.engine.Messages(r.Context(), beckon.MessageFilter{})
	if err != nil {
		s.fail(w, err)
		return
	}
	s.editor.mu.Lock()
	text := string(s.editor.text)
	s.editor.mu.Unlock()
	s.show(w, r, "messages", view{Editor: editorView{Text: text, Messages: list}})
}

// publish takes a program in JSON. What is wrong with it is an error.list, with paths.
func (s *shop) publish(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "the program is too long", http.StatusRequestEntityTooLarge)
		return
	}
	err = s.editor.publish(r.Context(), text)
	var faults beckon.ErrorList
	var one *beckon.Error
	switch {
	case errors.As(err, &faults):
	case errors.As(err, &one):
		faults = beckon.ErrorList{one}
	case err != nil:
		s.fail(w, err)
		return
	default:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	s.answer(w, faults)
}
