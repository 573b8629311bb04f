package consent

import (
	"context"

	"github.com/beckon-go/beckon/store"
)

type saidKey struct{}

// Saying returns the context of an update that also says whether its contact wants a channel:
// it is noted in the same step, and so before anything is decided.
func Saying(ctx context.Context, channel string, yes bool, where string) context.Context {
	return context.WithValue(ctx, saidKey{}, store.Choice{Of: channel, Yes: yes, From: where})
}

// Unsaid returns the context without what Saying has added.
func Unsaid(ctx context.Context) context.Context {
	if Said(ctx).Of == "" {
		return ctx
	}
	return context.WithValue(ctx, saidKey{}, nil)
}

// Said returns what a context of Saying says, and the zero Choice for any other.
func Said(ctx context.Context) store.Choice {
	c, _ := ctx.Value(saidKey{}).(store.Choice)
	return c
}
