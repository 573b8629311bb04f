package dump_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/dump"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

var errBroken = errors.New("out of order")

// A failing is a store whose n-th call fails, done or not.
type failing struct {
	*memstore.Store
	n, at int
	done  bool
	err   error // nil is errBroken
}

func (s *failing) fails(do func() error) error {
	s.n++
	if s.n != s.at {
		return do()
	}
	if s.done {
		_ = do()
	}
	return cmp.Or(s.err, errBroken)
}

func (s *failing) Step(ctx context.Context, steps []store.Step) error {
	return s.fails(func() error { return s.Store.Step(ctx, steps) })
}

func (s *failing) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (next store.Cursor, err error) {
	err = s.fails(func() error { next, err = s.Store.Scan(ctx, q, after, limit, fn); return err })
	return next, err
}

func (s *failing) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) (list []store.LoggedEvent, err error) {
	err = s.fails(func() error { list, err = s.Store.Events(ctx, key, before, limit); return err })
	return list, err
}

func (s *failing) Totals(ctx context.Context, message string) (list []store.Total, err error) {
	err = s.fails(func() error { list, err = s.Store.Totals(ctx, message); return err })
	return list, err
}

// Whatever call of the source or of the destination fails, done or not, the
// error comes out, and the repeat makes it whole.
func TestStoreFails(t *testing.T) {
	ctx := context.Background()
	from := lived(t, 8)
	want := memstore.New()
	if _, err := dump.Copy(ctx, want, from); err != nil {
		t.Fatal(err)
	}
	for _, done := range []bool{false, true} {
		for n := 1; ; n++ {
			to := &failing{Store: memstore.New(), at: n, done: done}
			_, err := dump.Copy(ctx, to, from)
			if to.n < n {
				if n < 5 {
					t.Fatalf("only %d calls could fail", n-1)
				}
				break
			}
			if !errors.Is(err, errBroken) {
				t.Fatalf("call %d of the destination: %v", n, err)
			}
			if _, err := dump.Copy(ctx, to, from, dump.Replace()); err != nil || !bytes.Equal(to.Snapshot(), want.Snapshot()) {
				t.Fatalf("call %d of the destination: the repeat: %v, or the stores differ", n, err)
			}
		}
	}
	for n := 1; ; n++ {
		source := &failing{Store: from, at: n}
		var data bytes.Buffer
		_, err := dump.Write(ctx, source, &data)
		if source.n < n {
			break
		}
		if !errors.Is(err, errBroken) {
			t.Fatalf("call %d of the source: %v", n, err)
		}
		if _, err := dump.Verify(&data); err == nil {
			t.Fatalf("call %d of the source: what was written is taken for whole", n)
		}
	}
}

// A step that the destination refuses is its error, not damage, whatever code
// it has.
func TestStoreRefuses(t *testing.T) {
	data, _ := written(t, lived(t, 3))
	_, err := dump.Read(context.Background(), memstore.New(memstore.WithMaxRecords(2)), bytes.NewReader(data))
	var damaged *dump.DamagedError
	if !errors.Is(err, memstore.ErrFull) || errors.As(err, &damaged) {
		t.Errorf("%v", err)
	}
	// A destination whose own data are damaged says nothing of the dump.
	own := &beckon.Error{Code: store.ErrDataCorrupt, Message: "a record of the destination"}
	to := &failing{Store: memstore.New(), at: 1, err: own}
	_, err = dump.Read(context.Background(), to, bytes.NewReader(data), dump.Replace())
	if !errors.Is(err, store.ErrDataCorrupt) || errors.As(err, &damaged) {
		t.Errorf("%v", err)
	}
}

// An error of the reader or the writer comes out as it is.
func TestReaderAndWriterFail(t *testing.T) {
	ctx := context.Background()
	from := lived(t, 3)
	data, _ := written(t, from)
	var damaged *dump.DamagedError
	for _, n := range []int{0, 5, 100, len(data)} {
		r := io.MultiReader(bytes.NewReader(data[:n]), failingReader{})
		if _, err := dump.Read(ctx, memstore.New(), r); !errors.Is(err, errBroken) || errors.As(err, &damaged) {
			t.Errorf("the reader fails after %d bytes: %v", n, err)
		}
	}
	for _, n := range []int{0, 1, len(data) / 2, len(data) - 1} {
		if _, err := dump.Write(ctx, from, &failingWriter{left: n}); !errors.Is(err, errBroken) {
			t.Errorf("the writer fails after %d bytes: %v", n, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := dump.Copy(cancelled, memstore.New(), from); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errBroken }

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}
