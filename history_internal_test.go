package beckon

import (
	"math"
	"testing"

	"github.com/beckon-go/beckon/store"
)

// A count beyond the int of a 32-bit machine is the greatest there is, not a
// negative one.
func TestIntOfCount(t *testing.T) {
	for _, c := range []struct {
		n          uint64
		most, want int
	}{
		{0, math.MaxInt32, 0},
		{math.MaxInt32, math.MaxInt32, math.MaxInt32},
		{math.MaxInt32 + 1, math.MaxInt32, math.MaxInt32},
		{math.MaxUint32, math.MaxInt32, math.MaxInt32},
		{math.MaxUint64, math.MaxInt32, math.MaxInt32},
		{math.MaxUint64, math.MaxInt, math.MaxInt},
	} {
		if got := intOf(c.n, c.most); got != c.want {
			t.Errorf("intOf(%d, %d) = %d, want %d", c.n, c.most, got, c.want)
		}
	}
}

// What is exported has an attribute without a name, which no engine makes, too.
func TestExportOfANamelessAttribute(t *testing.T) {
	rec := &store.Record{Profile: &store.Profile{Attributes: []store.Attribute{{Value: Number(1)}, store.NewAttribute("a", Number(2))}}}
	if x := export(rec); len(x.Attributes) != 2 {
		t.Errorf("%v", x.Attributes)
	}
}
