package conformance

import (
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/storetest"
)

// The contract, with what only those stores have that outlive their process and
// are shared by several: reopened after a crash, a second one on the same data.
func TestSuite(t *testing.T) {
	for _, b := range shared() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			at := make(map[beckon.Store]place)
			again := func(t *testing.T, s beckon.Store) beckon.Store {
				other := mustOpen(t, at[s])
				at[other] = at[s]
				return other
			}
			storetest.Factory{
				New: func(t *testing.T) beckon.Store {
					p := b.at(t)
					s := mustOpen(t, p)
					at[s] = p
					return s
				},
				Reopen: again, // the other is left as it is, and closed when the test has ended
				Second: again,
			}.Run(t)
		})
	}
}
