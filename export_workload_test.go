package beckon

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// CompileAlone compiles a rule for the benchmarks, which are in a package of
// their own because the workload imports this one. The judge is what a decision
// does for a rule, and nothing around it; one goroutine may call it.
func CompileAlone(tb testing.TB, r Rule, now time.Time) (judge func(*store.Record) bool) {
	tb.Helper()
	var faults fault.List
	audience := rule.Compile(lowerRule(&r), &rule.Compiler{Loc: time.UTC, Counters: &rule.CounterSet{}, Faults: &faults}, rule.OfContact, "")
	if len(faults) > 0 {
		tb.Fatal(faults)
	}
	s := &rule.Scope{Now: now.UnixMilli(), Loc: time.UTC}
	return func(rec *store.Record) bool {
		s.Rec = rec
		return audience.Eval(s)
	}
}
