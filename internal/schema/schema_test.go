package schema_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/internal/schema"
)

var update = flag.Bool("update", false, "write the schemas")

const published = "../../schema"

// The schemas that are checked in are the ones that are generated;
// "go test ./internal/schema -update" writes them.
func TestPublishedSchemas(t *testing.T) {
	files, err := schema.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		path := filepath.Join(published, name)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is not what is generated: run go test ./internal/schema -update", path)
		}
	}
	entries, err := os.ReadDir(published)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(files) {
		t.Errorf("%s has %d files, want %d", published, len(entries), len(files))
	}
}

func load(t *testing.T, name string) validator {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(published, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := plain(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return validator{root.(map[string]any)}
}

// check holds schema and decoder together over documents that both must
// accept, and documents that both must refuse.
func check(t *testing.T, name string, decode func(string) error, accept, refuse []string) {
	t.Helper()
	v := load(t, name)
	for _, doc := range accept {
		parsed, err := plain(doc)
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if p := v.problem(v.root, parsed, "$"); p != "" {
			t.Errorf("the schema refuses %s: %s", doc, p)
		}
		if err := decode(doc); err != nil {
			t.Errorf("the decoder refuses %s: %v", doc, err)
		}
	}
	for _, doc := range refuse {
		parsed, err := plain(doc)
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if v.valid(v.root, parsed) {
			t.Errorf("the schema accepts %s", doc)
		}
		if decode(doc) == nil {
			t.Errorf("the decoder accepts %s", doc)
		}
	}
	compare(t, v, name, decode, accept)
}

func wrap(prefix, suffix string, docs ...string) []string {
	out := make([]string, len(docs))
	for i, doc := range docs {
		out[i] = prefix + doc + suffix
	}
	return out
}

func decodeProgram(doc string) error {
	_, err := beckon.ParseProgram([]byte(doc))
	return err
}

func TestProgram(t *testing.T) {
	golden, err := filepath.Glob("../../testdata/programs/*.json")
	if err != nil || len(golden) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	var accept []string
	for _, file := range golden {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		accept = append(accept, string(doc))
	}
	accept = append(accept, wrap(`{"messages":[{`, `}]}`,
		``, `"channel":"custom:kiosk"`, `"frequency":{"every":"0s","max":3.0}`, `"frequency":{}`, `"control":1`, `"priority":-3`,
		`"trigger":{"date":"trial_ends_at","offset":"-3d"}`, `"live_at":"2026-01-05T00:00:00.25+02:00"`,
		`"schedule":{"windows":[{"from":"00:00","to":"24:00"}]}`, `"content":{"data":{"":"x"}}`, `"tags":[]`)...)
	accept = append(accept, wrap(`{"events":{"paid":{`, `}}}`,
		``, `"description":"x","others":"warn"`, `"metadata":{"price":{"type":"monetary","required":true,"values":[{"amount":100,"currency":"eur"}]},"order":{"type":"rich_link","values":[{"url":"https://a.example","value":"x"}]}}`,
		`"metadata":{"plan":{"values":["free",1,true]}}`)...)
	accept = append(accept, wrap(`{"segments":{"a":{`, `,"vet_ignore":["contradiction"]}}}`,
		`"user":"a","op":"is","value":1`, `"all":[]`, `"not":{"segment":"b"}`, `"segment":"b"`)...)
	accept = append(accept, `{"vet_ignore":["x"],"messages":[{"vet_ignore":["x"]}],"series":[{"vet_ignore":["x"]}]}`)
	check(t, "program", decodeProgram, accept, append(wrap(`{"messages":[{`, `}]}`,
		`"zebra":1`, `"id":1`, `"id":null`, `"channel":"Chat"`, `"channel":"custom:"`, `"mode":"oneoff"`, `"status":""`,
		`"live_at":"2026-01-05"`, `"live_at":1389913941`, `"frequency":{"max":0}`, `"frequency":{"max":1.5}`, `"frequency":{"every":"-1h"}`,
		`"frequency":{"every":"1 h"}`, `"frequency":{"every":"1.5h"}`, `"frequency":{"every":""}`, `"frequency":{"every":"1h1d"}`, `"frequency":"1h"`, `"control":"1"`, `"priority":0.5`,
		`"trigger":{"were":{}}`, `"schedule":{"windows":[{"from":"9:00"}]}`, `"schedule":{"windows":[{"to":"24:01"}]}`,
		`"schedule":{"windows":[{"days":["monday"]}]}`, `"schedule":{"outside":"wait"}`, `"content":{"format":"md"}`,
		`"content":{"data":{"a":1}}`, `"tags":"a"`, `"goal":{"within":"-1d","rule":{"all":[]}}`),
		`[]`, `{"events":[]}`, `{"events":{"a":1}}`, `{"events":{"a":{"other":"warn"}}}`, `{"events":{"a":{"others":"ignore"}}}`, `{"events":{"a":{"metadata":{"k":{"type":"text"}}}}}`,
		`{"events":{"a":{"metadata":{"k":{"required":1}}}}}`, `{"events":{"a":{"metadata":{"k":{"values":[null]}}}}}`, `{"events":{"a":{"metadata":{"k":{"values":"x"}}}}}`, `{"message":[]}`, `{"caps":[{"max":0}]}`, `{"segments":{"a":1}}`, `{"series":[{"blocks":[{"wait":3}]}]}`,
		// Within a rule no code is passed over but in a segment's own object.
		`{"segments":{"a":{"all":[{"segment":"b","vet_ignore":[]}]}}}`, `{"segments":{"a":{"not":{"all":[],"vet_ignore":["x"]}}}}`, `{"segments":{"a":{"all":[],"vet_ignore":"x"}}}`,
		`{"segments":{"a":{"event":"e","stat":"count","op":"is","value":0,"where":{"all":[],"vet_ignore":["x"]}}}}`, `{"messages":[{"audience":{"all":[],"vet_ignore":["x"]}}]}`,
		`{"messages":[{"trigger":{"event":"e","where":{"all":[],"vet_ignore":["x"]}}}]}`, `{"messages":[{"goal":{"rule":{"all":[],"vet_ignore":["x"]},"within":"1d"}}]}`,
		`{"series":[{"exit":{"all":[],"vet_ignore":["x"]}}]}`, `{"series":[{"blocks":[{"rule":{"user":"a","op":"is","value":1,"vet_ignore":["x"]}}]}]}`))
}

// The schema has every member that a part of a program has in Go, and no other.
func TestMembers(t *testing.T) {
	files, err := schema.Files()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Defs map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(files["program.json"], &doc); err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]any{
		"program": beckon.Program{}, "message": beckon.Message{}, "series": beckon.Series{}, "block": beckon.Block{}, "cap": beckon.Cap{},
		"trigger": beckon.Trigger{}, "frequency": beckon.Frequency{}, "schedule": beckon.Schedule{}, "goal": beckon.Goal{}, "content": beckon.Content{},
		"topic": beckon.Topic{}, "quiet_hours": beckon.QuietHours{}, "office_hours": beckon.OfficeHours{}, "declaration": beckon.EventDeclaration{},
	} {
		var want []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(part)) {
			if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); tag != "" && tag != "-" {
				want = append(want, tag)
			}
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(doc.Defs[name].Properties)); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: the schema has\n%q, and Go has\n%q", name, got, want)
		}
	}
}

