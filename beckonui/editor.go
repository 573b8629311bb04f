package beckonui

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

// MaxEditorBytes is how long a program may be to be edited in a page.
const MaxEditorBytes = 4 << 20

// maxShown is how many changes are shown, and how many findings.
const maxShown = 300

type editorView struct {
	Text     string
	Base     string // which text the edit began with: a hash of it
	TooLong  bool
	CanWrite bool // the source takes another text
	History  bool // there is something to backtest with

	Checked    bool
	Faults     []finding
	Findings   []finding // that the live program does not have
	Old        []finding // that it has, too
	Changes    []words.Change
	Count      [2]int // of changes and findings, also of those that are not shown
	More       [3]int // of them that are not shown, and of faults
	CountOld   int
	Same       bool
	Words      string
	Changed    bool // the live program is not the one that the edit began with
	Published  bool
	Backtest   *backtestView
	BacktestOf string // why there is none
}

// programPage shows the text of the program that is live.
func programPage(q *request) error {
	live, err := q.live()
	if err != nil {
		return err
	}
	v := q.editorOf(live)
	v.Text, v.Published = string(live), q.args.Get("done") == "publish"
	return q.showEditor(http.StatusOK, v)
}

// live returns the text of the program that is live.
func (q *request) live() ([]byte, error) {
	if q.source == nil {
		return nil, errNotFound
	}
	return q.source.Text(q.ctx)
}

func (q *request) editorOf(live []byte) *editorView {
	_, writes := q.source.(Publisher)
	return &editorView{Base: hashOf(live), TooLong: len(live) > MaxEditorBytes, CanWrite: writes && q.editor(), History: q.history != nil}
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (q *request) showEditor(status int, v *editorView) error {
	if v.TooLong {
		v.Text = ""
	}
	q.show(status, "program", view{Title: "Program", Nav: "program", Of: v})
	return nil
}

// edited takes what was posted: to look it over, to backtest it, or to publish it.
func edited(q *request) error {
	live, err := q.live()
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(q.args.Get("text"), "\r\n", "\n") // as forms have them
	if len(text) > MaxEditorBytes {
		return refused{http.StatusRequestEntityTooLarge, "This is too long to be taken."}
	}
	v := q.editorOf(live)
	v.Text, v.Checked, v.TooLong = text, true, false
	v.Changed = q.args.Get("base") != v.Base
	switch do := q.args.Get("do"); do {
	case "check", "backtest":
		program, err := v.check(q, live)
		if err != nil || program == nil {
			return errors.Join(err, q.showEditor(http.StatusUnprocessableEntity, v))
		}
		if do == "backtest" {
			if err := v.backtest(q, live, program); err != nil {
				return err
			}
		}
		return q.showEditor(http.StatusOK, v)
	case "publish":
		return v.publish(q, live)
	}
	return refused{http.StatusBadRequest, "The form does not say what is to be done."}
}

// check looks the text over; nil if it cannot be published.
func (v *editorView) check(q *request, live []byte) (*beckon.Program, error) {
	known, _, err := q.catalogue()
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		known = nil // nobody knows what will be tracked
	}
	place := placesIn(v.Text)
	program, err := beckon.ParseProgram([]byte(v.Text))
	if err != nil {
		v.Faults, v.More[2] = place.faults(err)
		return nil, nil
	}
	found, err := beckon.Vet(program, known, nil)
	if err != nil {
		v.Faults, v.More[2] = place.faults(err)
		return nil, nil
	}
	v.Words = words.Program(program)
	before, err := beckon.ParseProgram(live)
	if err != nil {
		before = beckon.Program{} // what is live cannot be read: all of it is new
	}
	v.Changes = words.Diff(before, program)
	v.found(place, found, before, known)
	v.Count[0], v.More[0] = len(v.Changes), max(0, len(v.Changes)-maxShown)
	v.Changes = v.Changes[:v.Count[0]-v.More[0]]
	v.Same = v.Count[0] == 0
	return &program, nil
}

// found tells what vet finds: first what the live program does not have.
func (v *editorView) found(place *places, list []beckon.Finding, before beckon.Program, known []beckon.Definition) {
	type same struct{ id, code, message string }
	had := map[same]int{}
	old, _ := beckon.Vet(before, known, nil) // what cannot be published has none
	for _, f := range old {
		had[same{f.ID, f.Code, f.Message}]++
	}
	for _, f := range list {
		to, n := &v.Findings, &v.Count[1]
		if x := (same{f.ID, f.Code, f.Message}); had[x] > 0 {
			had[x]--
			to, n = &v.Old, &v.CountOld
		}
		if *n++; *n <= maxShown {
			*to = append(*to, place.at(finding{Path: f.Path, ID: f.ID, Code: f.Code, Message: f.Message, Fix: f.Fix}))
		}
	}
	v.More[1] = max(0, v.Count[1]-maxShown)
}

// publish has the engine run the text, if the live one is still that on which it is based.
func (v *editorView) publish(q *request, live []byte) error {
	to, writes := q.source.(Publisher)
	if !q.editor() || !writes {
		return refused{http.StatusForbidden, "You may look at this, and not change it."}
	}
	if v.Changed {
		return v.conflict(q, live)
	}
	ctx, end := q.lasting()
	defer end()
	err := to.Publish(ctx, live, []byte(v.Text))
	var list beckon.ErrorList
	var one *beckon.Error
	switch {
	case err == nil:
		q.redirect(link("program", "done", "publish"))
		return nil
	case errors.Is(err, ErrChanged):
		if live, err = q.live(); err != nil {
			return err
		}
		v.Base, v.Changed = hashOf(live), true
		return v.conflict(q, live)
	case errors.As(err, &list), errors.As(err, &one):
		v.Faults, v.More[2] = placesIn(v.Text).faults(err)
		return q.showEditor(http.StatusUnprocessableEntity, v)
	}
	return err
}

// conflict shows what the text would change in what somebody else has published meanwhile.
func (v *editorView) conflict(q *request, live []byte) error {
	if _, err := v.check(q, live); err != nil {
		return err
	}
	return q.showEditor(http.StatusConflict, v)
}
