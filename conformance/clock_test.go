package conformance

import (
	"testing"

	"github.com/beckon-go/beckon/internal/clockrace"
)

// F2, F3, F5: distances and windows hold on all stores while 64 callers race on
// the clock of the system.
func TestRaceOnRealClock(t *testing.T) {
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) { clockrace.Run(t, mustOpen(t, b.at(t))) })
	}
}