// The schema has every operator, under the values that it takes.
func TestOperators(t *testing.T) {
	files, err := schema.Files()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Defs struct {
			Rule struct {
				Properties struct {
					Op struct{ Enum []rule.Operator }
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(files["program.json"], &doc); err != nil {
		t.Fatal(err)
	}
	got, want := doc.Defs.Rule.Properties.Op.Enum, slices.Clone(rule.Operators[:])
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the schema has the operators %q, rules have %q", got, want)
	}
}

func TestRule(t *testing.T) {
	condition := func(members string) string { return `{"messages":[{"audience":{` + members + `}}]}` }
	var accept, refuse []string
	for _, members := range []string{
		`"all":[]`, `"any":[{"not":{"segment":"a"}}]`, `"user":"plan","op":"is","value":"pro"`, `"user":"plan","op":"is","value":3.5`,
		`"user":"plan","op":"in","value":["pro",1,true]`, `"user":"price","op":"is","value":{"amount":100,"currency":"eur"}`,
		`"user":"plan","op":"is_unknown"`, `"company":"size","op":"between","value":[1,10]`, `"user":"created_at","op":"less_than_ago","value":"7d"`,
		`"user":"trial","op":"less_than_ahead","value":"3d"`, `"user":"trial","op":"more_than_ahead","value":"0s"`, `"user":"trial","op":"exactly_ahead","value":"1w"`,
		`"user":"trial","op":"on","value":"2026-01-02"`, `"user":"trial","op":"after","value":"2026-01-02T00:00:00Z"`,
		`"event":"a","stat":"count","op":"at_least","value":3,"within":"7d","where":{"metadata":"k","op":"is","value":"x"}`,
		`"event":"a","stat":"sum","of":"price","op":"at_least","value":{"amount":100,"currency":"eur"},"within":"30d"`, `"event":"a","stat":"max","of":"n","op":"is_unknown"`,
		`"event":"a","stat":"distinct","of":"city","op":"at_least","value":2,"where":{"metadata":"k","op":"is","value":"x"}`,
		`"event":"a","stat":"last","op":"exactly_ago","value":"7d"`, `"event":"a","stat":"first","op":"has_any_value"`,
		`"page":"url","op":"contains","value":"/pricing"`, `"page":"url","op":"matches","value":"*/shop/*"`, `"page":"seconds","op":"at_least","value":30`,
		`"message":"welcome","stat":"last_sent","op":"more_than_ago","value":"30d"`, `"user":"teams","op":"contains_any","value":["red"]`,
		`"user":"used","op":"greater_than","value":{"user":"quota"}`, `"user":"country","op":"in","value":{"company":"countries"}`,
		`"metadata":"to","op":"is_not","value":{"metadata":"from"}`, `"user":"ends","op":"after","value":{"user":"starts"}`,
		`"user":"teams","op":"contains_all","value":{"company":"teams"}`, `"user":"a","op":"starts_with","value":{"user":"b"}`,
		`"event":"a","stat":"count","op":"at_least","value":{"user":"seats"}`,
		`"event":"a","stat":"count","op":"at_least","value":1,"within":"1h","where":{"metadata":"k","op":"is","value":{"trigger":"k"}}`,
		`"message":"welcome","stat":"sent_count","op":"is","value":0`, `"metadata":"k","op":"ends_with","value":".pdf"`,
	} {
		accept = append(accept, condition(members))
	}
	for _, members := range []string{
		``, `"all":{}`, `"all":[],"any":[]`, `"all":[],"op":"is"`, `"user":"a"`, `"user":"a","op":"is"`, `"user":"","op":"is_unknown"`,
		`"op":"is","value":1`, `"user":"a","company":"b","op":"is","value":1`, `"user":"a","op":"greater_thn","value":1`, `"user":"a","op":"IS","value":1`,
		`"user":"a","op":"is","value":null`, `"user":"a","op":"is","value":[1]`, `"user":"a","op":"is","value":{"amount":1}`,
		`"user":"a","op":"in","value":"x"`, `"user":"a","op":"in","value":[null]`, `"user":"a","op":"contains","value":1`,
		`"user":"a","op":"greater_than","value":"x"`, `"user":"a","op":"between","value":[1]`, `"user":"a","op":"between","value":[1,2,3]`,
		`"user":"a","op":"less_than_ago","value":7`, `"user":"a","op":"less_than_ago","value":"7 days"`, `"user":"a","op":"less_than_ahead","value":7`, `"user":"a","op":"on","value":20260102`,
		`"user":"a","op":"is","value":{"user":1}`, `"user":"a","op":"is","value":{"user":"b","company":"c"}`, `"user":"a","op":"is","value":{"page":"url"}`, `"user":"a","op":"is","value":{}`,
		`"user":"a","op":"in","value":[{"user":"b"}]`, `"user":"a","op":"between","value":{"user":"b"}`, `"user":"a","op":"between","value":[1,{"user":"b"}]`,
		`"user":"a","op":"less_than_ago","value":{"user":"b"}`, `"user":"a","op":"is_unknown","value":{"user":"b"}`,
		`"user":"a","op":"contains_any","value":"x"`, `"user":"a","op":"is_unknown","value":1`, `"user":"a","stat":"count","op":"is","value":1`,
		`"user":"email","op":"greater_than","value":1`, `"user":"created_at","op":"is","value":"x"`, `"user":"a","op":"is","value":"x","where":{"all":[]}`,
		`"event":"a","op":"is","value":1`, `"event":"a","stat":"sent_count","op":"is","value":1`, `"event":"a","stat":"count","op":"less_than_ago","value":"7d"`,
		`"event":"a","stat":"count","op":"is_unknown"`, `"event":"a","stat":"last","op":"at_least","value":1`,
		`"event":"a","stat":"last","op":"less_than_ago","value":"7d","within":"7d"`, `"page":"title","op":"is","value":"x"`, `"page":"url","op":"at_least","value":1`, `"page":"url","op":"matches","value":1`,
		`"event":"a","stat":"sum","op":"at_least","value":1`, `"event":"a","stat":"count","of":"n","op":"at_least","value":1`, `"event":"a","stat":"sum","of":"n","op":"is_unknown"`,
		`"event":"a","stat":"distinct","of":"n","op":"has_any_value"`, `"event":"a","stat":"min","of":"n","op":"contains","value":"x"`, `"user":"a","of":"n","op":"is","value":1`, `"event":"a","stat":"sum","of":"","op":"is","value":1`,
		`"page":"seconds","op":"contains","value":"x"`, `"message":"m","stat":"count","op":"is","value":1`, `"message":"m","op":"is","value":1`,
		`"user":"a","event":"b","op":"is","value":1`, `"user":"a","message":"b","op":"is","value":1`, `"user":"a","op":"is","value":1,"segment":"b"`, `"user":"a","op":"is","value":1,"all":[]`,
		`"user":"a","op":"is","value":1,"not":{"all":[]}`, `"event":"a","stat":"count","op":"is","value":1,"any":[]`, `"event":"a","message":"b","stat":"count","op":"is","value":1`,
		`"user":"a","op":"on","value":"a"`, `"user":"a","op":"on","value":"2026-01-02T00:00:00Z"`, `"user":"a","op":"after","value":"2026-1-2"`, `"user":"a","op":"before","value":" 2026-01-02"`,
		`"segment":"a","op":"is"`, `"segment":1`, `"segment":""`, `"zebra":1`, `"not":[]`, `"user":"a","op":"is","value":"x","within":"7d"`,
	} {
		refuse = append(refuse, condition(members))
	}
	check(t, "program", decodeProgram, accept, refuse)
}

func TestEvent(t *testing.T) {
	decode := func(doc string) error {
		_, err := beckon.ParseEvent(strings.NewReader(doc))
		return err
	}
	event := func(members ...string) []string { return wrap(`{"event_name":"a","user_id":"u1",`, `}`, members...) }
	var keys []string
	for i := range beckon.MaxMetadataKeys {
		keys = append(keys, `"k`+strconv.Itoa(i)+`":1`)
	}
	many := `"metadata":{` + strings.Join(keys, ",") // of further keys nothing counts
	check(t, "event", decode, append(event(
		many+`}`, many+`,"more":[1]}`, many+`,"":1}`, many+`,"a.b":{"c":null}}`,
		`"metadata":{}`, `"metadata":[]`, `"created_at":1389913941`, `"created_at":null`, `"email":null`, `"email":3`, `"id":-42,"event_id":1,"company_id":2`, `"zebra":{"extra":[1]}`, `"source":"rest"`, `"import":true`,
		`"page":{"url":"https://a.example/","seconds":1.5}`, `"metadata":{"a":"x","b":1.5,"c":true,"d":{"url":"https://a.example","value":"x"},"e":{"amount":1999,"currency":"eur"}}`,
	),
		`{"event_name":"a","anonymous_id":"v1"}`, `{"event_name":"a","user_id":42}`),
		append(event(`"metadata":{`+strings.Join(keys[1:], ",")+`,"more":[1]}`, `"metadata":{`+strings.Join(keys[1:], ",")+`,"a.b":1}`,
			`"created_at":"2026-01-01"`, `"created_at":-1`, `"created_at":1.5`, `"created_at":1389913941000`, `"email":3.5`, `"event_id":true`, `"source":"carrier_pigeon"`,
			`"import":"yes"`, `"page":"https://a.example"`, `"page":{"seconds":"3"}`, `"page":{"seconds":-1.5}`, `"metadata":[1]`, `"metadata":{"a":null}`, `"metadata":{"a":[1]}`, `"metadata":{"a":{"b":1}}`,
			`"metadata":{"a":{"amount":"1","currency":"eur"}}`, `"metadata":{"a":{"amount":1,"currency":"euros"}}`),
			`[]`, `{"event_name":"a"}`, `{"user_id":"u1"}`, `{"event_name":"","user_id":"u1"}`, `{"event_name":1,"user_id":"u1"}`))
}

func TestVisit(t *testing.T) {
	decode := func(doc string) error {
		_, err := beckon.ParseVisit([]byte(doc))
		return err
	}
	check(t, "visit", decode, []string{
		`{"user_id":"u1"}`, `{"user_id":1}`, `{"user_id":"u1","id":null,"page":null,"source":null}`, `{"email":"a@b.example","source":"mobile_sdk"}`,
		`{"user_id":"u1","page":{}}`, `{"user_id":"u1","page":{"url":"https://a.example/","seconds":12.5}}`,
	}, []string{
		`[]`, `{"user_id":1.5}`, `{"user_id":"u1","zebra":1}`, `{"user_id":"u1","page":"x"}`, `{"user_id":"u1","page":{"title":"x"}}`,
		`{"user_id":"u1","page":{"seconds":"12"}}`, `{"user_id":"u1","source":"smoke"}`, `{"user_id":"u1","source":1}`,
	})
}

func TestContact(t *testing.T) {
	decode := func(doc string) error {
		_, err := beckon.ParseContact([]byte(doc))
		return err
	}
	contact := func(members ...string) []string { return wrap(`{"user_id":"u1",`, `}`, members...) }
	check(t, "contact", decode, append(contact(
		`"name":"Ada","email":null`, `"phone":"+353","role":"lead","language":"en"`, `"created_at":1389913941`, `"created_at":-1`, `"created_at":"2026-01-05"`, `"created_at":"2026-01-05t00:00:00z"`, `"created_at":"2026-01-05T00:00:00Z"`,
		`"signed_up_at":null`, `"unsubscribed":["email","push:promo"]`, `"unsubscribed":null`, `"unsubscribed":[]`, `"attributes":null`,
		`"attributes":{"plan":"pro","score":1.5,"beta":true,"teams":["red"],"trial":null,"last_seen_at":1389913941,"phone":"1"}`, `"first_seen_at":"2026-01-05","session_count":3`, `"attributes":{"session_count":null}`,
		`"companies":[{"company_id":"acme","name":"Acme","attributes":{"employees":80,"name":"Acme","gone":null}}]`, `"companies":null`,
		`"companies":[{"company_id":1,"remove":true},{"company_id":"a","remove":false},{"company_id":"b","remove":null}]`, `"attributes":{"email":1}`,
		// Only standard attributes have a type of their own.
		`"attributes":{"unsubscribed":"x","topics":["a"],"snoozed_until":true,"companies":1,"attributes":"x"}`, `"topics":{"a":true,"b":null},"snoozed_until":1389913941`,
	), `{}`, `{"user_id":42}`),
		append(contact(`"zebra":1`, `"name":1`, `"created_at":"yesterday"`, `"created_at":1.5`, `"created_at":-62135596801`, `"created_at":1389913941000`,
			`"last_seen_at":true`, `"first_seen_at":[1]`, `"session_count":"3"`, `"attributes":{"session_count":true}`, `"unsubscribed":"email"`, `"unsubscribed":[1]`, `"attributes":[]`, `"attributes":{"a":{}}`, `"attributes":{"a":[1]}`,
			`"attributes":{"created_at":"yesterday"}`, `"attributes":{"email":1.5}`, `"attributes":{"topics":{"a":true}}`, `"attributes":{"companies":[{"company_id":"a"}]}`, `"attributes":{"attributes":{}}`, `"attributes":{"unsubscribed":[1]}`, `"attributes":{"phone":1.5,"name":1}`, `"companies":{}`, `"companies":[{"zebra":1}]`, `"companies":["acme"]`,
			`"companies":[{"company_id":1.5}]`, `"companies":[{"company_id":"a","remove":1}]`, `"companies":[{"attributes":{"a":{}}}]`, `"companies":[{"attributes":{"name":1}}]`), `[]`))
}

// What results marshal to is what the schema says.
func TestResult(t *testing.T) {
	v := load(t, "result")
	for _, r := range []any{
		beckon.Result{},
		beckon.Result{
			EventID: "e", Duplicate: true,
			Deliveries: []beckon.Delivery{{ID: "d", Message: "m", Channel: beckon.Custom("kiosk"), Sequence: 1, Contact: beckon.Identity{ID: "7"}, Data: map[string]string{"a": "b"}}},
			Warnings:   []beckon.Warning{{Code: beckon.WarnURLSuspicious, Field: "metadata.a", Message: "x"}},
		},
		scenario.Result{Held: []beckon.Held{{Message: "m", Reason: beckon.ReasonThrottled}}},
	} {
		written, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := plain(string(written))
		if err != nil {
			t.Fatal(err)
		}
		if p := v.problem(v.root, doc, "$"); p != "" {
			t.Errorf("%s: %s", written, p)
		}
	}
	for _, doc := range []string{`{}`, `{"duplicate":false,"deliveries":[],"held":[{"message":"m","company_id":"","reason":"mood"}],"warnings":[]}`} {
		if parsed, err := plain(doc); err != nil || v.valid(v.root, parsed) {
			t.Errorf("the schema accepts %s (%v)", doc, err)
		}
	}
}

func TestScenario(t *testing.T) {
	decode := func(doc string) error {
		list, err := scenario.Parse([]byte(doc))
		if err != nil {
			return err
		}
		for i := range list {
			if err := list[i].Err(); err != nil {
				return err
			}
		}
		return nil
	}
	step := func(members ...string) []string {
		return wrap(`{"name":"x","program":{},"steps":[{"at":"2026-03-02T09:00:00Z",`, `}]}`, members...)
	}
	check(t, "scenario", decode, append(step(
		`"track":{"anything":1}`, `"track_json":"{"`, `"sweep":{}`, `"due":{}`, `"send":{"message":"m","sample":2,"only":{"user_id":"u1"}}`,
		`"merge":{"from":{},"into":{}}`, `"release":{"message":"m","user_id":"u1"}`, `"totals":{"message":"m"},"want":{"totals":{"sent":1,"held":{"audience":2},"converted":0}}`,
		`"send_to":{"contact":{"user_id":"u"},"message":{"id":"m"}}`, `"messages":{"mode":"one_off","channel":"custom:x","status":"live"},"want":{"messages":["m"]}`, `"messages":{}`,
		`"match":{"all":[]},"want":{"contacts":["u1"]}`, `"visit":{},"want":{"sent":[{"message":"m","body_contains":["a"],"sequence":1,"data":{}}],"held":{"m@acme":"throttled"}}`,
		`"publish":{},"want":{"rejected":true,"errors":[{"path":"a"},{"code":"b","field":"c"}],"warnings":["d"],"duplicate":false,"retry_at":{"m":"2026-03-02T10:00:00Z","n":null}}`,
	),
		`[]`, `{"name":"x","options":{"strict_metadata":true,"lenient_metadata":true,"known_contacts_only":true,"event_names_limit":3,"source_channels":{"rest":["chat"]},"outbox":true},"steps":[{"at":"2026-03-02T09:00:00Z","due":{}}]}`),
		append(step(`"want":{}`, `"sweep":{},"due":{}`, `"zebra":{}`, `"track":{},"want":{"zebra":1}`, `"track":{},"want":{"sent":{}}`, `"track":{},"want":{"sent":[{"zebra":1}]}`,
			`"track":{},"want":{"held":[]}`, `"track":{},"want":{"errors":[{"reason":"x"}]}`, `"track":{},"want":{"duplicate":"yes"}`, `"track":{},"want":{"retry_at":{"m":"soon"}}`,
			`"track":{},"want":{"totals":{"sent":"1"}}`, `"track":{},"want":{"contacts":"u1"}`),
			`1`, `{"zebra":1}`, `{"steps":{}}`, `{"steps":[]}`, `{"options":{"outbox":1}}`, `{"options":{"zebra":1}}`, `{"name":1}`))
}
