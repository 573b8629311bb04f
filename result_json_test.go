package beckon

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
)

func TestResultJSON(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 250e6, time.FixedZone("", 3600))
	whole := Result{
		EventID: "e1", Duplicate: true,
		Deliveries: []Delivery{
			{ID: "d1", Message: "m", Channel: Chat, Contact: Identity{UserID: "u1", Email: "a@b.example"}, CompanyID: "acme", Sequence: 3, At: at, Subject: "s", Body: "<b>", Data: map[string]string{"button": "Open"}},
			{ID: "d2", Message: "n", Channel: Push, Contact: Identity{ID: "7", AnonymousID: "v1"}, Sequence: 1, At: at, Series: "onboarding"},
			{ID: "d3", Message: "o", Channel: Email, Sequence: 1, At: at, Format: FormatHTML, Body: "b", Text: "t"},
		},
		Warnings: []Warning{{Code: WarnMetadataKeyDropped, Field: "metadata.k21", Message: "dropped"}},
	}
	for range decide.InlineHeld { // so that the list does not fit inline
		whole.held.HoldNamed(decide.HeldName{Message: "other", Company: ""}, plan.HeldAudience)
	}
	whole.held.Hold(&plan.Message{ID: "last"}, "acme", plan.HeldCapped, at.UnixMilli(), 1)
	whole.held.Plan = &plan.Plan{Caps: plan.NewCaps([]plan.Cap{{ID: "promo"}})}
	for _, tt := range []struct {
		name   string
		result Result
		want   string
	}{
		{"empty lists are []", Result{}, `{"duplicate":false,"deliveries":[],"held":[],"warnings":[]}`},
		{"duplicate", Result{EventID: "e", Duplicate: true}, `{"event_id":"e","duplicate":true,"deliveries":[],"held":[],"warnings":[]}`},
		{"all", whole, `{"event_id":"e1","duplicate":true,"deliveries":[` +
			`{"id":"d1","message":"m","channel":"chat","user_id":"u1","email":"a@b.example","company_id":"acme","sequence":3,"at":"2026-03-02T09:00:00.25Z","subject":"s","body":"\u003cb\u003e","data":{"button":"Open"}},` +
			`{"id":"d2","message":"n","channel":"push","user_id":"","contact_id":"7","anonymous_id":"v1","company_id":"","sequence":1,"at":"2026-03-02T09:00:00.25Z","subject":"","body":"","data":{},"series":"onboarding"},` +
			`{"id":"d3","message":"o","channel":"email","user_id":"","company_id":"","sequence":1,"at":"2026-03-02T09:00:00.25Z","subject":"","format":"html","body":"b","text":"t","data":{}}],` +
			`"held":[` + repeated(`{"message":"other","company_id":"","reason":"audience","cap":""},`, decide.InlineHeld) +
			`{"message":"last","company_id":"acme","reason":"capped","retry_at":"2026-03-02T09:00:00.25Z","cap":"promo"}],` +
			`"warnings":[{"code":"metadata_key_dropped","field":"metadata.k21","message":"dropped"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			written, err := json.Marshal(tt.result)
			if err != nil || string(written) != tt.want {
				t.Fatalf("got\n%s, %v, want\n%s", written, err, tt.want)
			}
			var again Result
			if err := json.Unmarshal(written, &again); err != nil {
				t.Fatal(err)
			}
			if rewritten, err := json.Marshal(again); err != nil || string(rewritten) != tt.want {
				t.Errorf("read again and written:\n%s, %v", rewritten, err)
			}
		})
	}
}

func repeated(s string, n int) (out string) {
	for range n {
		out += s
	}
	return out
}

func TestResultJSONRefused(t *testing.T) {
	for _, target := range []any{new(Result), new(Delivery), new(Held)} {
		if err := json.Unmarshal([]byte(`[]`), target); err == nil {
			t.Errorf("%T: [] was accepted", target)
		}
	}
}

func TestErrorJSON(t *testing.T) {
	for _, tt := range []struct {
		err  Error
		want string
	}{
		{Error{Code: ErrMessageUnknown, Message: "no such message"}, `{"code":"message_unknown","message":"no such message"}`},
		{
			Error{Code: ErrCheckTooSoon, Field: "f", Path: "p", ID: "i", Message: "m", RetryAt: unixMilli(1_700_000_000_250)},
			`{"code":"check_too_soon","field":"f","path":"p","id":"i","message":"m","retry_at":"2023-11-14T22:13:20.25Z"}`,
		},
	} {
		if got, err := json.Marshal(&tt.err); string(got) != tt.want || err != nil {
			t.Errorf("got %s, %v, want %s", got, err, tt.want)
		}
	}
}
