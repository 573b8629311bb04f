package main

import (
	"context"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// work sends mail, and runs Due and Sweep, until ctx ends.
func work(ctx context.Context, engine *beckon.Engine, mail beckonwork.SenderFunc) error {
	worker, err := beckonwork.New(engine, beckonwork.Send(beckon.Email, mail))
	if err != nil {
		return err
	}
	return worker.Run(ctx)
}
