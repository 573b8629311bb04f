package beckon

import (
	"context"
	"io"
	"iter"
	"time"
)

// An Engine takes events and decides messages. It is safe for concurrent use.
type Engine struct {
	store Store
}

// An Option sets up an [Engine].
type Option interface{ apply(*Engine) error }

type optionFunc func(*Engine) error

func (f optionFunc) apply(e *Engine) error { return f(e) }

// New makes an engine over a store.
func New(store Store, opts ...Option) (*Engine, error) { return nil, nil }

// WithClock sets the clock.
func WithClock(now func() time.Time) Option { return nil }

// WithStrictMetadata makes a 21st metadata key an error (M1).
func WithStrictMetadata() Option { return nil }

// WithKnownContactsOnly refuses contacts never seen.
func WithKnownContactsOnly() Option { return nil }

// WithEventNamesLimit sets how many event names a contact may have (E6).
func WithEventNamesLimit(n int) Option { return nil }

// WithSourceChannels says which channels a source may trigger (D6).
func WithSourceChannels(source Source, channels ...Channel) Option { return nil }

// WithOutbox keeps deliveries until they are acknowledged (Z1).
func WithOutbox() Option { return nil }

// Publish compiles a program and runs it from now on.
func (e *Engine) Publish(ctx context.Context, program Program) error { return nil }

// Track records an event and decides the messages it triggers.
func (e *Engine) Track(ctx context.Context, event Event) (Result, error) { return Result{}, nil }

// TrackJSON reads a posted event and tracks it: what is wrong with the body
// and what the engine finds wrong are reported together (E3).
func (e *Engine) TrackJSON(ctx context.Context, r io.Reader) (Result, error) { return Result{}, nil }

// Update sets what is known of a contact (C1).
func (e *Engine) Update(ctx context.Context, contact Contact) (Result, error) { return Result{}, nil }

// Visit decides the messages of a login or page view.
func (e *Engine) Visit(ctx context.Context, visit Visit) (Result, error) { return Result{}, nil }

// Check decides the sweep's messages for one contact now (D4).
func (e *Engine) Check(ctx context.Context, who Identity) (Result, error) { return Result{}, nil }

// A RunOption sets up one Sweep, Due or Send.
type RunOption interface{ applyRun(*run) }

type run struct{}

// OnHeld has fn called for every message held, with the contact.
func OnHeld(fn func(Identity, Held)) RunOption { return nil }

// Sample limits a Send to the first n contacts that match, by a stable hash (D5).
func Sample(n int) RunOption { return nil }

// Only limits a Send to a single contact (D5).
func Only(who Identity) RunOption { return nil }

// Sweep decides ongoing email, push and SMS and date rules for all contacts.
func (e *Engine) Sweep(ctx context.Context, opts ...RunOption) iter.Seq2[Delivery, error] { return nil }

// Due decides what was held until now.
func (e *Engine) Due(ctx context.Context, opts ...RunOption) iter.Seq2[Delivery, error] { return nil }

// Send sends a one-off message.
func (e *Engine) Send(ctx context.Context, message string, opts ...RunOption) iter.Seq2[Delivery, error] {
	return nil
}

// Merge makes from and into one contact (C2).
func (e *Engine) Merge(ctx context.Context, from, into Identity) error { return nil }

// Archive archives an event name (E10).
func (e *Engine) Archive(ctx context.Context, event string) error { return nil }

// Unarchive takes it back.
func (e *Engine) Unarchive(ctx context.Context, event string) error { return nil }

// Pause, Resume and Stop a message (D7).
func (e *Engine) Pause(ctx context.Context, message string) error { return nil }

// Resume takes a pause back.
func (e *Engine) Resume(ctx context.Context, message string) error { return nil }

// Stop ends a message for good.
func (e *Engine) Stop(ctx context.Context, message string) error { return nil }

// Release gives a delivery back that could not be made (F4).
func (e *Engine) Release(ctx context.Context, who Identity, deliveryID string) error { return nil }

// ReleaseLatest gives back the latest send of the message to the contact that
// is not yet released.
func (e *Engine) ReleaseLatest(ctx context.Context, who Identity, message string) error { return nil }

// Delete forgets a contact whole (C4).
func (e *Engine) Delete(ctx context.Context, who Identity) error { return nil }

// Totals gives the counts of a message (Z2).
func (e *Engine) Totals(ctx context.Context, message string) (Totals, error) { return Totals{}, nil }

// Totals are the counts of one message (Z2).
type Totals struct {
	Judged           int64            `json:"judged"`
	Sent             int64            `json:"sent"`
	Held             map[Reason]int64 `json:"held"`
	Converted        int64            `json:"converted"`
	Followed         int64            `json:"followed"`
	ControlConverted int64            `json:"control_converted"`
}

// Match lists all contacts that a rule matches (A9).
func (e *Engine) Match(ctx context.Context, rule Rule) iter.Seq2[Identity, error] { return nil }
