package beckon

import (
	"encoding/json"
	"strings"
	"testing"
)

// seriesFaults returns the paths of the faults of a series, beginning at it.
func seriesFaults(t *testing.T, doc string) string {
	t.Helper()
	var s Series
	if err := json.Unmarshal([]byte(doc), &s); err != nil {
		t.Fatal(err)
	}
	faults := publishFaults(t, &Program{Series: []Series{s}})
	var paths []string
	for _, f := range faults {
		paths = append(paths, strings.TrimPrefix(f.Path, "series[0]."))
	}
	return strings.Join(paths, " ")
}

// X1: what an entry's trigger may not have is one fault, where it stands.
func TestFaultsOfEntryTriggers(t *testing.T) {
	for _, c := range []struct{ trigger, paths string }{
		{`{"date":"trial_ends_at"}`, "date"},
		{`{"date":"trial_ends_at","offset":"-3d"}`, "date"},
		{`{"event":"a","date":"trial_ends_at"}`, "date"},
		{`{"event":"a","offset":"-3d"}`, "offset"},
		{`{"event":"a","unless":{"event":"b","within":"1h"}}`, "unless"},
		{`{"date":"trial_ends_at","unless":{"event":"b","within":"1h"}}`, "date unless"},
		{`{}`, "event"},
		{`{"offset":"-3d"}`, "offset event"},
		{`{"event":"a","where":{"metadata":"k","op":"is","value":1}}`, ""},
	} {
		got := seriesFaults(t, `{"id":"s","entry":{"trigger":`+c.trigger+`},"blocks":[{"id":"b","exit":true}]}`)
		if got = strings.ReplaceAll(got, "entry.trigger.", ""); got != c.paths {
			t.Errorf("%s: got faults at %q, want %q", c.trigger, got, c.paths)
		}
	}
}
