package beckonui_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
	"github.com/beckon-go/beckon/replay"
)

// A draft is a text in the editor.
type draft struct {
	*site
	base string
}

func (s *site) edit() *draft {
	s.t.Helper()
	_, base, ok := strings.Cut(s.get("/program"), `name="base" value="`)
	if !ok {
		s.t.Fatal("there is no editor")
	}
	base, _, _ = strings.Cut(base, `"`)
	return &draft{s, base}
}

func (d *draft) do(what, text string, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.ask(http.MethodPost, "/program", url.Values{"base": {d.base}, "text": {text}, "do": {what}}, headers...)
}

// shows fails if an answer has another status or does not say the texts in this order.
func shows(t *testing.T, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	body := words(w.Body.String())
	if w.Code != status {
		t.Errorf("%d, want %d: %s", w.Code, status, body)
	}
	rest := body
	for _, text := range texts {
		var ok bool
		if _, rest, ok = strings.Cut(rest, text); !ok {
			t.Errorf("it does not say %q (in this place):\n%s", text, body)
			return
		}
	}
}

func TestEditorShows(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(everybody))
	body := s.get("/program")
	if !strings.Contains(body, "&#34;id&#34;: &#34;ready&#34;") || strings.Contains(body, "Publish these changes") {
		t.Errorf("%s", body)
	}
	shows(t, s.ask(http.MethodGet, "/program", nil), 200, "Check it", "Nothing is published yet.")
}

func TestEditorFaults(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(everybody))
	d := s.edit()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"{\n  \"messages\": [\n    {\"id\": \"x\",}\n  ]\n}", []string{"1 fault: this cannot be published", "line 3, column 16", `2 "messages": [`, `3 {"id": "x",}`, "4 ]"}},
		{"{\"messages\": [\r\n{\"id\": \"x\", \"status\": \"life\",\r\n\"trigger\": {\"event\": \"e\", \"were\": {}}}]}", []string{"2 faults", "line 2, column 13", "messages[0].status (x)", "line 3, column 27", "messages[0].trigger.were (x)"}},
		{`{"messages": [{"id": "x", "status": "live", "content": {"body": "{{ nope.x }}"}}]}`, []string{"1 fault", "line 1, column 57", "messages[0].content.body"}},
		{"", []string{"1 fault"}},
		{"\xff", []string{"1 fault"}},
	} {
		w := d.do("check", c.text)
		shows(t, w, http.StatusUnprocessableEntity, c.want...)
		if strings.Contains(w.Body.String(), "Publish these changes") {
			t.Errorf("%q can be published", c.text)
		}
	}
	// Of a long line what is quoted has the place.
	w := d.do("check", `{"messages": [{"id": "x", "content": {"body": "`+strings.Repeat("é", 100_000)+`"}, "nope": 1}]}`)
	shows(t, w, http.StatusUnprocessableEntity, "1 fault", "line 1, column 100052", `… é`, `é"}, "nope": 1}]}`)
	shows(t, d.do("check", `{"messages": [`+strings.Repeat(`{},`, 999)+`{}]}`), http.StatusUnprocessableEntity, "More than 300 faults")
	if w = d.do("check", `{"x": "`+strings.Repeat("é", 100_000)+`"}`); strings.Count(w.Body.String(), "é") > 100_000+200 {
		t.Error("a long line is quoted whole")
	}
}

func TestEditorCheck(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(everybody))
	s.fill()
	d := s.edit()
	shows(t, d.do("check", programText), 200, "Nothing is different from the live program", "All of it in words")
	edit := strings.Replace(programText, `"every": "1h"`, `"every": "2h"`, 1)
	edit = strings.Replace(edit, `{"event": "filled-cart"`, `{"event": "filed-cart"`, 1)
	edit = strings.Replace(edit, `    {"id": "sale", "channel": "email", "mode": "one_off", "status": "draft", "content": {"subject": "Sale", "body": "Now"}}`, `    {"id": "new", "channel": "chat", "content": {"body": "New"}}`, 1)
	w := d.do("check", edit)
	shows(t, w, 200, "changes to the live program", "changed", "2 hours", "messages[0].frequency (ready)", "added", `"new"`, "removed", "sale",
		"1 thing that nobody can have meant", "filled-cart", "unknown_event", "1 that the live program has, too", `no event "paid" is known`, "All of it in words", "Publish these changes")
	if !strings.Contains(w.Body.String(), `data-line="`) {
		t.Error("what vet says has no place")
	}
	if got, _ := s.engine.Messages(t.Context(), beckon.MessageFilter{ID: "new"}); len(got) != 0 {
		t.Error("to check publishes")
	}
}

