package beckon_test

import (
	"os"
	"testing"

	"github.com/beckon-go/beckon/beckontest"
)

// TestScenarios runs the rulebook as data: one file for each of its sections,
// each scenario named by the fact that it proves.
func TestScenarios(t *testing.T) {
	beckontest.Scenarios(t, os.DirFS("testdata/scenarios"), "*.json")
}
