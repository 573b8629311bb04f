package document

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/ojson"
)

func TestOffset(t *testing.T) {
	const doc = `{"a": [{"b": 1}, {"b.c": {"d": 2}}], "ab": 3, "a": 4}`
	n, err := ojson.ParseString(doc, ojson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	wants := map[string]string{
		"": doc, "a[0]": `{"b": 1}`, "a[0].b": `"b": 1`, `a[1]["b.c"]`: `"b.c"`, `a[1]["b.c"].d`: `"d"`, "ab": `"ab"`, "a": `"a": 4}`,
		"a[0].x": `{"b": 1}`, "a[2]": `"a": [`, "a[x]": `"a": [`, "a[-1]": `"a": [`, "x.y": doc, "a[0].b.c": `"b": 1`, "ab[0]": `"ab"`, "a[1].b.c": `{"b.c"`,
	}
	var paths []string
	for path, begins := range wants {
		paths = append(paths, path)
		at := Offset(&n, path)
		if !strings.HasPrefix(doc[at:], begins) {
			t.Errorf("%q is at %.12s, want %.12s", path, doc[at:], begins)
		}
	}
	for i, at := range Offsets(&n, paths) {
		if !strings.HasPrefix(doc[at:], wants[paths[i]]) {
			t.Errorf("with the others %q is at %.12s, want %.12s", paths[i], doc[at:], wants[paths[i]])
		}
	}
}
