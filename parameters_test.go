package beckon

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/beckon-go/beckon/value"
)

// R5: a parameter is the value that its variable names, with its type.
func TestParameters(t *testing.T) {
	r, err := NewRenderer(Content{Parameters: map[string]string{
		"order": "event.order", "price": " event.price ", "image": `event["the image"]`, "count": "event.count", "when": "event.starts_date", "gift": "event.gift",
		"who": "name", "plan": "user.custom_attributes.plan", "tags": "user.tags", "since": "user.created_at", "team": "company.name",
		"empty": "event.empty", "filled": "event.empty | fallback: 'none'", "default": `event.unknown | fallback: "x"`, "gone": "event.unknown",
	}})
	if err != nil {
		t.Fatal(err)
	}
	vars := Vars{
		User:    Attributes{"name": String("Ada <b>"), "plan": String("pro"), "tags": List("a", "b"), "created_at": Date(time.Unix(1_700_000_000, 0))},
		Company: Attributes{"name": String("Acme")},
		Event: Fields{
			{Key: "order", Value: RichLink("https://h.example/", "TX18")},
			{Key: "price", Value: Monetary(34999, "eur")},
			{Key: "the image", Value: String("https://h.example/a.png")},
			{Key: "count", Value: NumberLiteral("1.50")},
			{Key: "starts_date", Value: NumberLiteral("1389913941")},
			{Key: "gift", Value: Bool(false)},
			{Key: "empty", Value: String("")},
		},
	}
	out, err := r.Render(vars)
	if err != nil || !out.Missing {
		t.Fatalf("%+v, %v", out, err)
	}
	const want = `{"count":1.50,"default":"x","empty":"","filled":"none","gift":false,"image":"https://h.example/a.png","order":{"url":"https://h.example/","value":"TX18"},` +
		`"plan":"pro","price":{"amount":34999,"currency":"eur"},"since":1700000000,"tags":["a","b"],"team":"Acme","when":1389913941,"who":"Ada \u003cb\u003e"}`
	if got, err := json.Marshal(out.Parameters); err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	for name, kind := range map[string]value.Kind{"order": value.KindRichLink, "price": value.KindMonetary, "image": value.KindImage, "count": value.KindNumber, "when": value.KindDate, "gift": value.KindBool, "tags": value.KindList, "since": value.KindDate} {
		if got := out.Parameters[name].Kind(); got != kind {
			t.Errorf("%s is a %s, want a %s", name, got, kind)
		}
	}
	if _, there := out.Parameters["gone"]; there {
		t.Error("what is unknown is there")
	}
	if unsafe.StringData(out.Parameters["who"].Text()) == unsafe.StringData(vars.User["name"].Text()) {
		t.Error("a parameter keeps alive what its text is a part of")
	}
	clear(out.Parameters) // the caller's own
	if again, err := r.Render(vars); err != nil || len(again.Parameters) != 14 {
		t.Errorf("%+v, %v", again, err)
	}
}

// R3, R5: what only a parameter shows holds a message, too.
func TestParametersThatMiss(t *testing.T) {
	for _, c := range []struct {
		ref     string
		missing bool
	}{{"event.x", true}, {"event.x | fallback: ''", false}, {"event.empty", false}, {"name", true}} {
		r, err := NewRenderer(Content{Body: "b", Missing: MissingHold, Parameters: map[string]string{"p": c.ref}})
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.Render(Vars{Event: Fields{{Key: "empty", Value: String("")}}})
		if err != nil || out.Missing != c.missing || (out.Body == "") != c.missing {
			t.Errorf("%s: %+v, %v", c.ref, out, err)
		}
	}
}

