package definition

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/beckon-go/beckon/value"
)

// What Add has added Covers needs no more, in any order and letter case, and a list
// never has more than MaxKeys.
func TestAddCovers(t *testing.T) {
	first := value.Fields{{Key: "Plan", Value: value.String("pro")}, {Key: "n", Value: value.Number(1)}}
	list := Add(nil, first)
	if want := []string{"Plan\tstring", "n\tnumber"}; !slices.Equal(list, want) {
		t.Fatalf("got %q, want %q", list, want)
	}
	for _, tt := range []struct {
		name   string
		fields value.Fields
		want   bool
	}{
		{"nothing", nil, true},
		{"the same", first, true},
		{"another order and case", value.Fields{{Key: "N", Value: value.Number(2)}, {Key: "plan", Value: value.String("x")}}, true},
		{"another kind", value.Fields{{Key: "n", Value: value.String("x")}}, false},
		{"another key", value.Fields{{Key: "m", Value: value.Number(1)}}, false},
	} {
		if got := Read(list).Covers(tt.fields); got != tt.want {
			t.Errorf("%s: covered is %v", tt.name, got)
		}
		if more := Add(list, tt.fields); slices.Equal(more, list) != tt.want || !Read(more).Covers(tt.fields) {
			t.Errorf("%s: added to %q", tt.name, more)
		}
	}
	posted := value.Fields{{Key: strings.Clone("plan"), Value: value.String("x")}, {Key: strings.Clone("n"), Value: value.Number(3)}}
	keys := Read(list)
	if !keys.Adopt(posted) || unsafe.StringData(posted[0].Key) != unsafe.StringData(keys.order[0].folded) ||
		unsafe.StringData(posted[1].Key) != unsafe.StringData(keys.order[1].folded) {
		t.Error("keys that are the same are the definition's own")
	}
	spelt := value.Fields{{Key: "Plan", Value: value.String("x")}}
	if !keys.Adopt(spelt) || spelt[0].Key != "Plan" {
		t.Errorf("another spelling stays: %q", spelt[0].Key)
	}
	if keys.Adopt(value.Fields{{Key: "plan", Value: value.Number(1)}}) {
		t.Error("another kind is adopted")
	}
	for i := range MaxKeys + 1 {
		list = Add(list, value.Fields{{Key: fmt.Sprint("k", i), Value: value.Number(1)}})
	}
	if over := (value.Fields{{Key: "over", Value: value.Number(1)}}); len(list) != MaxKeys || !Read(list).Covers(over) {
		t.Errorf("%d keys are listed", len(list))
	}
}
