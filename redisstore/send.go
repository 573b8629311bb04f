package redisstore

import (
	"errors"

	"github.com/redis/go-redis/v9"
)

// commitAll sends the units that are ready. Those that lost a race stay open,
// with the record that won. What cannot be told to be written or not is sent
// again, as it was: the script knows a commit by its version.
func (b *batch) commitAll() {
	for resends := 0; ; {
		broken := b.send()
		if !b.anyReady() {
			return
		}
		if !broken {
			continue // with the script, which was forgotten
		}
		if resends++; resends > maxResends || b.ctx.Err() != nil {
			for _, u := range b.units {
				if u.ready {
					u.undone()
				}
			}
			return
		}
		b.backOff(resends + 4) // from some milliseconds on
	}
}

// send sends the units that are ready in one pipeline. It reports whether any
// of them stays so because something broke.
func (b *batch) send() (broken bool) {
	pipe := b.store.client.Pipeline()
	for _, u := range b.units {
		if !u.ready {
			continue
		}
		u.commit = b.command(u)
		_ = pipe.Process(b.ctx, once{u.commit}) // never fails: it is only put into the pipeline
	}
	// After the commits, so that what is reported as committed is so in this
	// namespace. If only this answer is lost, the commits' own count.
	if gone := b.store.exec(b.ctx, pipe); errors.Is(gone, ErrReset) {
		for _, u := range b.units {
			if u.ready {
				u.fail(gone, true)
			}
		}
		return false
	}
	for _, u := range b.units {
		if u.ready {
			broken = u.answered() || broken
		}
	}
	return broken
}

// command makes the command of a commit: by the script's name or, if the server
// has forgotten that, with all of it, which makes the server remember.
func (b *batch) command(u *unit) *redis.Cmd {
	args := make([]any, 0, 3+len(u.keys)+len(u.args))
	if u.whole {
		args = append(args, "eval", commitScript, len(u.keys))
	} else {
		args = append(args, "evalsha", b.store.sha, len(u.keys))
	}
	for _, key := range u.keys {
		args = append(args, key)
	}
	cmd := redis.NewCmd(b.ctx, append(args, u.args...)...)
	cmd.SetFirstKeyPos(3)
	return cmd
}

// A once is a command that the client does not repeat by itself when an answer
// is lost: it would not tell us, and a repeated commit has to know that it is
// one. Being sent elsewhere by a cluster is no repetition.
type once struct{ *redis.Cmd }

// NoRetry is asked by the client.
func (once) NoRetry() bool { return true }

// answered deals with the answer to a commit. It reports whether something broke,
// so that it may be sent again.
func (u *unit) answered() (broken bool) {
	answer, err := u.commit.Result()
	switch answer := answer.(type) {
	case int64:
		u.ready, u.kept = false, false
		if answer == 1 {
			u.open, u.committed = false, true
		} else {
			u.undone()
		}
		return false
	case string:
		u.ready = false
		u.value = answer // the race is lost
		u.kept, u.stale = false, u.stale || u.kept
		return false
	}
	switch {
	case err == nil: // no answer of the script's
		u.undone()
		return false
	case redis.HasErrorPrefix(err, "NOSCRIPT") && !u.whole:
		u.whole = true
		return false
	case isReply(err):
		if !isTransient(err) {
			u.undone()
			return false
		}
		return true
	}
	if u.sent.written {
		u.sent.unanswered = true
	}
	if errors.Is(err, redis.ErrClosed) {
		u.undone()
		return false
	}
	return true
}

// isTransient reports whether a server that refused may take it soon: it starts,
// hands a slot over, or is not yet known not to be the master any more.
func isTransient(err error) bool {
	for _, prefix := range [...]string{"LOADING", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY"} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// undone ends a unit whose commit came to nothing, or perhaps not.
func (u *unit) undone() {
	err := u.commit.Err()
	if err == nil {
		err = errAnswerLost
	}
	if u.sent.unanswered {
		u.fail(unknown(err), false)
		return
	}
	u.fail(unwritten(err), true)
}

// errAnswerLost becomes the cause of an error.
var errAnswerLost = errors.New("an answer got lost, and the record has changed since")
