package beckon_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails the run when a goroutine of the module outlives the tests:
// the library starts none unless the host asks for one.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := lastingGoroutines(2 * time.Second); code == 0 && len(left) > 0 {
		fmt.Fprintf(os.Stderr, "%d goroutines outlive the tests:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
		code = 1
	}
	os.Exit(code)
}

// lastingGoroutines returns the stacks of this module's goroutines that are
// still there when the patience is used up. It asks repeatedly, since one that
// is on its way out needs a moment.
func lastingGoroutines(patience time.Duration) []string {
	deadline := time.Now().Add(patience)
	for {
		left := moduleGoroutines()
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		runtime.Gosched()
	}
}

// moduleGoroutines returns the stacks of all goroutines, but the caller's, in
// which code of this module runs or which it started.
func moduleGoroutines() []string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	stacks := strings.Split(strings.TrimSpace(string(buf)), "\n\n")
	var ours []string
	for _, stack := range stacks[1:] { // the first is the caller's own
		if strings.Contains(stack, "github.com/beckon-go/beckon") {
			ours = append(ours, stack)
		}
	}
	return ours
}

func TestGoroutineCheckSeesALeak(t *testing.T) {
	stop, started := make(chan struct{}), make(chan struct{})
	go waitFor(started, stop)
	<-started
	defer close(stop)
	for _, stack := range moduleGoroutines() {
		if strings.Contains(stack, "beckon_test.waitFor") {
			return
		}
	}
	t.Error("a goroutine that never ends was not seen")
}

func waitFor(started, stop chan struct{}) {
	close(started)
	<-stop
}
