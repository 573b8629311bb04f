package decide

import (
	"math"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/standing"
)

// Liveness is whether a message is live, and since when.
type Liveness struct {
	status plan.Status
	at     int64 // Unix milliseconds
}

// Status returns what is in effect, and since when the message is live, in Unix
// milliseconds; 0 if it never was.
func (l Liveness) Status() (plan.Status, int64) { return l.status, l.at }

// since returns from when on candidates find the message live; never, if it is
// not.
func (l Liveness) since() int64 {
	if l.status != plan.Live {
		return math.MaxInt64
	}
	return l.at
}

// went reports whether the message has gone live by an instant, and is paused at most.
func (l Liveness) went(now int64) bool {
	return (l.status == plan.Live || l.status == plan.Paused) && l.at != 0 && l.at <= now
}

// comes reports whether the message is to go live after an instant.
func (l Liveness) comes(now int64) bool {
	return (l.status == plan.Live || l.status == plan.Paused) && l.at > now
}

// told returns what hosts are told of it.
func (l Liveness) told() *explain.Live {
	return &explain.Live{Status: string(l.status), Since: standing.Instant(l.at)}
}

// notLive says why a message that is not live is not.
func (l Liveness) notLive() string {
	switch l.status {
	case plan.Live:
		return "it is live from " + time.UnixMilli(l.at).UTC().Format(time.RFC3339Nano)
	case plan.Paused:
		return "it is paused"
	case plan.Stopped:
		return "it is stopped"
	}
	return "it is a draft"
}

// NotYet says in words that a message is not live at an instant, to stand before more; empty
// if it is.
func (l Liveness) NotYet(now int64) string {
	if l.since() <= now {
		return ""
	}
	return l.notLive() + "; "
}

// livenessOf joins what the program says of a message with what outlives it.
func livenessOf(m *plan.Message, k MessageState) Liveness {
	l := Liveness{status: m.Status, at: m.LiveAt}
	if l.at == 0 {
		l.at = k.LiveAt
	}
	// A pause or stop outranks the status in a later program, but a program
	// that stops a paused message stops it.
	if k.Status == plan.Stopped || k.Status == plan.Paused && l.status == plan.Live {
		l.status = k.Status
	}
	return l
}
