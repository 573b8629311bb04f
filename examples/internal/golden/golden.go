// Package golden checks what the example programs print.
package golden

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write what the program prints to testdata/output.txt") //nolint:gochecknoglobals // a flag is one

// Output runs a program and compares what it prints with testdata/output.txt.
func Output(t *testing.T, run func(context.Context, io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := run(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/output.txt"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the program printed\n%s\nwant, from %s\n%s", got.Bytes(), golden, want)
	}
}