// A list that is too long for a page says how much of it is left.
func TestEditorManyChanges(t *testing.T) {
	s := newSite(t, `{}`, beckonui.AllowEdits(everybody))
	many := `{"messages": [`
	for i := range 1000 {
		many += `{"id": "m` + itoa(i) + `", "audience": {"all": [{"user": "a", "op": "is", "value": 1}, {"user": "a", "op": "is", "value": 2}]}, "content": {"body": "x"}},`
	}
	w := s.edit().do("check", strings.TrimSuffix(many, ",")+"]}")
	shows(t, w, 200, "1000 changes", "and 700 more", "things that nobody can have meant", "and 700 more")
}

// Who may not publish can check, and that is all.
func TestEditorOfReaders(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(func(r *http.Request) bool { return r.Header.Get("Role") == "editor" }))
	d := s.edit()
	edit := strings.Replace(programText, `"every": "1h"`, `"every": "2h"`, 1)
	w := d.do("check", edit)
	shows(t, w, 200, "1 change to the live program", "You may not publish here.")
	if strings.Contains(w.Body.String(), `value="publish"`) {
		t.Error("a reader is shown how to publish")
	}
	shows(t, d.do("publish", edit), http.StatusForbidden, "not change it")
	shows(t, d.do("publish", edit, "Role", "editor", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden, "another site")
	shows(t, d.do("burn", edit), http.StatusBadRequest, "what is to be done")
	shows(t, d.do("backtest", edit), http.StatusNotFound, "no history")
	if body := s.get("/program"); strings.Contains(body, "2h") {
		t.Error("it is published")
	}
	if w := d.do("publish", edit, "Role", "editor"); w.Code != http.StatusSeeOther {
		t.Errorf("an editor: %d", w.Code)
	}
}

// A source that only reads is never published to.
func TestEditorOfReadOnlySource(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(everybody), beckonui.WithProgram(fixed(programText)))
	d := s.edit()
	edit := strings.Replace(programText, `"every": "1h"`, `"every": "2h"`, 1)
	w := d.do("check", edit)
	if strings.Contains(w.Body.String(), `value="publish"`) {
		t.Error("it is shown how to publish")
	}
	shows(t, w, 200, "You may not publish here.", "You may pause, stop,")
	shows(t, d.do("publish", edit), http.StatusForbidden, "not change it")
	s = newSite(t, programText, beckonui.AllowEdits(everybody))
	shows(t, s.ask(http.MethodGet, "/", nil), 200, "You may publish, pause,")
}

type fixed string

func (f fixed) Text(context.Context) ([]byte, error) { return []byte(f), nil }

func TestEditorPublish(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(everybody))
	var kept []string
	program := beckonui.NewProgram(s.engine, []byte(programText), func(_ context.Context, text []byte) error {
		kept = append(kept, string(text))
		return nil
	})
	s.Handler = beckonui.Handler(s.engine, beckonui.WithProgram(program), beckonui.AllowEdits(everybody))
	d, late := s.edit(), s.edit()
	edit := strings.Replace(programText, `"id": "sale"`, `"id": "summer"`, 1)
	w := d.do("publish", strings.ReplaceAll(edit, "\n", "\r\n"))
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "program?done=publish" {
		t.Fatalf("%d %q: %s", w.Code, got, words(w.Body.String()))
	}
	s.see("/program?done=publish", "It is published", "summer")
	s.see("/message?id=summer", "summer")
	if len(kept) != 1 || kept[0] != edit {
		t.Errorf("kept %q", kept)
	}

	// Who began with the text before is told, and may insist.
	other := strings.Replace(programText, `"every": "1h"`, `"every": "3h"`, 1)
	w = late.do("publish", other)
	shows(t, w, http.StatusConflict, "Somebody else has published another program meanwhile.", "removed", "summer", "Publish it in the place of theirs")
	if len(kept) != 1 {
		t.Fatal("it is published all the same")
	}
	shows(t, late.do("check", other), 200, "Somebody else has published")
	late = s.edit()
	if w := late.do("publish", other); w.Code != http.StatusSeeOther || len(kept) != 2 {
		t.Errorf("insisting: %d", w.Code)
	}

	// D1: what only Publish knows is a fault, too, and changes nothing.
	mode := strings.Replace(other, `"id": "letter",`, `"id": "letter", "trigger": {"event": "e"},`, 1)
	shows(t, s.edit().do("publish", mode), http.StatusUnprocessableEntity, "1 fault", "mode_fixed")
	if len(kept) != 2 {
		t.Error("it is kept")
	}
	s.see("/messages", "email ongoing")
}

