package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
)

func TestFlatten(t *testing.T) {
	long := strings.Repeat("k", 256)
	for _, c := range []struct{ name, body, want, dropped string }{
		{"flat, in order", `{"b":1.50,"a":"x","c":true}`, "b=1.50 a=x c=true", ""},
		{"nested", `{"repository":{"owner":{"login":"o"},"id":7},"action":"opened"}`, "repository_owner_login=o repository_id=7 action=opened", ""},
		{"lists and nulls", `{"a":[],"b":{"c":null,"d":[1]},"e":1}`, "e=1", "metadata.a metadata.b_c metadata.b_d"},
		{"an empty object says nothing", `{"a":{},"b":1}`, "b=1", ""},
		{"money and links stay whole", `{"price":{"amount":34999,"currency":"eur"},"order":{"url":"https://a.example/1","value":"TX"}}`, "price=349.99 EUR order=TX (https://a.example/1)", ""},
		{"what only looks like them", `{"p":{"amount":1.5,"currency":"eur"},"q":{"url":"ftp://x","value":"v"},"r":{"amount":1,"currency":"eur","tax":2}}`, "p_amount=1.5 p_currency=eur q_url=ftp://x q_value=v r_amount=1 r_currency=eur r_tax=2", ""},
		{"characters of no key", `{"a.b":1,"$c":{"d e":2,"é*\u0001\u0085":3}}`, "a_b=1 _c_d e=2 _c_é___=3", ""},
		{"no key", `{"":1,"a":{"":2}}`, "a_=2", "metadata."},
		{"twice", `{"a_b":1,"a":{"B":2},"A_b":3}`, "a_b=1", "metadata.a_B metadata.A_b"},
		{"too long", `{"` + long + `":1,"t":"` + long + `","o":{"` + long + `":{"x":1}}}`, "", "metadata." + long[:64] + "… metadata.t metadata.o_" + long[:62] + "…"},
		{"what a key forbids", `{"at_date":1.5,"stripe_customer":"a b","n":1e999}`, "", "metadata.at_date metadata.stripe_customer metadata.n"},
	} {
		n, faults := wire.Parse(c.body)
		if len(faults) > 0 {
			t.Fatal(c.name, faults)
		}
		fields, warnings := wire.Flatten(&n)
		var got, dropped []string
		for _, f := range fields {
			got = append(got, f.Key+"="+f.Value.String())
		}
		for _, w := range warnings {
			dropped = append(dropped, w.Field)
			if w.Code != "metadata_value_dropped" || !strings.HasPrefix(w.Message, "dropped: ") {
				t.Errorf("%s: a warning is %+v", c.name, w)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: got %s, want %s", c.name, s, c.want)
		}
		if s := strings.Join(dropped, " "); s != c.dropped {
			t.Errorf("%s: dropped %s, want %s", c.name, s, c.dropped)
		}
	}
}

// Of many warnings there is the number.
func TestFlattenManyWarnings(t *testing.T) {
	var b strings.Builder
	for i := range fault.MaxErrors + 30 {
		fmt.Fprintf(&b, `"k%d":null,`, i)
	}
	n, _ := wire.Parse(`{` + b.String() + `"last":1}`)
	fields, warnings := wire.Flatten(&n)
	if len(fields) != 1 || len(warnings) != fault.MaxErrors+1 || warnings[fault.MaxErrors].Code != "more" || !strings.HasPrefix(warnings[fault.MaxErrors].Message, "30 ") {
		t.Errorf("%v, %v", fields, warnings)
	}
}
