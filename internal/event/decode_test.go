package event

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
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
		if all := judgedCodes(d.Event, Options{Known: KnownDecoded}); got != c.want || all != c.want {
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

// A body is read whole, whatever its size.
func TestBodiesOfAllSizes(t *testing.T) {
	for size := 0; size < 2100; size += 1 + size/300 {
		body := `{"event_name":"e","user_id":"u","event_id":"` + strings.Repeat("x", size) + `","company_id":"c"}`
		var d Decoder
		d.Decode(strings.NewReader(body))
		if e := &d.Event; len(e.Found.Faults) > 0 || len(e.EventID) != size || e.CompanyID != "c" {
			t.Fatalf("%d: %v, an ID of %d, company %q", size, e.Found.Faults, len(e.EventID), e.CompanyID)
		}
	}
}

// A field near one that events have is ignored as any other, and told.
func TestStrayFields(t *testing.T) {
	for members, want := range map[string]string{
		`"metdata":{}`:       "metdata>metadata",
		`"event":"x"`:        "event>event_name",
		`"userId":"x"`:       "userId>user_id",
		`"properties":{}`:    "properties>metadata",
		`"anonymousId":"x"`:  "anonymousId>anonymous_id",
		`"timestamp":1`:      "timestamp>created_at",
		`"messageId":"m"`:    "messageId>event_id",
		`"soruce":"rest"`:    "soruce>source",
		`"companyId":"c"`:    "companyId>company_id",
		`"page":{"ulr":"x"}`: "page.ulr>page.url",
		`"page":{"uri":"x","href":"y","path":"z","title":"t","referrer":"r","search":"s"}`: "page.uri>page.url page.href>page.url",
		`"page":{"url2":"x","ur":"x","id":7}`:                                              "",
		`"imported":true`:                                                                  "imported>import",
		`"page":{"secnds":"x"}`:                                                            "page.secnds>page.seconds",
		`"zebra":1,"type":"track","context":{},"ip":"::1","os":"x","integrations":{},"sentAt":1,"_id":7`: "",
		`"event":1,"userId":2,"` + strings.Repeat("x", 100) + `":3`:                                      "event>event_name userId>user_id",
	} {
		e := decoded(t, `{"event_name":"a","user_id":"u",`+members+`}`)
		warnings, errs := e.Validate(validateNow, Options{Known: KnownDecoded})
		var got []string
		for _, s := range e.Found.strays {
			got = append(got, s.field+">"+s.near)
		}
		if len(errs) > 0 || strings.Join(got, " ") != want || len(warnings) != len(got) {
			t.Errorf("%s: %q, %v, %v; want %q", members, got, warnings, errs, want)
		}
		for i, w := range warnings {
			if w.Code != fault.WarnFieldUnknown || w.Field != e.Found.strays[i].field || !strings.Contains(w.Message, "did you mean") {
				t.Errorf("%s: %+v", members, w)
			}
		}
	}
	for doc, says := range map[string]string{
		`{"event":"a","user_id":"u"}`:     `"event" is no field of an event, did you mean "event_name"?`,
		`{"event_name":"a","userId":"u"}`: `"userId" is no field of an event, did you mean "user_id"?`,
		`{"event_name":"a","metdata":{}}`: "",
	} {
		_, errs := judged(doc)
		if len(errs) == 0 || says == "" && strings.Contains(errs.Error(), "did you mean") || !strings.Contains(errs.Error(), says) {
			t.Errorf("%s: %v, want %s", doc, errs, says)
		}
	}
	// However many, few are looked at.
	many := strings.Repeat(`"metdata":1,`, 5000)
	if e := decoded(t, `{`+many+`"event_name":"a","user_id":"u"}`); len(e.Found.strays) != maxStrays {
		t.Errorf("%d", len(e.Found.strays))
	}
	if e := decoded(t, `{`+strings.Repeat(`"zebra":1,`, 100)+`"metdata":1,"event_name":"a","user_id":"u"}`); len(e.Found.strays) != 0 {
		t.Errorf("%v", e.Found.strays)
	}
}
