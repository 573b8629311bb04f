package event

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
)

// A field near one that events have is ignored as any other, and told.
func TestStrayFields(t *testing.T) {
	for members, want := range map[string]string{
		`"metdata":{}`:          "metdata>metadata",
		`"event":"x"`:           "event>event_name",
		`"userId":"x"`:          "userId>user_id",
		`"properties":{}`:       "properties>metadata",
		`"anonymousId":"x"`:     "anonymousId>anonymous_id",
		`"timestamp":1`:         "timestamp>created_at",
		`"messageId":"m"`:       "messageId>event_id",
		`"soruce":"rest"`:       "soruce>source",
		`"companyId":"c"`:       "companyId>company_id",
		`"page":{"ulr":"x"}`:    "",
		`"page":{"secnds":"x"}`: "page.secnds>page.seconds",
		`"zebra":1,"type":"track","context":{},"ip":"::1","os":"x","integrations":{},"sentAt":1,"_id":7`: "",
		`"event":1,"userId":2,"` + strings.Repeat("x", 100) + `":3`:                                      "event>event_name userId>user_id",
	} {
		e := decoded(t, `{"event_name":"a","user_id":"u",`+members+`}`)
		warnings, errs := e.Validate(validateNow, Options{Decoded: true})
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
	// However many, few are looked at and fewer told.
	many := strings.Repeat(`"metdata":1,`, 5000)
	if e := decoded(t, `{`+many+`"event_name":"a","user_id":"u"}`); len(e.Found.strays) != fault.MaxErrors {
		t.Errorf("%d", len(e.Found.strays))
	}
	if e := decoded(t, `{`+strings.Repeat(`"zebra":1,`, 100)+`"metdata":1,"event_name":"a","user_id":"u"}`); len(e.Found.strays) != 0 {
		t.Errorf("%v", e.Found.strays)
	}
}
