package observe_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/beckon-go/beckon/observe"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ most, kept int }{{0, observe.MaxNames}, {-1, observe.MaxNames}, {3, 3}} {
		n := observe.Names{Max: c.most}
		var all sync.WaitGroup
		for range 4 { // each name counts once, however many say it
			all.Go(func() {
				for i := range c.kept {
					if name := strconv.Itoa(i); n.Of(name) != name {
						t.Errorf("Max %d: %s is not kept", c.most, name)
					}
				}
			})
		}
		all.Wait()
		if got := n.Of("one more"); got != observe.Other {
			t.Errorf("Max %d: %q past the limit", c.most, got)
		}
		if got := n.Of("0"); got != "0" {
			t.Errorf("Max %d: a name that is kept has become %q", c.most, got)
		}
	}
}