func TestParameterFaults(t *testing.T) {
	for ref, says := range map[string]string{
		"":                            "names a variable, such as event.order",
		"  ":                          "names a variable",
		"{{ event.order }}":           "without braces",
		"event.order }}":              `expected "|" or the end, found "}"`,
		"event.order event.x":         `expected "|" or the end, found "e"`,
		"event":                       "write event.NAME",
		"order.id":                    "unknown namespace",
		"event.":                      "expected a name, found the end",
		`"text"`:                      "belongs in data",
		`event.x | money: "de"`:       "of the filters it takes fallback alone",
		`event.x | date: "2006"`:      "of the filters it takes fallback alone",
		`event.x | upper`:             "line 1, column 11: ",
		"event.x | fallback":          "fallback takes one text",
		"\n  event.x }":               "line 2, column 11: ",
		"event.\xff":                  "not valid UTF-8",
		strings.Repeat("x", 262_145):  "has 262145 bytes; at most 262144",
		`event["a.b"]`:                "must not contain '.'",
		`event.x | fallback: "a" | x`: "unknown filter",
	} {
		_, err := NewRenderer(Content{Parameters: map[string]string{"p": ref}})
		var list ErrorList
		if !errors.As(err, &list) || len(list) != 1 || list[0].Path != "parameters.p" || !strings.Contains(list[0].Message, says) {
			t.Errorf("%.40q: %v, want %s", ref, err, says)
		}
	}
	for _, name := range []string{"", "a.b", "$x", "a\x00", "\xff", strings.Repeat("x", 256)} {
		if _, err := NewRenderer(Content{Parameters: map[string]string{name: "event.x"}}); !errors.Is(err, ErrProgramInvalid) || strings.Count(err.Error(), "\n") > 1 {
			t.Errorf("the name %.20q: %v", name, err)
		}
	}
	few := WithRenderLimits(RenderLimits{TemplateVariables: 2, TemplateSize: 20, RenderedSize: 10})
	if _, err := NewRenderer(Content{Parameters: map[string]string{"a": "x", "b": "x", "c": "x"}}, few); err == nil || !strings.Contains(err.Error(), "parameters: 3 parameters; at most 2") {
		t.Errorf("too many: %v", err)
	}
	r, err := NewRenderer(Content{Body: "{{ x }}", Parameters: map[string]string{"ab": "x", "cd": "y | fallback: 'z'"}}, few)
	if err != nil {
		t.Fatal(err)
	}
	for text, ok := range map[string]bool{"12": true, "123": false} { // the body, ab and the value, cd and z
		out, err := r.Render(Vars{User: Attributes{"x": String(text)}})
		var e *Error
		if ok && err != nil || !ok && (!errors.As(err, &e) || e.Code != ErrRenderTooLarge || e.Field != "parameters.cd" || out.Parameters != nil) {
			t.Errorf("%s: %+v, %v", text, out, err)
		}
	}
	// In a program the path is that of the message, and a message without an event has none (R2).
	_, faults := compile(Program{Messages: []Message{{ID: "m", Channel: Email, Content: Content{Parameters: map[string]string{"who": "user.name", "order": "event.order"}}}}}, new(config))
	if err := raise(faults); err == nil || !strings.Contains(err.Error(), "messages[0].content.parameters.order") || strings.Contains(err.Error(), "who") {
		t.Errorf("%v", err)
	}
}

// D2: a parameter that is the company's makes a message one about companies.
func TestParametersUseTheCompany(t *testing.T) {
	for ref, uses := range map[string]bool{"company.name": true, "name": false} {
		cfg := defaultConfig()
		p, faults := compile(Program{Messages: []Message{{ID: "m", Channel: Email, Content: Content{Parameters: map[string]string{"p": ref}}}}}, &cfg)
		if len(faults) > 0 || p.Messages[0].UsesCompany != uses {
			t.Errorf("%s: %v", ref, faults)
		}
	}
}

// A delivery's JSON has the form of each value, and they come back from it.
func TestParametersJSON(t *testing.T) {
	long := strings.Repeat("x", 20_000)
	d := Delivery{ID: "d", Parameters: map[string]Value{
		"order": RichLink("https://h.example/", "TX18"), "price": Monetary(-5, "jpy"), "image": Image("https://h.example/a.png"), "n": NumberLiteral("12909364407.50"),
		"yes": Bool(true), "tags": List("a", "https://h.example/"), "none": List(), "text": String(long), "nothing": String(""), "like": String("https://"),
		"starts_date": Date(time.Unix(1_389_913_941, 0)),
	}}
	written, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var again Delivery
	if err := json.Unmarshal(written, &again); err != nil {
		t.Fatal(err)
	}
	for name, v := range d.Parameters {
		if got := again.Parameters[name]; got.Kind() != v.Kind() || !got.Equal(v) {
			t.Errorf("%s: got %v %v, want %v %v", name, got.Kind(), got, v.Kind(), v)
		}
	}
	if rewritten, err := json.Marshal(again); err != nil || string(rewritten) != string(written) || len(again.Parameters) != len(d.Parameters) {
		t.Errorf("%s, %v", rewritten, err)
	}
	for _, bad := range []string{`{"a":null}`, `{"a":{"b":1}}`, `{"a":[1]}`, `[]`, `{"a":1e999}`} {
		if err := json.Unmarshal([]byte(`{"parameters":`+bad+`}`), &again); err == nil {
			t.Errorf("%s was read: %v", bad, again.Parameters)
		}
	}
	for _, none := range []string{`{}`, `{"parameters":{}}`, `{"parameters":null}`} {
		if err := json.Unmarshal([]byte(none), &again); err != nil || again.Parameters != nil {
			t.Errorf("%s: %v, %v", none, again.Parameters, err)
		}
	}
	var got map[string]json.RawMessage
	written, err = json.Marshal(Delivery{Message: "m", Body: "x"})
	if err != nil || json.Unmarshal(written, &got) != nil || got["parameters"] != nil || got["text"] != nil || got["format"] != nil {
		t.Errorf("without them: %s, %v", written, err)
	}
}
