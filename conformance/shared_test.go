package conformance

import (
	"flag"
	"fmt"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/sharedmodel"
)

var sharedHistories = flag.Int("shared.histories", 3, "how `many` histories of a shared run TestSharedModel plays on each store")

// Engines that share a Sweep, a Send or a Due, each over a store of its own on the same data,
// reach everybody once: whatever fails in the middle, whichever process dies, whatever clocks say.
func TestSharedModel(t *testing.T) {
	histories := *sharedHistories
	if testing.Short() {
		histories = min(histories, 2)
	}
	for _, b := range append(shared(), backend{"cluster", func(tb testing.TB) place {
		return place{Kind: "cluster", Address: redisCluster.Get(tb).URL(), Namespace: newNamespace()}
	}}) {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			for seed := range histories {
				t.Run(fmt.Sprint(seed), func(t *testing.T) {
					p := b.at(t)
					sharedmodel.Play(t, uint64(seed), func() beckon.Store { return mustOpen(t, p) })
				})
			}
		})
	}
}
