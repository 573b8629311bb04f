package event

import (
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
)

// faultsOf returns "code field" of each fault, in order.
func faultsOf(l fault.List) string {
	out := make([]string, len(l))
	for i, x := range l {
		out[i] = strings.TrimSpace(string(x.Code) + " " + x.Field)
	}
	return strings.Join(out, ", ")
}

// judged returns the event of a body, and all that is wrong with it.
func judged(body string) (Event, fault.List) {
	var d Decoder
	known := d.DecodeString(body)
	_, errs := d.Event.Validate(time.Time{}, known)
	return d.Event, errs
}

// decoded returns the event of a body that has no faults.
func decoded(t testing.TB, body string) Event {
	t.Helper()
	e, errs := judged(body)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return e
}

// usualBody is an event with metadata of all the usual kinds.
const usualBody = `{"event_name":"upload-complete","created_at":1389913941,"user_id":"u-4711","event_id":"01J8Z3V6Q9","source":"javascript",` +
	`"metadata":{"file_name":"holiday-2026.mp4","size":1234567,"duration":12.75,"public":true,"project":"Summer",` +
	`"order_date":1389913941,"order":{"url":"https://shop.example/orders/TX18","value":"TX18"},"price":{"amount":34999,"currency":"eur"}},` +
	`"extra_field":"0123456"}`
