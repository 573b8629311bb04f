// Package beckonwork runs what an engine needs somebody to run: Due every minute, Sweep
// every hour, and the senders of what is pending in the outbox. What a job queue's workers
// are for jobs, a [Worker] is for messages.
//
//	worker, err := beckonwork.New(engine,
//		beckonwork.Send(beckon.Email, mail),
//		beckonwork.Send(beckon.Push, push),
//	)
//	if err != nil {
//		return err
//	}
//	return worker.Run(ctx) // until ctx ends
//
// Run it in as many processes as you like, over one store. What one process leaves that
// dies, another takes up when its lease has ended.
package beckonwork
