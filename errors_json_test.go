package beckon_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// E3: the list of errors reads what it writes, as every document does.
func TestErrorListReadsWhatItWrites(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{})
	_, err := kit.Engine.TrackJSON(t.Context(), strings.NewReader(`{"metadata": {"a": null, "b": {}}}`))
	_, second := beckon.ParseProgram([]byte(`{"messages": [{"id": "m", "channel": "fax"}, {"id": "n", "content": 5}]}`))
	late := beckon.ErrorList{{Code: beckon.ErrCheckTooSoon, Message: "too soon", RetryAt: noon}}
	for _, err := range []error{err, second, late} {
		var want, got beckon.ErrorList
		if !errors.As(err, &want) {
			t.Fatal(err)
		}
		body, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		again, err := json.Marshal(got)
		if err != nil || !bytes.Equal(again, body) {
			t.Errorf("%s, again %s, %v", body, again, err)
		}
	}
}

func TestErrorListRefusesOtherDocuments(t *testing.T) {
	for body, ok := range map[string]bool{
		`{"type": "error.list", "errors": []}`:                                     true,
		`{"type": "error.list", "request_id": null, "errors": [{"code": "a"}]}`:    true,
		`{"type": "error.list", "errors": [{"code": "a", "field": null, "x": 1}]}`: true,
		`{"type": "event.list", "errors": []}`:                                     false,
		`{"errors": []}`:                                                           false,
		`{"type": "error.list"}`:                                                   false,
		`{"type": "error.list", "errors": null}`:                                   false,
		`{"type": "error.list", "errors": [null]}`:                                 false,
		`[]`: false,
		`5`:  false,
	} {
		list := beckon.ErrorList{{Code: "before"}}
		err := json.Unmarshal([]byte(body), &list)
		if (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
		if err != nil && (len(list) != 1 || list[0].Code != "before") {
			t.Errorf("%s: refused, and read: %v", body, list)
		}
		_ = list.Error() // does not panic
	}
}
