package beckon

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
)

// testNow is the time at which most tests decide.
var testNow = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// wire returns the codes and fields of an error, in order.
func wire(t *testing.T, err error) []string {
	t.Helper()
	var list ErrorList
	if err != nil && !errors.As(err, &list) {
		t.Fatalf("the error is a %T, want an ErrorList", err)
	}
	var out []string
	for _, e := range list {
		out = append(out, string(e.Code)+" "+e.Field)
	}
	return out
}

// lowered is lowerRule for a rule that has no address.
func lowered(r Rule) *rule.Rule { return lowerRule(&r) }

// texts draws any text.
func texts() *rapid.Generator[string] { return rapid.String() }

// paths returns the path of each fault, in order.
func paths(faults fault.List) (out []string) {
	for _, e := range faults {
		out = append(out, e.Path)
	}
	return out
}

// plain returns a document as encoding/json sees it, for comparison.
func plain(t *testing.T, doc []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// equalValues reports whether two values have the same kind and text.
func equalValues(a, b Value) bool { return a.Kind() == b.Kind() && a.Text() == b.Text() }

// publishFaults returns what is wrong with a program.
func publishFaults(t *testing.T, p *Program) fault.List {
	t.Helper()
	_, faults := compile(*p, &config{})
	return faults
}

// EngineAhead returns how many contacts are noted as decided ahead by runs.
func EngineAhead(e *Engine) int { return e.ahead.Size() }
