package simulation

import (
	"context"

	"github.com/beckon-go/beckon"
)

func merge(e *beckon.Engine, ctx context.Context, from, into beckon.Identity) (beckon.Result, error) {
	return e.Merge(ctx, from, into)
}

func update(e *beckon.Engine, ctx context.Context, who beckon.Contact) (beckon.Result, error) {
	return e.Update(ctx, who)
}
