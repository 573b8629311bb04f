package sqlstore_test

import (
	"fmt"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/storetest"
)

// Both dialects keep the contract, with several stores on the same data too.
// Each test has a namespace of its own, which is a test of namespaces as well.
func TestContract(t *testing.T) {
	t.Parallel()
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			namespaces := make(map[beckon.Store]string)
			again := func(t *testing.T, s beckon.Store) beckon.Store {
				other := p.open(t, sqlstore.WithNormalSync(), sqlstore.WithNamespace(namespaces[s]))
				namespaces[other] = namespaces[s]
				return other
			}
			storetest.Factory{
				New: func(t *testing.T) beckon.Store {
					namespace := t.Name()[:min(len(t.Name()), 40)] + fmt.Sprint(len(namespaces))
					s := p.open(t, sqlstore.WithNormalSync(), sqlstore.WithNamespace(namespace))
					namespaces[s] = namespace
					return s
				},
				Reopen: again,
				Second: again,
				Damage: damage(),
			}.Run(t)
		})
	}
}
