package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/sqlstore"
)

// Of SQL more is asked for: its driver makes as many round trips as a step does. That of Redis
// makes half as many.
const (
	onSQL   = 0.8
	onRedis = 0.5
)

// A kind is one store with one setting of what it promises.
type kind struct {
	name  string
	least float64 // of its steps to the driver's, at 64 goroutines: the target
	start func(ctx context.Context, dir string, contacts int) (*bench, error)
}

func kinds() []kind {
	return []kind{
		{"memory", 0, func(context.Context, string, int) (*bench, error) { return startMemory(), nil }},
		{"SQLite", onSQL, func(ctx context.Context, dir string, contacts int) (*bench, error) {
			return startSQLite(ctx, filepath.Join(dir, "full"), contacts, "FULL")
		}},
		{"SQLite, `WithNormalSync`", onSQL, func(ctx context.Context, dir string, contacts int) (*bench, error) {
			return startSQLite(ctx, filepath.Join(dir, "normal"), contacts, "NORMAL", sqlstore.WithNormalSync())
		}},
		{"PostgreSQL", onSQL, startPostgres},
		{"Redis, `appendfsync always`", onRedis, func(ctx context.Context, _ string, _ int) (*bench, error) {
			return startRedis(ctx, "appendonly=yes", "appendfsync=always")
		}},
		{"Redis, no persistence", onRedis, func(ctx context.Context, _ string, _ int) (*bench, error) { return startRedis(ctx) }},
	}
}

// A bench is a kind of store at work, its server too.
type bench struct {
	open     func(ctx context.Context, namespace string) (beckon.Store, func() error, error)
	least    func(ctx context.Context, ids []string) error // what the driver does at its least; nil if there is no driver
	wide     int                                           // bytes of a row that least reads and writes
	largest  int                                           // of the groups that least gets
	flights  int                                           // of them at once
	bytes    func(ctx context.Context) (int64, error)      // what all contacts take
	holds    string                                        // what they take it of
	versions string
	stop     func() error // ends what open and least need

	store  beckon.Store // that is open
	leave  func() error // closes it; nil if none is open
	tracks func(callers, among int) operation
}

// end closes the store.
func (b *bench) end() (err error) {
	if b.leave != nil {
		err, b.leave = b.leave(), nil
	}
	return err
}

// rowBytes makes a contact in a namespace of its own, closes the store, and has width say how
// many bytes its row has.
func rowBytes(ctx context.Context, b *bench, width func(namespace string) (int, error)) (int, error) {
	const namespace = "width"
	kept, end, err := b.open(ctx, namespace)
	if err != nil {
		return 0, err
	}
	_, err = fill(ctx, kept, 1)
	if err = errors.Join(err, end()); err != nil {
		return 0, err
	}
	return width(namespace)
}

// recordBytes says how long the record of a contact is, in the form in which it is kept.
func recordBytes(ctx context.Context) (int, error) {
	kept := memstore.New()
	size, err := fill(ctx, kept, 1)
	return size, errors.Join(err, kept.Close())
}

// value returns what a driver writes for each contact.
func value(wide int) []byte { return bytes.Repeat([]byte("x"), wide) }

// largest is of how many steps a group of the stores on SQL is at most.
const largest = 256

func startMemory() *bench {
	return &bench{
		open: func(context.Context, string) (beckon.Store, func() error, error) {
			return memstore.New(), func() error { return nil }, nil
		},
		bytes: heapBytes, holds: "memory",
		stop: func() error { return nil },
	}
}

// installed says how to get a server that is not there.
func installed(err error, pkg string) error {
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w (Debian: apt-get install %s; or choose stores with -only)", err, pkg)
	}
	return err
}
