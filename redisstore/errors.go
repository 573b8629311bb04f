package redisstore

import (
	"context"
	"errors"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// The codes of this store's errors, beside [store.ErrQueryInvalid],
// [store.ErrDataCorrupt], [store.ErrDataVersion] and [beckon.ErrClosed].
const (
	// ErrUnavailable: the server cannot be reached or cannot do it now. What
	// has this error was not written.
	ErrUnavailable beckon.Code = "store_unavailable"

	// ErrUnknownOutcome: the connection was lost, or the server took too long,
	// while a commit was under way. Whether it was written is not known.
	ErrUnknownOutcome beckon.Code = "store_unknown_outcome"

	// ErrFull: the server has reached maxmemory and takes no more. Nothing
	// was written; reading goes on.
	ErrFull beckon.Code = "store_full"

	// ErrBusy: other processes were faster on the same record, time after
	// time. Nothing was written.
	ErrBusy beckon.Code = "store_busy"

	// ErrReadOnly: the server takes no writes: a replica, a disk that fails, a
	// right that is missing. Nothing was written.
	ErrReadOnly beckon.Code = "store_read_only"

	// ErrEviction: the server may throw records away when memory is short.
	ErrEviction beckon.Code = "store_eviction"

	// ErrReset: the namespace was emptied, or made again, while the store was open.
	// What is there is not what the store kept. It reads and writes nothing any
	// more, until you open it again.
	ErrReset beckon.Code = "store_reset"

	// ErrSetup: an option, or the client, does not fit this store or the data
	// that is there.
	ErrSetup beckon.Code = "store_setup"
)

// A failure is a typed error with what the client said.
type failure struct {
	typed *beckon.Error
	cause error
}

// Error returns the place, the sentence and the code.
func (f *failure) Error() string { return f.typed.Error() }

// Unwrap returns the typed error, for errors.Is and errors.As, and the client's.
func (f *failure) Unwrap() []error { return []error{f.typed, f.cause} }

func fail(code beckon.Code, message string, cause error) error {
	if cause == nil {
		return &beckon.Error{Code: code, Message: message}
	}
	// What servers and connections say contains no secret; it may be long.
	said := cause.Error()
	if len(said) > 200 {
		said = said[:200] + "…"
	}
	return &failure{&beckon.Error{Code: code, Message: message + ": " + strings.ToValidUTF8(said, "�")}, cause}
}

// unwritten types the error of a command that has written nothing.
func unwritten(err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, redis.ErrClosed):
		return fail(beckon.ErrClosed, "the client is closed", err)
	case redis.HasErrorPrefix(err, "OOM"):
		return fail(ErrFull, "Redis has no memory left", err)
	case redis.HasErrorPrefix(err, "READONLY"), redis.HasErrorPrefix(err, "MISCONF"), redis.HasErrorPrefix(err, "NOPERM"):
		return fail(ErrReadOnly, "Redis takes no writes here", err)
	}
	return fail(ErrUnavailable, "Redis cannot do it", err)
}

// indeterminate types the error of a command that may have written.
func unknown(err error) error {
	return fail(ErrUnknownOutcome, "whether Redis has written it is not known", err)
}

func corrupt(what string) error {
	return &beckon.Error{Code: store.ErrDataCorrupt, Message: "stored data " + what}
}

func isNil(err error) bool { return errors.Is(err, redis.Nil) }

// isReply reports whether an error is the server's answer.
func isReply(err error) bool {
	var said redis.Error
	return errors.As(err, &said)
}
