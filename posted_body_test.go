package beckon_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/memstore"
)

// TrackJSON reads bodies into memory that it uses again, and decodes those of a shape that it
// knows in a shorter way. Neither is to be seen: of many bodies there comes what comes of the
// same ones in memory of their own, and what was returned and kept does not change when the
// next ones are read.
func TestPostedBodies(t *testing.T) {
	program := beckon.Program{
		Events: map[string]beckon.EventDeclaration{"declared": {
			Metadata: map[string]beckon.KeyDeclaration{"n": {Type: "number"}}, Others: beckon.OthersWarn,
		}},
		Messages: []beckon.Message{
			{ID: "sent", Status: beckon.Live, Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{
				Subject: "{{event.text}}", Body: "{{event.text}}", Data: map[string]string{"a": "{{event.text}}"}, Parameters: map[string]string{"b": "event.text"},
			}},
			{ID: "held", Status: beckon.Live, Trigger: beckon.On("go"), Audience: beckon.User("plan").Is("none"), Content: beckon.Content{Body: "b"}},
			{ID: "waits", Status: beckon.Live, Trigger: beckon.On("go").Unless("stop", beckon.Days(1), "text"), Content: beckon.Content{Body: "{{event.text}}"}},
			{ID: "later", Status: beckon.Live, Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: beckon.Days(1), Wait: beckon.Days(2)}, Content: beckon.Content{Body: "{{event.text}}"}},
			{ID: "each", Status: beckon.Live, Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: beckon.Days(1), Per: "text"}, Content: beckon.Content{Body: "{{event.text}}"}},
			{ID: "of declared", Status: beckon.Live, Trigger: beckon.On("declared"), Content: beckon.Content{Body: "b"}},
		},
	}
	// %s is another text each time, of the same length.
	bodies := []string{
		`{"event_name":"go","user_id":"u1","metadata":{"text":"%s"}}`,
		`{"event_name":"go","user_id":"u1","event_id":"%s","metadata":{"text":"%s","n":1.50}}`,
		`{"event_name":"go","user_id":"u-%s","metadata":{"text":"%s"}}`,
		`{"event_name":"go","id":"i-%s","source":"rest","metadata":{"text":"%s"}}`,
		`{"event_name":"go","email":"%s@example.com","metadata":{"text":"https://example.com/%s.png"}}`,
		`{"event_name":"go","anonymous_id":"a-%s","metadata":{"link":{"url":"https://example.com/%s","value":"%s"}}}`,
		`{"event_name":"Go","user_id":"u1","metadata":{"Text":"%s"}}`,
		`{"user_id":"u1","event_name":"go","metadata":{"text":"%s"}}`,
		`{"event_name":"go","user_id":"u1","company_id":"%s","metadata":{"text":"%s"}}`,
		`{"event_name":"go","user_id":"u1","page":{"url":"https://example.com/%s"},"metadata":{"text":"%s"}}`,
		`{"event_name":"go","user_id":"u1","userId":"%s","metadata":{"text":"%s"}}`,
		`{"event_name":"go","user_id":"u1","metadata":{"text":"%s","TEXT":"%s"}}`,
		`{"event_name":"go","user_id":"u1","metadata":{"key %s":"%s"}}`,
		`{"event_name":"go","user_id":"u1","metadata":{"url":"https://%s@example.com/\u202e"}}`,
		`{"event_name":"go","user_id":"u1","source":"%s"}`,
		`{"event_name":"go","user_id":1.5,"metadata":{"text":"%s"}}`,
		`{"event_name":"go","user_id":"u1","user_id":"%s"}`,
		`{"event_name":"go","metadata":{"text":"%s"}}`,
		`{"event_name":"go","user_id":"u1","metadata":{"text":"%s"`,
		`{"event_name":"go","user_id":"u1","metadata":{"text":"` + strings.Repeat("long ", 1000) + `%s"}}`,
		`{"event_name":"stop","user_id":"u1","metadata":{"text":"%s"}}`,
		`{"event_name":"new %s","user_id":"u1","metadata":{"k%s":1}}`,
		`{"event_name":"declared","user_id":"u1","metadata":{"n":"%s"}}`,
		`{"event_name":"declared","user_id":"u1","metadata":{"m%s":1}}`,
		`%s`, ``,
	}
	type side struct {
		engine *beckon.Engine
		track  func(body string) (beckon.Result, error)
		seen   []string // as it was returned
		kept   []func() string
	}
	now := new(hand)
	now.set(noon)
	newSide := func(reader func(body string) io.Reader) *side {
		e, err := beckon.New(memstore.New(), beckon.WithClock(now.now))
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Publish(t.Context(), program); err != nil {
			t.Fatal(err)
		}
		return &side{engine: e, track: func(body string) (beckon.Result, error) { return e.TrackJSON(t.Context(), reader(body)) }}
	}
	own := newSide(func(body string) io.Reader {
		text := new(ojson.Text)
		text.Reset(body)
		return text
	})
	sides := []*side{
		own,
		newSide(func(body string) io.Reader { return strings.NewReader(body) }),
		newSide(func(body string) io.Reader { return struct{ io.Reader }{strings.NewReader(body)} }),
	}
	asJSON := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	var sent []string
	for round := range 40 {
		for i, form := range bodies {
			// Several of the same shape in a row, so that it is learned, and then another.
			for again := range 3 {
				word := fmt.Sprintf("%02d%02d%d", round, i, again)
				body := strings.ReplaceAll(form, "%s", word)
				sent = append(sent, body)
				for _, s := range sides {
					res, err := s.track(body)
					show := func() string { return fmt.Sprintf("%s %v", asJSON(res), err) }
					s.seen, s.kept = append(s.seen, show()), append(s.kept, show)
				}
				now.add(1e9)
			}
		}
	}
	exported := func(s *side) string {
		var all strings.Builder
		for who, err := range s.engine.Match(t.Context(), beckon.Rule{}) {
			if err != nil {
				t.Fatal(err)
			}
			x, known, err := s.engine.Export(t.Context(), who)
			if err != nil || !known {
				t.Fatal(known, err)
			}
			all.WriteString(asJSON(x) + "\n")
		}
		list, err := s.engine.Catalogue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all.String() + asJSON(list)
	}
	want := exported(own)
	for n, s := range sides {
		for i, show := range s.kept {
			if got := show(); got != own.seen[i] || got != s.seen[i] {
				t.Fatalf("side %d, %s\ncame to %s\nand is   %s\nwant    %s", n, sent[i], s.seen[i], got, own.seen[i])
			}
		}
		if got := exported(s); got != want {
			t.Errorf("side %d has kept %d bytes of something else than %d", n, len(got), len(want))
		}
	}
}