// Two publish at the same moment: the second loses, also where the page did not see it.
func TestProgram(t *testing.T) {
	s := newSite(t, programText)
	p := beckonui.NewProgram(s.engine, []byte(`{}`), func(context.Context, []byte) error { return errSecret })
	ctx := t.Context()
	if err := p.Publish(ctx, []byte("{ }"), []byte(`{}`)); !errors.Is(err, beckonui.ErrChanged) {
		t.Errorf("another base: %v", err)
	}
	if err := p.Publish(ctx, []byte(`{}`), []byte(`{"x": 1}`)); !errors.Is(err, beckon.ErrProgramInvalid) {
		t.Errorf("a bad program: %v", err)
	}
	if err := p.Publish(ctx, []byte(`{}`), []byte(`{"messages": []}`)); !errors.Is(err, errSecret) {
		t.Errorf("what keep returned: %v", err)
	}
	if text, err := p.Text(ctx); err != nil || string(text) != `{"messages": []}` {
		t.Errorf("%s %v", text, err)
	}
}

// racing is a source that somebody else publishes to while a page does.
type racing struct{ texts []string }

func (r *racing) Text(context.Context) ([]byte, error) {
	text := r.texts[0]
	if len(r.texts) > 1 {
		r.texts = r.texts[1:]
	}
	return []byte(text), nil
}

func (*racing) Publish(context.Context, []byte, []byte) error { return beckonui.ErrChanged }

func TestEditorRace(t *testing.T) {
	theirs := strings.Replace(programText, `"id": "sale"`, `"id": "theirs"`, 1)
	s := newSite(t, programText, beckonui.AllowEdits(everybody), beckonui.WithProgram(&racing{[]string{programText, programText, theirs}}))
	w := s.edit().do("publish", strings.Replace(programText, `"every": "1h"`, `"every": "2h"`, 1))
	shows(t, w, http.StatusConflict, "Somebody else", "theirs", "Publish it in the place of theirs")
}

// The keeper's failure is reported, and not shown.
func TestEditorKeepFails(t *testing.T) {
	s := newSite(t, programText)
	s.Handler = beckonui.Handler(s.engine, beckonui.AllowEdits(everybody), beckonui.WithErrors(func(_ *http.Request, err error) { s.errors = append(s.errors, err) }),
		beckonui.WithProgram(beckonui.NewProgram(s.engine, []byte(programText), func(context.Context, []byte) error { return errSecret })))
	w := s.edit().do("publish", `{}`)
	if strings.Contains(w.Body.String(), "hunter2") || w.Code != http.StatusServiceUnavailable || len(s.errors) != 1 {
		t.Errorf("%d %v", w.Code, s.errors)
	}
}

func TestEditorTooLong(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(everybody))
	d := s.edit()
	shows(t, d.do("check", strings.Repeat(" ", beckonui.MaxEditorBytes+1)), http.StatusRequestEntityTooLarge, "too long")
	shows(t, d.do("check", strings.Repeat("é", 3*beckonui.MaxEditorBytes)), http.StatusRequestEntityTooLarge, "too long")
	s.Handler = beckonui.Handler(s.engine, beckonui.WithProgram(fixed("{}"+strings.Repeat(" ", beckonui.MaxEditorBytes))))
	body := s.get("/program")
	if len(body) > 20_000 || !strings.Contains(body, "too long to be edited here") {
		t.Errorf("%d bytes", len(body))
	}
}

// A backtest says what the edit would have changed, and changes nothing.
func TestBacktest(t *testing.T) {
	var list []replay.Step
	for i := range 10 {
		at := noon.Add(time.Duration(i) * 40 * time.Minute)
		list = append(list, replay.Track(at, beckon.Event{Name: "upload-complete", UserID: "u" + itoa(i%2), Metadata: beckon.Fields{beckon.F("minutes", 5)}}))
	}
	var bad error = &replay.LineError{Line: 11, Err: errSecret}
	history := func(context.Context) iter.Seq2[replay.Step, error] {
		return func(yield func(replay.Step, error) bool) {
			for _, s := range list {
				if !yield(s, nil) {
					return
				}
			}
			yield(replay.Step{}, bad)
		}
	}
	s := newSite(t, programText, beckonui.WithHistory(history))
	d := s.edit()
	shows(t, d.do("check", programText), 200, "Nothing is different")
	shows(t, d.do("backtest", programText), 200, "11 steps, from 2 Mar 2026, 12:00 UTC to", "would have changed no send")
	w := d.do("backtest", strings.Replace(programText, `"every": "1h"`, `"every": "2h"`, 1))
	shows(t, w, 200, "1 change", "Over what happened", "1 of them refused", "adds 0 and removes", "sends, of 2 contacts", "Why steps were refused", "it cannot be read step 10", "Steps count from 0.", "Message Live Edited Added Removed", "ready 10 6 – −4", "removed ready to u0 at")
	if len(s.errors) != 2 || !errors.Is(s.errors[0], bad) {
		t.Errorf("reported %v", s.errors)
	}
	if all, _ := s.engine.Totals(t.Context(), "ready"); all.Judged != 0 {
		t.Error("a backtest counts")
	}
	bad, s.errors = errSecret, nil
	w = d.do("backtest", programText)
	shows(t, w, http.StatusServiceUnavailable, "did not work just now")
	if strings.Contains(w.Body.String(), "hunter2") || len(s.errors) != 1 {
		t.Errorf("a history that fails: reported %v", s.errors)
	}
	shows(t, d.do("backtest", `{"messages": 7}`), http.StatusUnprocessableEntity, "1 fault")
}

