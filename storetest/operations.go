package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/beckon-go/beckon"
)

// An operation is one call of an engine that may be repeated, on contacts and
// messages of its own: id is part of their names.
type operation struct {
	name    string
	prepare func(ctx context.Context, e *beckon.Engine, id string) error
	later   time.Duration // between prepare and do
	do      func(ctx context.Context, e *beckon.Engine, id string) error
}

// program has for one trial a message of each kind.
func program(id string) beckon.Program {
	text := beckon.Content{Subject: "s", Body: "hello {{ user.name | fallback: 'you' }}"}
	long := start().Add(-time.Hour)
	mine := beckon.User("trial").Is(id)
	return beckon.Program{Messages: []beckon.Message{
		{ID: "now-" + id, Status: beckon.Live, LiveAt: long, Trigger: beckon.On("go-" + id), Channel: beckon.Email, Frequency: &beckon.Frequency{Every: beckon.Seconds(0), Max: 3}, Content: text},
		{ID: "sweep-" + id, Status: beckon.Live, LiveAt: long, Mode: beckon.Ongoing, Channel: beckon.Email, Audience: mine, Content: text},
		{ID: "send-" + id, Status: beckon.Live, LiveAt: long, Mode: beckon.OneOff, Channel: beckon.Email, Audience: mine, Content: text},
		{ID: "wait-" + id, Status: beckon.Live, LiveAt: long, Trigger: beckon.On("wait-"+id).Unless("paid", beckon.Minutes(1), ""), Channel: beckon.Email, Content: text},
	}}
}

// drain lets a run come to its end.
func drain(run func(func(beckon.Delivery, error) bool)) error {
	for _, err := range run {
		if err != nil {
			return err
		}
	}
	return nil
}

func operations() []operation {
	known := func(ctx context.Context, e *beckon.Engine, id string) error {
		_, err := e.Update(ctx, beckon.Contact{UserID: "u-" + id, Attributes: beckon.Attributes{
			"trial": beckon.String(id), "name": beckon.String("Ann"), "email": beckon.String(id + "@x.test"),
		}})
		return err
	}
	track := func(name, event string) func(context.Context, *beckon.Engine, string) error {
		return func(ctx context.Context, e *beckon.Engine, id string) error {
			_, err := e.Track(ctx, beckon.Event{
				Name: name + id, UserID: "u-" + id, EventID: event + id,
				Metadata: beckon.Fields{{Key: "plan", Value: beckon.String("pro")}},
			})
			return err
		}
	}
	all := func(list ...func(context.Context, *beckon.Engine, string) error) func(context.Context, *beckon.Engine, string) error {
		return func(ctx context.Context, e *beckon.Engine, id string) error {
			for _, fn := range list {
				if err := fn(ctx, e, id); err != nil {
					return err
				}
			}
			return nil
		}
	}
	visitor := func(ctx context.Context, e *beckon.Engine, id string) error {
		_, err := e.Track(ctx, beckon.Event{Name: "go-" + id, AnonymousID: "v-" + id, EventID: "before" + id})
		return err
	}
	return []operation{
		{name: "Track", prepare: known, do: track("go-", "e")},
		{name: "Track by email", prepare: known, do: func(ctx context.Context, e *beckon.Engine, id string) error {
			_, err := e.Track(ctx, beckon.Event{Name: "go-" + id, Email: id + "@x.test", EventID: "e" + id})
			return err
		}},
		{name: "Update", prepare: track("go-", "e"), do: known},
		{name: "Unsubscribe", prepare: known, do: func(ctx context.Context, e *beckon.Engine, id string) error {
			return e.Unsubscribe(ctx, beckon.Identity{UserID: "u-" + id}, "email:promo")
		}},
		{name: "Resubscribe", prepare: all(known, func(ctx context.Context, e *beckon.Engine, id string) error {
			return e.Unsubscribe(ctx, beckon.Identity{UserID: "u-" + id}, "email")
		}), do: func(ctx context.Context, e *beckon.Engine, id string) error {
			return e.Resubscribe(ctx, beckon.Identity{UserID: "u-" + id}, "email")
		}},
		{name: "Send", prepare: known, do: func(ctx context.Context, e *beckon.Engine, id string) error {
			return drain(e.Send(ctx, "send-"+id))
		}},
		{name: "Sweep", prepare: known, do: func(ctx context.Context, e *beckon.Engine, _ string) error {
			return drain(e.Sweep(ctx))
		}},
		{name: "Due", prepare: all(known, track("wait-", "w")), later: 2 * time.Minute, do: func(ctx context.Context, e *beckon.Engine, _ string) error {
			return drain(e.Due(ctx))
		}},
		{name: "Merge", prepare: all(known, track("go-", "e"), visitor), do: func(ctx context.Context, e *beckon.Engine, id string) error {
			_, err := e.Merge(ctx, beckon.Identity{AnonymousID: "v-" + id}, beckon.Identity{UserID: "u-" + id})
			return err
		}},
		{name: "Delete", prepare: all(known, track("go-", "e")), do: func(ctx context.Context, e *beckon.Engine, id string) error {
			return e.Delete(ctx, beckon.Identity{UserID: "u-" + id})
		}},
		{name: "Release", prepare: all(known, track("go-", "e"), track("go-", "f")), do: func(ctx context.Context, e *beckon.Engine, id string) error {
			return eachPending(ctx, e, id, func(d beckon.Delivery) error {
				if d.Sequence != 1 {
					return nil
				}
				err := e.Release(ctx, d)
				if errors.Is(err, beckon.ErrDeliveryUnknown) {
					return nil // it was given back by the call that failed
				}
				return err
			})
		}},
		{name: "Acknowledge", prepare: all(known, track("go-", "e"), track("go-", "f")), do: func(ctx context.Context, e *beckon.Engine, id string) error {
			return eachPending(ctx, e, id, func(d beckon.Delivery) error { return e.Acknowledge(ctx, d) })
		}},
		{name: "GiveUp", prepare: all(known, track("go-", "e"), track("go-", "f")), do: func(ctx context.Context, e *beckon.Engine, id string) error {
			return eachPending(ctx, e, id, func(d beckon.Delivery) error { return e.GiveUp(ctx, d) })
		}},
		{name: "Publish", prepare: known, do: func(ctx context.Context, e *beckon.Engine, id string) error {
			p := program(id)
			p.Messages[0].Status, p.Messages[0].LiveAt = beckon.Live, time.Time{}
			return e.Publish(ctx, p)
		}},
		{name: "Stop", prepare: known, do: func(ctx context.Context, e *beckon.Engine, id string) error { return e.Stop(ctx, "now-"+id) }},
	}
}

// eachPending calls fn with the deliveries of one trial that are in the outbox.
func eachPending(ctx context.Context, e *beckon.Engine, id string, fn func(beckon.Delivery) error) error {
	var all []beckon.Delivery
	for d, err := range e.Outbox(ctx) {
		if err != nil {
			return err
		}
		if d.Contact.UserID == "u-"+id {
			all = append(all, d)
		}
	}
	for _, d := range all {
		if err := fn(d); err != nil {
			return err
		}
	}
	return nil
}
