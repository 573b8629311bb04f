package beckon

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/peek"
)

// TestRichLinksHeldDifferently: one from a body is a part of the body, one from
// a constructor or from storage is not. They are the same.
func TestRichLinksHeldDifferently(t *testing.T) {
	built := RichLink("https://a.example/x", "T")
	for _, body := range []string{
		`{"url":"https://a.example/x","value":"T"}`,
		`{"url":"https://a.example/x", "value" : "T"}`,
		`{"url":"https:\/\/a.example/x","value":"T"}`,
		`{"url":"https://a.example/x","value":"\u0054"}`,
		`{"value":"T","url":"https://a.example/x"}`,
	} {
		e, err := ParseEvent(strings.NewReader(`{"event_name":"e","user_id":"u","metadata":{"k":` + body + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		v := e.Metadata[0].Value
		if url, _ := v.URL(); url != "https://a.example/x" || !v.Equal(built) || !built.Equal(v) || v.Text() != built.Text() {
			t.Errorf("%s is %v", body, v)
		}
		if title, ok := v.Title(); !ok || title != "T" {
			t.Errorf("%s has the title %q", body, title)
		}
		if a, b := peek.Of(&v).AppendIdentity(nil), peek.Of(&built).AppendIdentity(nil); string(a) != string(b) {
			t.Errorf("%s: identity %q, want %q", body, a, b)
		}
		for _, other := range []Value{RichLink("https://a.example/xT", ""), RichLink("https://a.example/", "T"), RichLink("https://a.example/x", "t"), String("T")} {
			if v.Equal(other) || other.Equal(v) {
				t.Errorf("%s equals %v", body, other)
			}
		}
	}
}
