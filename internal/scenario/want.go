package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/beckon-go/beckon"
)

// A want is what a step wants. Only what it names is checked: nil is not
// named.
type want struct {
	sent      *[]wantDelivery
	held      *map[string]string // by message, or message@company
	errors    *[]wantError
	warnings  *[]string
	duplicate *bool
	rejected  *bool
	retryAt   map[string]*time.Time // by message, or message@company; nil: never
	caps      map[string]string     // the same; empty: none held it
	totals    *wantTotals
	contacts  *[]string
	messages  *[]string // ids, in order
}

// A wantDelivery is one delivery, by the fields that are given.
type wantDelivery struct {
	raw          string  // as it was written, for differences
	names        []named // the fields that are given and are text
	sequence     *int
	bodyContains []string
	data         *map[string]string
	parameters   *map[string]any // numbers as json.Number
}

// A wantError is one error, by the fields that are given.
type wantError struct {
	raw               string
	code, field, path *string
	retryAt           *time.Time
}

// wantTotals are the counts that are named.
type wantTotals struct {
	counts map[string]int64
	held   map[string]int64
	blocks map[string]int64 // of a series
}

func (d *document) want(raw json.RawMessage, path string) *want {
	w := &want{}
	d.object(raw, path, map[string]func(json.RawMessage, string){
		"sent":      takeList(d, &w.sent, d.wantDelivery),
		"held":      takePointer(d, &w.held),
		"errors":    takeList(d, &w.errors, d.wantError),
		"warnings":  takePointer(d, &w.warnings),
		"duplicate": takePointer(d, &w.duplicate),
		"rejected":  takePointer(d, &w.rejected),
		"retry_at":  take(d, &w.retryAt),
		"cap":       take(d, &w.caps),
		"totals": func(raw json.RawMessage, path string) {
			t := d.wantTotals(raw, path)
			w.totals = &t
		},
		"messages": takePointer(d, &w.messages),
		"contacts": takeList(d, &w.contacts, func(raw json.RawMessage, path string) (id string) {
			d.identifier(&id)(raw, path)
			return id
		}),
	})
	return w
}

// takeList takes a list, each item by read.
func takeList[T any](d *document, dst **[]T, read func(json.RawMessage, string) T) func(json.RawMessage, string) {
	return func(raw json.RawMessage, path string) {
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil || items == nil {
			d.fault(path, "must be a list")
			return
		}
		list := make([]T, len(items))
		for i, item := range items {
			list[i] = read(item, path+"["+strconv.Itoa(i)+"]")
		}
		*dst = &list
	}
}

func (d *document) wantDelivery(raw json.RawMessage, path string) wantDelivery {
	w := wantDelivery{raw: compact(raw)}
	readers := map[string]func(json.RawMessage, string){
		"sequence":      takePointer(d, &w.sequence),
		"body_contains": take(d, &w.bodyContains),
		"data":          takePointer(d, &w.data),
		"parameters": func(raw json.RawMessage, path string) {
			list, err := plainObject(raw)
			if err != nil {
				d.fault(path, "must be an object")
				return
			}
			w.parameters = &list
		},
	}
	for _, name := range deliveryFields() {
		readers[name] = func(raw json.RawMessage, path string) {
			var text string
			switch name {
			case "user_id", "id", "contact_id", "email", "anonymous_id", "company_id":
				d.identifier(&text)(raw, path)
			default:
				take(d, &text)(raw, path)
			}
			w.names = append(w.names, named{name, text})
		}
	}
	d.object(raw, path, readers)
	return w
}

// plainObject reads an object with its numbers as they are written.
func plainObject(raw []byte) (out map[string]any, err error) {
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	if err = in.Decode(&out); err == nil && out == nil {
		err = errors.New("null is no object")
	}
	return out, err
}

// sameParameters compares parameters as JSON: numbers as they are written.
func sameParameters(want map[string]any, got map[string]beckon.Value) bool {
	written, err := json.Marshal(got)
	if err != nil || len(got) != len(want) {
		return false
	}
	came, err := plainObject(written)
	return len(got) == 0 || err == nil && reflect.DeepEqual(came, want)
}

// deliveryFields are the fields of a delivery that are text.
func deliveryFields() []string {
	return []string{"message", "user_id", "id", "contact_id", "email", "anonymous_id", "company_id", "subject", "format", "body", "text", "channel", "series"}
}

func (d *document) wantError(raw json.RawMessage, path string) wantError {
	w := wantError{raw: compact(raw)}
	d.object(raw, path, map[string]func(json.RawMessage, string){
		"code":     takePointer(d, &w.code),
		"field":    takePointer(d, &w.field),
		"path":     takePointer(d, &w.path),
		"retry_at": takePointer(d, &w.retryAt),
	})
	return w
}

func (d *document) wantTotals(raw json.RawMessage, path string) wantTotals {
	w := wantTotals{counts: make(map[string]int64)}
	readers := map[string]func(json.RawMessage, string){"held": take(d, &w.held), "blocks": take(d, &w.blocks)}
	for _, name := range []string{"judged", "sent", "control", "converted", "followed", "control_converted", "given_up", "entered", "finished", "exited"} {
		readers[name] = func(raw json.RawMessage, path string) {
			var n int64
			take(d, &n)(raw, path)
			w.counts[name] = n
		}
	}
	d.object(raw, path, readers)
	return w
}

func compact(raw json.RawMessage) string {
	out, err := json.Marshal(raw)
	if err != nil {
		return string(raw)
	}
	return string(out)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
