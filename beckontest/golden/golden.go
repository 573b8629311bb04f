// Package golden keeps the decisions of a test in a file, so that an edit of a program
// shows as a difference that can be read: who gets what, what is held, for which reason,
// and what its rules saw.
//
//	kit := beckontest.New(t, program).At(start)
//	first := kit.Track(upload)
//	second := kit.Advance(time.Minute).Track(upload)
//	golden.Decisions(t, "first-day", first, second)
//
// The file is testdata/first-day.golden. Run the test with -update to write it, and look
// at the difference before you commit it:
//
//	go test ./rules -update
//
// To import the package defines the flag -update. A test package that has such a flag of
// its own asks [Update] instead of defining one.
package golden

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

//nolint:gochecknoglobals // a flag is one
var update = flagUpdate(flag.CommandLine)

// flagUpdate defines the flag, if no package has done so that was initialized before.
func flagUpdate(flags *flag.FlagSet) func() bool {
	if flags.Lookup("update") == nil {
		flags.Bool("update", false, "write golden files instead of comparing with them")
	}
	return func() bool { return flags.Lookup("update").Value.String() == "true" }
}

// Update reports whether the test was run with -update.
func Update() bool { return update() }

// Decisions compares the text of the decisions, in order, with the file
// testdata/NAME.golden, and fails the test with their difference. With -update it writes
// the file instead. Each is usually a [beckontest.Outcome]; other values with a String
// method, such as a note between two steps, may stand among them. The name may have
// slashes in it. No decisions, and a name that leads out of testdata, stop the test.
//
// Lines may end in CRLF in the file, as some systems check it out.
//
// [beckontest.Outcome]: https://pkg.go.dev/github.com/beckon-go/beckon/beckontest#Outcome
func Decisions(t testing.TB, name string, decisions ...fmt.Stringer) {
	t.Helper()
	compare(t, "testdata", name, update(), decisions)
}

// tester is what the package needs of a test.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

func compare(t tester, dir, name string, write bool, decisions []fmt.Stringer) {
	t.Helper()
	if len(decisions) == 0 {
		t.Fatalf("golden: no decisions: what compares nothing must not pass for a test")
		return
	}
	if name == "" || !filepath.IsLocal(filepath.FromSlash(name)) {
		t.Fatalf("golden: %q is no name within testdata", name)
		return
	}
	file := filepath.Join(dir, filepath.FromSlash(name)+".golden")
	var b strings.Builder
	for i, d := range decisions {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(d.String(), "\n") + "\n")
	}
	got := b.String()
	if write {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(got), 0o644)); err != nil {
			t.Fatalf("golden: %v", err)
			return
		}
		t.Logf("golden: %s is written", filepath.ToSlash(file))
		return
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("golden: there is no %s yet; run the test with -update to write it", filepath.ToSlash(file))
		return
	}
	if err != nil {
		t.Fatalf("golden: %v", err)
		return
	}
	want := strings.ReplaceAll(string(data), "\r\n", "\n")
	if got != want {
		t.Errorf("golden: the decisions differ from %s (- the file, + this run; -update writes the file):\n%s",
			filepath.ToSlash(file), diff(want, got))
	}
}
