package main

import (
	"context"

	"github.com/beckon-go/beckon"
)

// work sends what is in the outbox, and returns when that is done.
func work(ctx context.Context, engine *beckon.Engine, send func(context.Context, beckon.Delivery) error) error {
	for d, err := range engine.Pending(ctx) {
		if err != nil {
			return err
		}
		switch err = send(ctx, d); {
		case err == nil:
			err = engine.Acknowledge(ctx, d)
		case d.Attempt >= 5:
			err = engine.GiveUp(ctx, d)
		default:
			continue // it comes again when its lease has ended
		}
		if err != nil {
			return err
		}
	}
	return nil
}
