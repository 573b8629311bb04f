package redisstore_test

import (
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/storetest"
	"github.com/redis/go-redis/v9"
)

// factory makes stores through clients from connect, each in a namespace of its
// own. Nothing of a store is in memory alone, so that another one on the same
// data is also what a new process finds.
func factory(connect func(t *testing.T) redis.UniversalClient, opts ...redisstore.Option) storetest.Factory {
	names := make(map[beckon.Store]string)
	another := func(t *testing.T, name string) beckon.Store {
		t.Helper()
		s := open(t, connect(t), append(opts, redisstore.WithNamespace(name))...)
		names[s] = name
		return s
	}
	return storetest.Factory{
		New:    func(t *testing.T) beckon.Store { return another(t, namespace()) },
		Reopen: func(t *testing.T, s beckon.Store) beckon.Store { return another(t, names[s]) },
		Second: func(t *testing.T, s beckon.Store) beckon.Store { return another(t, names[s]) },
		Damage: damage(),
	}
}

func toServer(t *testing.T) redis.UniversalClient  { return single(t) }
func toCluster(t *testing.T) redis.UniversalClient { return clustered(t) }

func TestStore(t *testing.T) { factory(toServer).Run(t) }

func TestStoreInOnePartition(t *testing.T) {
	oneIsEnough(t)
	factory(toServer, redisstore.WithPartitions(1)).Run(t)
}

// The same in a cluster: a script that would need two slots fails there.
func TestStoreInCluster(t *testing.T) {
	oneIsEnough(t)
	factory(toCluster).Run(t)
}

// One step at a time, as a lone caller has it.
func TestStoreUngrouped(t *testing.T) {
	oneIsEnough(t)
	factory(toServer, redisstore.WithGroup(1)).Run(t)
}

// oneIsEnough leaves the contract to TestStore with -short, as under the race
// detector: it is the same code on other keys.
func oneIsEnough(t *testing.T) {
	if testing.Short() {
		t.Skip("the contract once is enough with -short")
	}
}