// One backtest runs at a time.
func TestBacktestBusy(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	s := newSite(t, programText, beckonui.WithHistory(func(context.Context) iter.Seq2[replay.Step, error] {
		return func(func(replay.Step, error) bool) { close(begun); <-end }
	}))
	d := s.edit()
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- d.do("backtest", programText) }()
	<-begun
	shows(t, d.do("backtest", programText), 200, "Another backtest is running")
	close(end)
	shows(t, <-first, 200, "0 steps")
}

// What cannot end is cut.
func TestBacktestCut(t *testing.T) {
	if testing.Short() {
		t.Skip("half a million steps")
	}
	s := newSite(t, programText, beckonui.WithHistory(func(context.Context) iter.Seq2[replay.Step, error] {
		return func(yield func(replay.Step, error) bool) {
			for i := 0; yield(replay.Track(noon.Add(time.Duration(i)*time.Second), beckon.Event{Name: "e", UserID: "u"}), nil); i++ {
			}
		}
	}))
	shows(t, s.edit().do("backtest", `{}`), 200, "500,000 steps", "There is more history than was played.")
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{programText, `{"messages": [{"id": 7}]}`, "{\n\"a\"", `{"messages": [{"id": "x", "content": {"body": "{{ a"}}]}`, "", "\xff", `[]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := newSite(t, programText)
		w := s.edit().do("check", text)
		if w.Code >= 500 || len(s.errors) > 0 || inlined(w.Body.String()) != "" {
			t.Errorf("%d %v %s", w.Code, s.errors, inlined(w.Body.String()))
		}
	})
}

// Why steps were refused is told, of each kind once; what a host's own errors say is not shown.
func TestBacktestRefusals(t *testing.T) {
	nothing := func(context.Context, *beckon.Engine) (beckon.Result, error) { return beckon.Result{}, errSecret }
	panics := func(context.Context, *beckon.Engine) (beckon.Result, error) { panic("hunter2") }
	history := func(context.Context) iter.Seq2[replay.Step, error] {
		return func(yield func(replay.Step, error) bool) {
			for s, err := range replay.Lines(strings.NewReader(`{"at": "2026-03-02T12:00:00Z", "jump": {}}`)) {
				yield(s, err)
			}
			for range 1200 {
				yield(replay.Track(noon, beckon.Event{Name: "upload-complete"}), nil) // of nobody
			}
			yield(replay.Call(noon, nothing), nil)
			yield(replay.Call(noon, panics), nil)
			for i := range replay.MaxRefusals {
				yield(replay.Call(noon, func(context.Context, *beckon.Engine) (beckon.Result, error) {
					return beckon.Result{}, beckon.ErrorList{{Code: beckon.Code("code_" + itoa(i)), Message: "<b>no</b>"}}
				}), nil)
			}
		}
	}
	s := newSite(t, programText, beckonui.WithHistory(history))
	w := s.edit().do("backtest", programText)
	shows(t, w, 200, "of them refused", "Why steps were refused", "line 1: step.jump: unknown verb", "step 0", "must name the contact", "1,200 steps; this is of the first, step 1", "it failed step 1,201", "it failed step 1,202", "<b>no</b> (code_0)", "code_15", "Steps count from 0. 4 more were refused for other reasons.")
	body := w.Body.String()
	if strings.Contains(body, "hunter2") || strings.Contains(body, "<b>no</b>") {
		t.Error("it shows what the host's errors say, or shows them as HTML")
	}
	accessible(t, "program", body)
	if len(s.errors) != 3 || !strings.Contains(s.errors[1].Error(), "hunter2") {
		t.Errorf("reported %v", s.errors)
	}
}
