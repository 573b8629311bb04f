package beckonhttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/memstore"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A world is an engine behind a door.
type world struct {
	t      *testing.T
	engine *beckon.Engine
	now    time.Time
	door   http.Handler
	prefix string // of the door in docs/openapi.yaml; empty: its exchanges are not kept

	mu      sync.Mutex
	results []beckon.Result // what was handed on
	errs    []error         // what was reported
}

// program has a message for each channel that an event or a visit can reach.
func program() beckon.Program {
	each := func(id string, channel beckon.Channel, event string) beckon.Message {
		return beckon.Message{
			ID: id, Channel: channel, Status: beckon.Live, Trigger: beckon.On(event), Frequency: beckon.EachTime(),
			Content: beckon.Content{Body: "{{ event.file_name | fallback: \"nothing\" }}"},
		}
	}
	return beckon.Program{Messages: []beckon.Message{
		each("chat", beckon.Chat, "upload-complete"), each("banner", beckon.Banner, "upload-complete"), each("mail", beckon.Email, "upload-complete"),
		{ID: "ongoing-mail", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "Hello"}},
		{ID: "ongoing-post", Channel: beckon.Post, Status: beckon.Live, Content: beckon.Content{Body: "News"}},
	}}
}

// newWorld returns an engine; the door is made of it.
func newWorld(t *testing.T, door func(w *world) http.Handler, opts ...beckon.Option) *world {
	t.Helper()
	w := &world{t: t, now: start}
	engine, err := beckon.New(memstore.New(), append([]beckon.Option{beckon.WithClock(w.clock)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), program()); err != nil {
		t.Fatal(err)
	}
	w.engine = engine
	w.door = door(w)
	return w
}

// restWorld is one whose door is the REST interface.
func restWorld(t *testing.T, opts ...beckonhttp.Option) *world {
	t.Helper()
	return newWorld(t, func(w *world) http.Handler {
		w.prefix = "/api"
		return beckonhttp.REST(w.engine, beckonhttp.Tokens("secret"), append(w.hooks(), opts...)...)
	})
}

// hooks are the options by which a world sees what a door hands on.
func (w *world) hooks() []beckonhttp.Option {
	return []beckonhttp.Option{
		beckonhttp.WithClock(w.clock),
		beckonhttp.WithResults(func(_ context.Context, res beckon.Result) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.results = append(w.results, res)
		}),
		beckonhttp.WithErrors(func(_ *http.Request, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.errs = append(w.errs, err)
		}),
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// request asks the door, as a client with a token, and returns the answer. change may
// change the request first.
func (w *world) request(method, path, body string, change ...func(*http.Request)) *http.Response {
	w.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, reader)
	r.Header.Set("Authorization", "Bearer secret")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	exchanges.add(w.prefix, r, body, rec)
	return rec.Result()
}

// Exchanges are the requests of these tests, with their answers. BECKON_EXCHANGES names a
// file to write them to, one a line: module conformance compares them with
// docs/openapi.yaml.
type exchangeLog struct {
	mu   sync.Mutex
	list []exchange
}

type exchange struct {
	Method, URL  string
	Header       http.Header
	Body         string
	Status       int
	AnswerHeader http.Header
	Answer       string
}

var exchanges exchangeLog

func (l *exchangeLog) add(prefix string, r *http.Request, body string, rec *httptest.ResponseRecorder) {
	if prefix == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, exchange{r.Method, prefix + r.URL.RequestURI(), r.Header, body, rec.Code, rec.Header(), rec.Body.String()})
}

func TestMain(m *testing.M) {
	code := m.Run()
	if name := os.Getenv("BECKON_EXCHANGES"); name != "" && code == 0 {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		for _, x := range exchanges.list {
			if err := enc.Encode(x); err != nil {
				panic(err)
			}
		}
		if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
			panic(err)
		}
	}
	os.Exit(code)
}

// ask is request, and wants a status. It returns the body.
func (w *world) ask(status int, method, path, body string, change ...func(*http.Request)) string {
	w.t.Helper()
	res := w.request(method, path, body, change...)
	text := read(w.t, res)
	if res.StatusCode != status {
		w.t.Errorf("%s %s %s: %s\n%s", method, path, body, res.Status, text)
	}
	if res.StatusCode >= 400 {
		wantErrorList(w.t, text)
	}
	return text
}

// refused is ask for a refusal with one code and one field.
func (w *world) refused(status int, code beckon.Code, field, method, path, body string, change ...func(*http.Request)) {
	w.t.Helper()
	text := w.ask(status, method, path, body, change...)
	var got struct {
		Errors []struct{ Code, Field string }
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Errors) != 1 || got.Errors[0].Code != string(code) || got.Errors[0].Field != field {
		w.t.Errorf("%s %s %s: want %s at %q, got %s", method, path, body, code, field, text)
	}
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// wantErrorList checks what clients need of every refusal.
func wantErrorList(t *testing.T, body string) {
	t.Helper()
	var got struct {
		Type      string
		RequestID string `json:"request_id"`
		Errors    []struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Type != "error.list" || got.RequestID == "" || len(got.Errors) == 0 {
		t.Errorf("no list of errors: %s", body)
	}
	for _, e := range got.Errors {
		if e.Code == "" || e.Message == "" {
			t.Errorf("an error says nothing: %s", body)
		}
	}
}

// fields returns what some members of a body are, as JSON.
func fields(t *testing.T, body string, names ...string) string {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	var out []string
	for _, name := range names {
		out = append(out, string(all[name]))
	}
	return strings.Join(out, " ")
}

// sent returns the ids of the messages that were handed on, and forgets them.
func (w *world) sent() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []string
	for _, res := range w.results {
		for _, d := range res.Deliveries {
			ids = append(ids, d.Message)
		}
	}
	w.results = nil
	return strings.Join(ids, " ")
}
