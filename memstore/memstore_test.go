package memstore_test

import (
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) beckon.Store { return memstore.New() })
}
