package vet_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/vet"
	"github.com/beckon-go/beckon/memstore"
)

const catalogue = `{"events":[{"name":"old","archived":true},{"name":"bought","metadata":[{"key":"price","types":["monetary","number"]}]}],"attributes":["plan","age"]}`

// With a catalogue, names are known by what came; without, none is unknown.
func TestCatalogue(t *testing.T) {
	for _, c := range []struct{ doc, want string }{
		{message(`"trigger":{"event":"old"}`), "never_sends messages[0]"},
		{message(`"trigger":{"event":"bouhgt"}`), "unknown_event messages[0].trigger.event"},
		{message(`"trigger":{"event":"bought","where":{"metadata":"price","op":"is","value":"x"}}`), "wrong_type messages[0].trigger.where.value"},
		{message(`"trigger":{"event":"bought","where":{"metadata":"price","op":"at_least","value":1}}`), ""},
		{audience(`{"user":"plam","op":"is","value":"x"}`), "unknown_attribute messages[0].audience.user"},
		{audience(`{"all":[{"user":"plan","op":"is","value":"x"},{"user":"email","op":"has_any_value"}]}`), ""},
		{strings.Replace(message(`"priority":1`), `"body":"x"`, `"body":"{{ user.plam }} {{ nmae }}"`, 1), "unknown_attribute messages[0].content.body"},
	} {
		if got := strings.Join(check(t, c.doc, catalogue), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
		if got := check(t, c.doc, ""); len(got) > 0 {
			t.Errorf("%s\nwithout a catalogue: %s", c.doc, got)
		}
	}
	// What a series sets is known, too.
	series := func(sets, asks string) string {
		return `{"series":[{"id":"s","entry":{"trigger":{"event":"bought"}},"exit":{"user":"` + asks + `","op":"is","value":true},"blocks":[{"id":"b","update":{"attributes":{` + sets + `}}}]}]}`
	}
	for _, c := range []struct{ doc, want string }{
		{series(`"onboarded":true`, "onboarded"), ""},
		{series(`"onboarded":true`, "onbaorded"), "unknown_attribute series[0].exit.user"},
		{series(`"onboarded":null`, "onboarded"), "unknown_attribute series[0].exit.user"},
		{series(`"plam":"pro"`, "plam"), "unknown_attribute series[0].blocks[0].update.attributes.plam"},
		{series(`"plan":"pro"`, "plan"), ""},
	} {
		if got := strings.Join(check(t, c.doc, catalogue), ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
	// What a catalogue leaves out is empty.
	const zork = "unknown_event messages[0].trigger.event"
	plam := audience(`{"user":"plam","op":"is","value":"x"}`)
	for _, c := range []struct{ doc, known, want string }{
		{message(`"trigger":{"event":"zork"}`), `{"attributes":["plan"]}`, zork},
		{message(`"trigger":{"event":"zork"}`), `{"events":[]}`, zork},
		{message(`"trigger":{"event":"zork"}`), `{}`, zork},
		{message(`"trigger":{"event":"zork"}`), `{"events":[{"name":"zork"}]}`, ""},
		{plam, `{"events":[{"name":"zork"}]}`, "unknown_attribute messages[0].audience.user"},
		{plam, `{"attributes":[]}`, "unknown_attribute messages[0].audience.user"},
		{plam, `{}`, "unknown_attribute messages[0].audience.user"},
		{plam, `{"attributes":["plam"]}`, ""},
		{where(`{"metadata":"price","op":"is","value":1}`), `{"events":[{"name":"e","metadata":[{"key":"Price"}]}]}`, ""}, // whatever its letter case
		{audience(`{"user":"email","op":"has_any_value"}`), `{}`, ""},
	} {
		if got := strings.Join(check(t, c.doc, c.known), ", "); got != c.want {
			t.Errorf("%s\nwith %s\ngot  %s\nwant %s", c.doc, c.known, got, c.want)
		}
	}
}

// A catalogue is read strictly.
func TestCatalogueFaults(t *testing.T) {
	for _, c := range []struct{ known, want string }{
		{`{"events":[{"nam":"x"}]}`, "events[0].nam"},
		{`{"events":[{"name":"a"},{"name":"b","metadata":[{"key":"k","types":["string","nubmer"]}]}]}`, "events[1].metadata[0].types[1]"},
		{`{"events":[{"name":"a","keys":[{"key":"k","types":["text","String",""]}]}]}`, "events[0].keys[0].types[0] events[0].keys[0].types[1] events[0].keys[0].types[2]"},
		{`{"events":[{"name":"a","metadata":[{"key":"k","types":"string"}]}]}`, "events[0].metadata[0].types"},
		{`{"events":[{"name":"a","metadata":[{"key":"k","types":[1]}]}]}`, "events[0].metadata[0].types[0]"},
		{`{"events":[{"name":"a","metadata":[{"key":"k","types":["string","number","boolean","date","link","rich_link","image","stripe","monetary"]},{"key":"j","types":[]},{"key":"i"}]}]}`, ""},
	} {
		_, faults := vet.ParseCatalogue([]byte(c.known))
		var paths []string
		for _, f := range faults {
			paths = append(paths, f.Path)
		}
		if got := strings.Join(paths, " "); got != c.want {
			t.Errorf("%s: %s, want %s: %v", c.known, got, c.want, faults)
		}
	}
	_, faults := vet.ParseCatalogue([]byte(`{"events":[{"name":"a","metadata":[{"key":"k","types":["nubmer"]}]}]}`))
	if len(faults) != 1 || !strings.Contains(faults[0].Message, `did you mean "number"?`) {
		t.Errorf("%v", faults)
	}
}

// What an engine has recorded is a catalogue, in Go and as JSON.
func TestCatalogueOfAnEngine(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	body := `{"event_name":"bought","user_id":"u","metadata":{"text":"x","n":1,"yes":true,"on_date":1389913941,"link":"https://a.example","rich":{"url":"https://a.example","value":"x"},"image":"https://a.example/a.png","stripe_customer":"cus_1","price":{"amount":1,"currency":"eur"}}}`
	e, err := beckon.ParseEvent(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Track(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	known, err := engine.Catalogue(t.Context())
	if err != nil || len(known) != 1 || len(known[0].Keys) != 9 {
		t.Fatal(known, err)
	}
	doc, err := json.Marshal(known)
	if err != nil {
		t.Fatal(err)
	}
	if c, faults := vet.ParseCatalogue([]byte(`{"events":` + string(doc) + `}`)); len(faults) > 0 || len(c.Events[0].Keys) != 9 {
		t.Error(faults)
	}
	program, err := beckon.ParseProgram([]byte(where(`{"metadata":"yes","op":"is","value":1}`)))
	if err != nil {
		t.Fatal(err)
	}
	program.Messages[0].Trigger.Event = "bought"
	if list, err := beckon.Vet(program, known, nil); err != nil || len(list) != 1 || list[0].Code != vet.WrongType {
		t.Error(list, err)
	}
	known[0].Keys[8].Types = []string{"monetary", "money"}
	var faults beckon.ErrorList
	if _, err := beckon.Vet(program, known, nil); !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "known[0].keys[8].types[1]" {
		t.Error(err)
	}
}
