package redisstore_test

import (
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) beckon.Store { return open(t, single(t)) })
}

func TestStoreInOnePartition(t *testing.T) {
	storetest.Run(t, func(t *testing.T) beckon.Store { return open(t, single(t), redisstore.WithPartitions(1)) })
}

// The same in a cluster: a script or a pipeline that would need two slots fails
// there.
func TestStoreInCluster(t *testing.T) {
	storetest.Run(t, func(t *testing.T) beckon.Store { return open(t, clustered(t)) })
}
