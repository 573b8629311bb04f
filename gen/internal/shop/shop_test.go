package shop

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// An event of generated code is what the program declares: with all keys and with those that
// are required, strictly.
func TestEventsKeepTheirDeclarations(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../testdata/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := beckon.ParseProgram(doc)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := beckon.New(memstore.New(), beckon.WithStrictMetadata())
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for _, e := range []interface {
		Event(who beckon.Identity) beckon.Event
	}{&Event2faOn{}, &OrderPaid{}, &OrderPaid2{}, &Purchased{}, &PurchasedPlan{}, &Event日本{}} {
		for _, all := range []bool{false, true} {
			data := reflect.ValueOf(e).Elem()
			declared := p.Events[e.Event(beckon.Identity{}).Name]
			filled := 0
			for i := range data.NumField() {
				tag := data.Type().Field(i).Tag.Get("beckon")
				key, _, _ := strings.Cut(tag, ",")
				if strings.HasPrefix(tag, "'") {
					key = strings.Split(tag, "'")[1]
				}
				k, ok := declared.Metadata[key]
				if !ok {
					t.Fatalf("%s has the key %q", data.Type(), key)
				}
				if all || k.Required {
					set(t, data.Field(i), k)
					filled++
				}
			}
			ev := e.Event(beckon.Identity{UserID: "u1"})
			if len(ev.Metadata) != filled {
				t.Errorf("%s: %d keys of %d", data.Type(), len(ev.Metadata), filled)
			}
			result, err := engine.Track(t.Context(), ev)
			if err != nil || len(result.Warnings) > 0 {
				t.Errorf("%s: %v, %v", data.Type(), err, result.Warnings)
			}
		}
	}
	// What is required and missing is refused, so the check above is one.
	if _, err := engine.Track(t.Context(), Purchased{OrderID: "o1"}.Event(beckon.Identity{UserID: "u1"})); err == nil {
		t.Error("an event without its price is taken")
	}
	if _, err := engine.Track(t.Context(), beckon.Event{Name: "purchased", UserID: "u1"}); err == nil {
		t.Error("an event without its keys is taken")
	}
}

// set puts a value that its declaration takes into a field, the last of those that it lists.
func set(t *testing.T, field reflect.Value, k beckon.KeyDeclaration) {
	t.Helper()
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	var v beckon.Value
	if len(k.Values) > 0 {
		v = k.Values[len(k.Values)-1]
	}
	if field.Kind() == reflect.Interface {
		if v.IsUnknown() {
			v = beckon.Bool(true)
		}
		field.Set(reflect.ValueOf(v))
		return
	}
	switch field.Interface().(type) {
	case beckon.Value:
		if v.IsUnknown() {
			v = map[string]beckon.Value{"monetary": beckon.Monetary(1999, "eur"), "rich_link": beckon.RichLink("https://a.example/", "A")}[k.Type]
		}
		field.Set(reflect.ValueOf(v))
		return
	case time.Time:
		field.Set(reflect.ValueOf(time.Unix(1767225600, 0)))
		return
	case json.Number:
		field.SetString(v.Text())
		return
	}
	switch field.Kind() {
	case reflect.Bool:
		field.SetBool(true)
	case reflect.Float64:
		f := 0.5
		if d, ok := v.Decimal(); ok {
			f = d.InexactFloat64()
		}
		field.SetFloat(f)
	case reflect.String:
		s := map[string]string{"string": "text", "link": "https://a.example/", "image": "https://a.example/a.png", "stripe": "cus_1"}[k.Type]
		if !v.IsUnknown() {
			s = v.Text()
		}
		field.SetString(s)
	default:
		t.Fatalf("a field is a %s", field.Type())
	}
}

// Each of the values that have constants is one that is declared.
func TestConstants(t *testing.T) {
	t.Parallel()
	got := []PurchasedPlan2{PurchasedPlan2Free, PurchasedPlan2ProPlan, PurchasedPlan2ProPlan2, PurchasedPlan2Empty, PurchasedPlan2日本, PurchasedPlan2Value}
	if want := []PurchasedPlan2{"free", "pro plan", "pro-plan", "", "日本", "!"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
