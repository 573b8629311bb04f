// Command testall tests the library on a machine that has nothing but Go:
//
//	go run ./internal/testall
//
// It runs the tests of the library and of its stores, the long ones left out,
// and says at the end which stores it left out because there is no server for
// them, and how to include each. Arguments are passed on to go test, such as
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

// packages returns what is tested, from the root of the repository.
func packages() []string { return []string{"./...", "./sqlstore/...", "./redisstore/..."} }

func run(ctx context.Context, w io.Writer, args []string) error {
	args = append([]string{"test", "-short"}, args...)
	cmd := exec.CommandContext(ctx, "go", append(args, packages()...)...)
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	report(w, testserver.Missing())
	return nil
}

// report says what was left out.
func report(w io.Writer, missing []string) {
	fmt.Fprintln(w)
	for _, store := range missing {
		fmt.Fprintf(w, "left out: the store on %s\n", store)
	}
	if len(missing) == 0 {
		fmt.Fprintln(w, "all stores were tested: memory, SQLite, PostgreSQL, Redis")
	}
	fmt.Fprintln(w, "All is well. This ran the short tests; bash .ci/run runs every test.")
}
