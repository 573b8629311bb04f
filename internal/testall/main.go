// Command testall tests the library on a machine that has nothing but Go:
//
//	go run ./internal/testall
//
// It runs the tests of the packages that a program imports, without the long ones, and
// without go vet, which would look at every package that a database driver is
// made of. It says at the end which stores it left out because there is no server
// for them, and how to include each. Arguments are passed on to go test, such as
// -v or -run TestX.
//
// go test itself cannot say so: it keeps to itself what passing tests print.
// All tests, also those that compare the stores and the benchmarks, are run by
// .ci/run.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"github.com/beckon-go/beckon/internal/testserver"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil {
		var failed *exec.ExitError
		if !errors.As(err, &failed) { // go test has said what is wrong
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}

// library lists the packages that a program imports. What they are built from is
// tested with them; the tests of each part, of the examples, of the senders and
// of observe/…, which are modules of their own, and of what imports testing because only
// tests are made with it, are left to .ci/run: building them takes a minute more.
var library = []string{ //nolint:gochecknoglobals // a table that nothing writes to
	".", "./beckonhttp", "./beckonui", "./beckonwork",
	"./dump", "./explain", "./gen", "./memstore", "./observe", "./programfile", "./replay", "./replay/report", "./store", "./store/readonly",
	"./throttle", "./unsubscribe", "./value", "./words", "./sqlstore/...",
}

// packages returns what is tested, from the root of the repository. Without Redis
// nearly all tests of its store would be skipped, and building them takes as long
// as building the library.
func packages(missing []testserver.Absent) []string {
	if slices.ContainsFunc(missing, func(a testserver.Absent) bool { return a.Server == "Redis" }) {
		return library
	}
	return append(slices.Clip(library), "./redisstore/...")
}

func run(ctx context.Context, w io.Writer, args []string) error {
	missing := testserver.Missing()
	args = append([]string{"test", "-short", "-vet=off"}, args...)
	cmd := exec.CommandContext(ctx, "go", append(args, packages(missing)...)...)
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	// The compiler spends a fifth of its time on collecting what it drops. So it collects
	// only beyond a size that few packages reach.
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		cmd.Env = append(os.Environ(), "GOGC=off", "GOMEMLIMIT=1GiB")
	}
	if err := cmd.Run(); err != nil {
		return err
	}
	report(w, missing)
	return nil
}

// report says what was left out.
func report(w io.Writer, missing []testserver.Absent) {
	fmt.Fprintln(w)
	for _, a := range missing {
		fmt.Fprintf(w, "left out: the store on %s: %s\n", a.Server, a.How)
	}
	if len(missing) == 0 {
		fmt.Fprintln(w, "all stores were tested: memory, SQLite, PostgreSQL, Redis")
	}
	fmt.Fprintln(w, "All is well. This ran the short tests; bash .ci/run runs every test.")
}
