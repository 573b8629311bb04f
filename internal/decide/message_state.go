package decide

import (
	"strconv"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// The attributes of message records: what of a message outlives programs (D7).
const (
	stateMode   = "mode"    // text: fixed when first published live
	stateLiveAt = "live_at" // text: Unix milliseconds, when first published live
	stateStatus = "status"  // text: paused or stopped by a call; outranks the program
)

// A MessageState is a message record as the engine reads it.
type MessageState struct {
	Mode   plan.Mode
	LiveAt int64
	Status plan.Status
}

// ReadMessageState returns what a message's record says of it.
func ReadMessageState(rec *store.Record) MessageState {
	p := rec.Profile
	at, _ := strconv.ParseInt(p.Attribute(stateLiveAt).Text(), 10, 64) // absent or not ours: not known
	return MessageState{
		Mode: plan.Mode(p.Attribute(stateMode).Text()), LiveAt: at, Status: plan.Status(p.Attribute(stateStatus).Text()),
	}
}

// WriteMessageState writes what is known of a message into its profile, which must
// be a copy.
func WriteMessageState(p *store.Profile, k MessageState) {
	text := func(s string) value.Value {
		if s == "" {
			return value.Value{}
		}
		return value.String(s)
	}
	SetAttribute(p, stateMode, text(string(k.Mode)))
	SetAttribute(p, stateStatus, text(string(k.Status)))
	if k.LiveAt != 0 {
		SetAttribute(p, stateLiveAt, value.String(strconv.FormatInt(k.LiveAt, 10)))
	}
}

// ModesFixed finds messages whose mode has changed since they were live (D7).
func ModesFixed(p *plan.Plan, states map[string]MessageState) (errs fault.List) {
	for _, m := range p.Messages {
		if k, ok := states[m.ID]; ok && k.Mode != "" && k.Mode != m.Mode {
			errs.Join(&fault.Error{
				Code: fault.ErrModeFixed, Path: m.Path + ".mode", ID: m.ID,
				Message: "the message has been live as " + string(k.Mode) + ", which cannot change",
			})
		}
	}
	return errs
}

// Misses reports whether the record of a message is to say that it is live, or stopped, and
// does not.
func (k MessageState) Misses(m *plan.Message) bool {
	return m.Status == plan.Live && (k.Mode == "" || k.LiveAt == 0) || m.Status == plan.Stopped && k.Status != plan.Stopped
}

// GoLive is the decision on a message's record when it is published live, or stopped.
type GoLive struct {
	Message *plan.Message
	Now     int64 // Unix milliseconds
	After   MessageState
}

// Decide implements [store.Decider]. Another engine may have published the message
// in another mode since the states were read; then this one is refused.
func (g *GoLive) Decide(rec *store.Record, c *store.Changes) error {
	k := ReadMessageState(rec)
	if k.Mode != "" && k.Mode != g.Message.Mode {
		return fault.List{{Code: fault.ErrModeFixed, Path: g.Message.Path + ".mode", Message: "the message has been live as " + string(k.Mode)}}
	}
	p := CloneProfile(rec.Profile)
	if g.Message.Status == plan.Live {
		k.Mode = g.Message.Mode
		if k.LiveAt == 0 {
			k.LiveAt = g.Now
			if g.Message.LiveAt != 0 {
				k.LiveAt = g.Message.LiveAt
			}
		}
	} else {
		k.Status = plan.Stopped
	}
	WriteMessageState(p, k)
	c.Profile = p
	g.After = k
	return nil
}
