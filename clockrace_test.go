package beckon_test

import (
	"testing"

	"github.com/beckon-go/beckon/internal/clockrace"
	"github.com/beckon-go/beckon/memstore"
)

// F2, F3, F5: distances and windows hold on a clock that moves while callers race.
func TestRaceOnRealClock(t *testing.T) { clockrace.Run(t, memstore.New()) }
