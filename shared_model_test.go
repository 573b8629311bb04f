package beckon_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/sharedmodel"
	"github.com/beckon-go/beckon/memstore"
)

// Engines that share a run, whatever becomes of them meanwhile, reach everybody once. The tests
// in conformance play some of these histories over all stores.
func TestSharedModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		memory := memstore.New()
		sharedmodel.Play(rt, rapid.Uint64().Draw(rt, "seed"), func() beckon.Store { return memory })
	})
}
