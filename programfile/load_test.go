package programfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/programfile"
)

func in(texts map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range texts {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestLoadJoinsFiles(t *testing.T) {
	fsys := in(map[string]string{
		"20-shop.json": `{"messages": [{"id": "b"}, {"id": "c"}], "segments": {"two": {"all": []}}, "caps": [{"id": "x", "max": 1, "within": "1h"}]}`,
		"10-base.json": `{"timezone": "Europe/Dublin", "segments": {"one": {"segment": "two"}}, "messages": [{"id": "a"}]}`,
		"30-none.json": " {} ",
		"40-tour.json": `{"series": [{"id": "s", "blocks": [{"id": "m", "message": {"id": "d"}}]}], "caps": [{"id": "y", "max": 1, "within": "1h"}], "messages": []}`,
		"readme.txt":   "not a program",
		"sub/z.json":   "{",
	})
	fsys["dir.json"] = &fstest.MapFile{Mode: fs.ModeDir}
	p, err := programfile.Load(fsys, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range p.Messages {
		ids = append(ids, m.ID)
	}
	if !slices.Equal(ids, []string{"a", "b", "c"}) || p.Timezone != "Europe/Dublin" || len(p.Segments) != 2 || len(p.Caps) != 2 || p.Caps[0].ID != "x" || len(p.Series) != 1 {
		t.Errorf("%+v", p)
	}
	if p, err := programfile.Load(fsys, "10-base.json"); !errors.Is(err, nil) || len(p.Messages) != 1 { // what it means is judged later
		t.Errorf("one file: %+v, %v", p, err)
	}
	for pattern, says := range map[string]string{"*.yaml": `no file matches "*.yaml"`, "sub": `no file matches "sub"`, "[": "syntax error in pattern"} {
		if _, err := programfile.Load(fsys, pattern); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

// A byte order mark, as some editors write it, is no part of a file: the command passes it by,
// so what it finds nothing wrong with is published. Places are those that an editor shows.
func TestLoadPassesByMarks(t *testing.T) {
	p, err := programfile.Load(in(map[string]string{"a.json": "\ufeff{\"messages\": [{\"id\": \"a\"}]}", "b.json": "\ufeff{\"messages\": [{\"id\": \"b\"}]}"}), "*.json")
	if err != nil || len(p.Messages) != 2 {
		t.Errorf("%+v, %v", p.Messages, err)
	}
	for text, want := range map[string]string{
		"\ufeff{\"zebra\": 1}":       "a.json:1:2: zebra: ",
		"\ufeff\ufeff{}":             "a.json:1:1: a byte order mark is not allowed",
		"{\"messages\": []}\ufeff{}": "a.json:1:17: ",
	} {
		if _, err := programfile.Load(in(map[string]string{"a.json": text}), "*.json"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"no JSON": {map[string]string{"a.json": "{\n  \"timezone\": x}", "b.json": "", "c.json": "{\"messages\": [{\"were\": 1}]}"}, []string{
			"a.json:2:15: ", "b.json:1:1: ",
		}},
		"no object": {map[string]string{"a.json": "\n []"}, []string{"a.json:2:2: a program is an object, this is an array"}},
		"no UTF-8":  {map[string]string{"a.json": "{\"timezone\":\n\"\xff\"}"}, []string{"a.json:2:2: "}},
		"shape": {map[string]string{
			"a.json": `{"messages": [{"id": "a"}]}`,
			"b.json": "{\n \"messages\": [\n  {\"id\": \"b\"},\n  {\"id\": \"ü\", \"trigger\": {\"were\": {}, \"event\": 1}}\n ],\n \"mesages\": []\n}",
		}, []string{
			`b.json:4:27: messages[1].trigger.were ("\u00fc"): unknown field, did you mean "where"?`, `b.json:4:39: messages[1].trigger.event ("\u00fc"): must be a string, is a number`, `b.json:6:2: mesages: unknown field, did you mean "messages"?`,
		}},
		"the same id": {map[string]string{
			"a.json": `{"messages": [{"id": "m"}], "caps": [{"id": "c", "max": 1, "within": "1h"}], "series": [{"id": "s", "blocks": [{"id": "b", "message": {"id": "n"}}]}], "segments": {"x": {"all": []}}}`,
			"b.json": "{\"messages\": [{\"id\": \"m\"},\n{\"id\": \"n\"}],\n\"caps\": [{\"id\": \"c\", \"max\": 1, \"within\": \"1h\"}],\n\"series\": [{\"id\": \"s\", \"blocks\": [{\"id\": \"b\",\n\"message\": {\"id\": \"m\"}}]}],\n\"segments\": {\"x\": {\"all\": []}}}",
		}, []string{
			`b.json:6:14: segments.x: stands in a.json, too`, `b.json:1:16: messages[0].id ("m"): "m" stands in a.json, too`, `b.json:2:2: messages[1].id ("n"): "n" stands in a.json, too`,
			`b.json:3:11: caps[0].id ("c"): "c" stands in a.json, too`, `b.json:4:13: series[0].id ("s"): "s" stands in a.json, too`, `b.json:5:13: series[0].blocks[0].message.id ("m"): "m" stands in a.json, too`,
		}},
		"one of it": {map[string]string{
			"a.json": `{"timezone": "UTC", "office_hours": {"windows": []}}`, "b.json": "{\"office_hours\": {},\n\"timezone\": \"UTC\"}",
		}, []string{`b.json:1:2: office_hours: stands in a.json, too: a program has one`, `b.json:2:1: timezone: stands in a.json, too: a program has one`}},
		"given twice": {map[string]string{"a.json": "{\"messages\": [],\n\"messages\": []}"}, []string{"a.json:2:1: messages: given twice"}},
		"wrong types": {map[string]string{"a.json": `{"messages": [{"id": "a"}]}`, "b.json": "{\n\"messages\": {}, \"segments\": []}", "c.json": `{"messages": [], "segments": {"x": {"all": []}}}`}, []string{
			"b.json:2:1: messages: must be an array, is an object", "b.json:2:17: segments: must be an object, is an array",
		}},
		"names with dots": {map[string]string{"a.json": `{"segments": {"a": {"all": []}}}`, "b.json": "{\"segments\": {\n\"b.c[0]\": {\"users\": 1}}}"}, []string{`b.json:2:12: segments["b.c[0]"].users: unknown field`}},
	} {
		_, err := programfile.Load(in(c.files), "*.json")
		var faults programfile.Faults
		if !errors.As(err, &faults) || !errors.Is(err, beckon.ErrProgramInvalid) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, f := range faults {
			if i >= len(c.want) || !strings.HasPrefix(f.Error(), c.want[i]) {
				t.Errorf("%s: fault %d is %s", name, i, f)
			}
		}
		if len(faults) < len(c.want) {
			t.Errorf("%s: %d faults, want %d:\n%v", name, len(faults), len(c.want), err)
		}
	}
}

// However much is wrong, no more is told than anybody reads.
func TestLoadBoundsFaults(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, `,{"id":"m%d"}`, i)
	}
	text := `{"messages":[` + b.String()[1:] + `]}`
	_, err := programfile.Load(in(map[string]string{"a.json": text, "b.json": text}), "*.json")
	var faults programfile.Faults
	if !errors.As(err, &faults) || len(faults) != beckon.MaxFaults {
		t.Errorf("%d faults", len(faults))
	}
}
