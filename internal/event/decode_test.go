package event

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/value"
)

// TestDecoderSeesForItself: what the decoder has seen of metadata while it was at
// hand is what a look at all of it finds, errors and warnings.
func TestDecoderSeesForItself(t *testing.T) {
	many := make([]string, value.MaxMetadataKeys+1)
	for i := range many {
		many[i] = fmt.Sprintf(`"k%d":%d`, i, i)
	}
	for _, c := range []struct {
		metadata string
		want     string // codes, errors before warnings
	}{
		{`"a":"x","b":1,"c":true,"d_date":5,"e":{"url":"https://a.example","value":"x"},"f":{"amount":1,"currency":"eur"}`, ""},
		{`"a":"x","b":1,"a":2`, "metadata_key_duplicate"},
		{`"file_name":"x","File_Name":2`, "metadata_key_duplicate"},
		{`"k":1,"\u212a":2`, "metadata_key_duplicate"}, // the Kelvin sign
		{`"a.b":1`, "metadata_key_invalid"},
		{`"a":null`, "metadata_value_null"},
		{`"a":"` + strings.Repeat("x", 256) + `"`, "metadata_string_too_long"},
		{`"a":{"url":"https://a.example","value":"` + strings.Repeat("x", 256) + `"}`, "metadata_string_too_long"},
		{`"a":"https://xn--e1afmkfd.example"`, "url_suspicious"},
		{`"a":"https://xn--e1afmkfd.example/a.png"`, "url_suspicious"},
		{`"a":{"url":"https://xn--e1afmkfd.example","value":"x"}`, "url_suspicious"},
		{`"a":{"value":"x","url":"https://xn--e1afmkfd.example"}`, "url_suspicious"},
		{`"a":{"amount":1,"currency":"xau"}`, "currency_no_minor_unit"},
		{`"a":{"currency":"xau","amount":1}`, "currency_no_minor_unit"},
		{`"a":{"amount":1,"currency":"jpy"}`, ""},
		{`"stripe_invoice":"cus_1"`, "stripe_prefix"},
		{strings.Join(many[:value.MaxMetadataKeys], ","), ""},
		{strings.Join(many, ","), "metadata_key_dropped"},
	} {
		var d Decoder
		known := d.DecodeString(`{"event_name":"e","user_id":"u","metadata":{` + c.metadata + `}}`)
		got := judgedCodes(d.Event, known)
		if all := judgedCodes(d.Event, Options{Decoded: true}); got != c.want || all != c.want {
			t.Errorf("%s: %q, and judged again %q, want %q", c.metadata, got, all, c.want)
		}
	}
}

func judgedCodes(e Event, known Options) string {
	var codes []string
	warnings, errs := e.Validate(time.Time{}, known)
	for _, x := range errs {
		codes = append(codes, string(x.Code))
	}
	for _, w := range warnings {
		codes = append(codes, string(w.Code))
	}
	return strings.Join(codes, " ")
}
