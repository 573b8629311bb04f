package beckon

import (
	"testing"
	"time"
)

// CompileAlone compiles a rule for the benchmarks, which are in a package of
// their own because the workload imports this one. The judge is what a decision
// does for a rule, and nothing around it; one goroutine may call it.
func CompileAlone(tb testing.TB, r Rule, now time.Time) (judge func(*Record) bool) {
	tb.Helper()
	rule, s := benchCompile(tb, r, time.UTC), &scope{now: now.UnixMilli(), loc: time.UTC}
	return func(rec *Record) bool {
		s.rec = rec
		return rule.eval(s)
	}
}
