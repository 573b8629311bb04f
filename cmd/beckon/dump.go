package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/dump"
	"github.com/beckon-go/beckon/store"
)

func dumpVerb() *verb {
	return &verb{
		name: "dump", group: groupStores,
		purpose: "writes all that a store holds to a file.",
		usage:   "-store S [-messages ID,…] [-json] FILE",
		about: `
FILE is - for the standard output. It has all that is known of all contacts, in
plain form: keep it as safe as the store. No application may use the store
meanwhile. What cannot be read is left out, and the exit status is 1.

Totals are moved of messages that have been live; -messages names further ones.
` + aboutStores,
		examples: []string{
			"beckon dump -store sqlite:beckon.db backup.beckon",
			"beckon dump -store sqlite:beckon.db - | gzip > backup.gz",
		},
		flags: storeFlags(
			textFlag("messages", "further messages whose totals are moved: `ids`, divided by commas"),
			jsonFlag("print how much it was, as JSON, on the standard error for -"),
		),
		run: writeDump,
	}
}

// writeDump writes a dump.
func writeDump(ctx context.Context, c *call) error {
	if err := c.needArgs(1, 1, "the file"); err != nil {
		return err
	}
	name := c.args()[0]
	var opts []dump.Option
	if ids := c.text("messages"); ids != "" {
		opts = append(opts, dump.Messages(strings.Split(ids, ",")...))
	}
	return c.over(ctx, stores.Read, func(s store.Store) error {
		var counts dump.Counts
		var damaged *beckon.DamagedError
		write := func(w io.Writer) error {
			var err error
			counts, err = dump.Write(ctx, s, w, opts...)
			if errors.As(err, &damaged) {
				return nil // the dump is whole with everything else
			}
			return err
		}
		if err := writeWhole(c, name, write); err != nil {
			return err
		}
		out := c.out
		if name == "-" {
			out = c.err
		}
		if err := printMoved(c, out, "dumped", counts); err != nil {
			return err
		}
		if damaged != nil {
			c.warn(damaged)
			return errFound
		}
		return nil
	})
}

// writeWhole writes a file that only its owner may read, whole or not at all; - is the
// standard output.
func writeWhole(c *call, name string, write func(io.Writer) error) error {
	if name == "-" {
		return write(c.stdout) // it is no text
	}
	if err := c.mayWrite(name); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func printMoved(c *call, w io.Writer, done string, n dump.Counts) error {
	if c.is("json") {
		return c.lines(w).Encode(map[string]int64{"records": n.Records, "events": n.Events, "messages": n.Messages})
	}
	_, err := fmt.Fprintf(w, "%s %s, %s and the totals of %s\n", done, plural(int(n.Records), "record"), plural(int(n.Events), "event"), plural(int(n.Messages), "message"))
	return err
}

func restoreVerb() *verb {
	return &verb{
		name: "restore", group: groupStores,
		purpose: "puts what dump has written into a store.",
		usage:   "-store S [-replace] [-json] FILE | -check FILE",
		about: `
The store is made if it is not there, and must be empty. With -replace what comes
replaces what is there under the same key: so an attempt that was interrupted is
repeated. FILE is - for the standard input. With -check the dump is only read to
its end, and no store is needed.
` + aboutStores,
		examples: []string{
			"beckon restore -check backup.beckon",
			"beckon restore -store sqlite:fresh.db backup.beckon",
		},
		flags: storeFlags(
			boolFlag("replace", "write into a store that has records"),
			boolFlag("check", "only check that the dump is whole"),
			jsonFlag("print how much it was, as JSON"),
		),
		run: readDump,
	}
}

// readDump reads a dump into a store, or only checks it.
func readDump(ctx context.Context, c *call) error {
	if err := c.needArgs(1, 1, "the file"); err != nil {
		return err
	}
	name := c.args()[0]
	in, _, err := c.openInput(name)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	if c.is("check") {
		counts, err := dump.Verify(in)
		if err != nil {
			return fmt.Errorf("%s: %w", fileName(name), err)
		}
		return printMoved(c, c.out, "the dump is whole:", counts)
	}
	whole := bufio.NewReader(in)
	if err := beginsAsDump(whole); err != nil { // before a store is made for it
		return fmt.Errorf("%s: %w", fileName(name), err)
	}
	return c.over(ctx, stores.Make, func(s store.Store) error {
		var opts []dump.Option
		if c.is("replace") {
			opts = append(opts, dump.Replace())
		}
		counts, err := dump.Read(ctx, s, whole, opts...)
		if errors.Is(err, dump.ErrNotEmpty) {
			return notEmptyError{err}
		}
		var damaged *dump.DamagedError
		if errors.As(err, &damaged) {
			return fmt.Errorf("%s: %w", fileName(name), err)
		}
		if err != nil {
			return err
		}
		return printMoved(c, c.out, "restored", counts)
	})
}

// A notEmptyError names the flag where the error of package dump names an option.
type notEmptyError struct{ err error }

func (e notEmptyError) Error() string {
	return string(dump.ErrNotEmpty) + ": the store has records already; use -replace to write into it all the same"
}

func (e notEmptyError) Unwrap() error { return e.err }

// beginsAsDump returns an error if what is read does not begin as a dump does. It takes
// nothing of it.
func beginsAsDump(in *bufio.Reader) error {
	head, err := in.Peek(in.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var damaged *dump.DamagedError
	if _, err := dump.Verify(bytes.NewReader(head)); errors.As(err, &damaged) && damaged.Offset == 0 {
		return err
	}
	return nil
}
