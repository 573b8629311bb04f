package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
)

func TestStripeFields(t *testing.T) {
	many := ""
	for i := range 30 {
		many += fmt.Sprintf(`,"k%d":%d`, i, i)
	}
	for _, c := range []struct{ name, object, previous, want string }{
		{
			"an invoice", `{"id":"in_1","object":"invoice","created":1772442000,"currency":"eur","customer":"cus_1","total":34999,"tax":-1,"paid":true,"account_country":"IE","metadata":{"order":"TX18"},"discounts":[],"due_date":null}`, ``,
			"stripe_customer:cus_1 stripe_invoice:in_1 total:349.99 EUR metadata_order:TX18 created:1772442000 currency:eur tax:-0.01 EUR paid:true account_country:IE",
		},
		{
			"a charge", `{"id":"ch_1","object":"charge","amount":500,"amount_refunded":0,"currency":"jpy","customer":{"id":"cus_1","email":"a@b.example"},"invoice":"in_1","outcome":{"risk":{"level":"normal"}}}`, ``,
			"stripe_customer:cus_1 stripe_invoice:in_1 stripe_charge:ch_1 amount:500 JPY amount_refunded:0 JPY currency:jpy outcome_risk_level:normal",
		},
		{
			"a subscription that changed", `{"id":"sub_1","object":"subscription","customer":"cus_1","latest_invoice":{"id":"in_9"},"status":"active","cancel_at_period_end":false,"trial_end":1772442000,"items":{"object":"list","data":[]}}`, `{"status":"trialing","trial_end":5}`,
			"stripe_customer:cus_1 stripe_invoice:in_9 id:sub_1 status:active trial_end:1772442000 cancel_at_period_end:false previous_status:trialing previous_trial_end:5 items_object:list",
		},
		{
			"a payment", `{"id":"pi_1","object":"payment_intent","amount":1050,"currency":"kwd","latest_charge":"ch_1","application_fee_amount":10}`, ``,
			"stripe_charge:ch_1 id:pi_1 amount:1.050 KWD currency:kwd application_fee_amount:0.010 KWD",
		},
		{"no currency", `{"object":"x","amount":5,"total":6,"currency":null}`, ``, "amount:5 total:6"},
		{"no currency that is known", `{"object":"x","amount":5,"currency":"zzz"}`, ``, "amount:5 currency:zzz"},
		{"an amount that is none", `{"object":"x","amount":1.5,"total":"7","amount_details":{"tip":{"amount":3}},"currency":"eur"}`, ``, "amount:1.5 total:7 currency:eur amount_details_tip_amount:3"},
		{"Stripe's own units", `{"object":"x","amount":500,"currency":"ISK"}`, ``, "amount:5 ISK currency:ISK"},
		{"and", `{"object":"x","amount":500,"currency":"ugx"}`, ``, "amount:5 UGX currency:ugx"},
		{"and this", `{"object":"x","amount":5,"currency":"mga"}`, ``, "amount:5.00 MGA currency:mga"},
		{"a part of a krona", `{"object":"x","amount":501,"currency":"isk"}`, ``, "amount:501 currency:isk"},
		{"ids that are none", `{"object":"invoice","id":"a b","customer":7,"charge":{"id":""}}`, ``, ""},
		{"names that are no keys", `{"object":"x","a.b":1,"metadata":{"a b$":"x"}}`, ``, "metadata_a b_:x a_b:1"},
		{"only so many count", `{"object":"x"` + many + `}`, ``, strings.TrimSpace(func() (s string) {
			for i := range 20 {
				s += fmt.Sprintf("k%d:%d ", i, i)
			}
			return s
		}())},
	} {
		body := `{"id":"evt_1","type":"t","data":{"object":` + c.object
		if c.previous != "" {
			body += `,"previous_attributes":` + c.previous
		}
		n, faults := wire.Parse(body + `}}`)
		if len(faults) > 0 {
			t.Fatal(c.name, faults)
		}
		s, faults := wire.ReadStripe(&n)
		var got []string
		for _, f := range s.Fields {
			got = append(got, f.Key+":"+f.Value.String())
		}
		if text := strings.Join(got, " "); text != c.want || len(faults) > 0 {
			t.Errorf("%s: got %s, %v\nwant %s", c.name, text, faults, c.want)
		}
	}
}

func TestStripeSays(t *testing.T) {
	n, _ := wire.Parse(`{"id":"evt_1","type":"checkout.session.completed","account":"acct_1","livemode":true,"created":"2026-03-02T09:00:00.5Z",
		"data":{"object":{"object":"checkout.session","customer":"cus_1","customer_email":"a@b.example","client_reference_id":"u1","metadata":{"plan":"pro"}}}}`)
	s, faults := wire.ReadStripe(&n)
	if len(faults) > 0 || s.ID != "evt_1" || s.Type != "checkout.session.completed" || s.Account != "acct_1" || !s.Live || s.Created.Unix() != 1772442000 ||
		s.Object != "checkout.session" || s.Customer != "cus_1" || s.Email != "a@b.example" || s.ClientReferenceID != "u1" || s.Metadata["plan"] != "pro" {
		t.Errorf("%+v, %v", s, faults)
	}
	for _, body := range []string{`{"id":"e","type":"t"}`, `{"id":"e","type":"t","data":[],"created":"soon"}`, `{"id":"e","type":"t","data":{"object":null},"created":-5}`} {
		n, _ := wire.Parse(body)
		if s, faults := wire.ReadStripe(&n); len(faults) > 0 || len(s.Fields) > 0 || !s.Created.IsZero() {
			t.Errorf("%s: %+v, %v", body, s, faults)
		}
	}
}
