package words_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

func documentOf(t interface{ Fatal(...any) }, p beckon.Program) string {
	doc, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// Two programs differ exactly if their documents do, whatever they are.
func TestDiffIsEmptyExactlyIfTheDocumentsAreEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := samplePrograms(false).Draw(t, "before")
		after := samplePrograms(false).Draw(t, "after")
		if documentOf(t, before) != documentOf(t, after) && len(words.Diff(before, after)) == 0 {
			t.Fatal("two programs that differ have no difference")
		}
		for _, p := range []beckon.Program{before, after} {
			if changes := words.Diff(p, p); len(changes) > 0 {
				t.Fatalf("a program differs from itself: %v", changes)
			}
			_ = words.Program(p)
		}
	})
}

// Whatever member is changed: the change is told with a path that leads to it, and nothing is
// told of what lies elsewhere.
func TestDiffTellsEachMember(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := samplePrograms(rapid.Bool().Draw(t, "full")).Draw(t, "before")
		identify(&before)
		after := cloned(reflect.ValueOf(before)).Interface().(beckon.Program)
		list := slots(reflect.ValueOf(&after).Elem(), "")
		s := list[rapid.IntRange(0, len(list)-1).Draw(t, "slot")]
		fresh := reflect.New(s.v.Type()).Elem()
		fill(t, fresh, 1, false)
		s.v.Set(fresh)
		if documentOf(t, before) == documentOf(t, after) {
			return
		}
		found := false
		for _, c := range words.Diff(before, after) {
			found = found || strings.HasPrefix(c.Path, s.path) || strings.HasPrefix(s.path, c.Path)
			place, _, _ := strings.Cut(s.path, ".")
			if !strings.HasPrefix(c.Path, place) && !strings.HasPrefix(place, c.Path) {
				t.Fatalf("%s was changed, and %s is told", s.path, c)
			}
			if c.Text == "" || c.Before == "" && c.Kind != words.Added || c.After == "" && c.Kind != words.Removed || c.Kind == words.Changed && c.Before == c.After || strings.Contains(c.Text, "\n") {
				t.Fatalf("%s was changed: %+v", s.path, c)
			}
		}
		if !found {
			t.Fatalf("%s was changed, and not told: %v", s.path, words.Diff(before, after))
		}
	})
}

// identify makes the ids in a program unique.
func identify(p *beckon.Program) {
	for i := range p.Messages {
		p.Messages[i].ID = fmt.Sprint("m", i)
	}
	for i := range p.Caps {
		p.Caps[i].ID = fmt.Sprint("c", i)
	}
	for i := range p.Topics {
		p.Topics[i].ID = fmt.Sprint("t", i)
	}
	for i := range p.Series {
		p.Series[i].ID = fmt.Sprint("s", i)
		for j := range p.Series[i].Blocks {
			p.Series[i].Blocks[j].ID = fmt.Sprint("b", j)
		}
	}
}
