package queue

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
)

// pendingCount is how many deliveries, or jobs, are pending in PostgreSQL when a row
// begins.
const pendingCount = 10_000

// BenchmarkOutbox hands out what is pending over PostgreSQL to senders that do nothing,
// and acknowledges it; beside it a job queue inserts as many jobs, and works them with
// workers that do nothing. Both commit to disk.
func BenchmarkOutbox(b *testing.B) {
	b.Run("beckon", func(b *testing.B) { outboxRow(b, beckonOutbox) })
	b.Run("peer-river", func(b *testing.B) { outboxRow(b, riverQueue) })
}

// outboxRow reports how many were put in, and worked, in a second.
func outboxRow(b *testing.B, row func(b *testing.B, url string) (put, worked time.Duration)) {
	var put, worked time.Duration
	for range b.N {
		b.StopTimer()
		url := testserver.Postgres(b, "fsync=on", "synchronous_commit=on")
		p, w := row(b, url)
		put, worked = put+p, worked+w
	}
	n := float64(pendingCount * b.N)
	b.ReportMetric(n/put.Seconds(), "put/s")
	b.ReportMetric(n/worked.Seconds(), "worked/s")
	b.ReportMetric(0, "ns/op")
}

// puttersCount is how many callers put deliveries in at once.
const puttersCount = 64

func beckonOutbox(b *testing.B, url string) (put, worked time.Duration) {
	ctx, end := context.WithCancel(b.Context())
	defer end()
	kept, err := sqlstore.OpenPostgres(ctx, url)
	must(b, err)
	defer func() { must(b, kept.Close()) }()
	engine, err := beckon.New(kept, beckon.WithWorkers())
	must(b, err)
	must(b, engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("paid"),
		Content: beckon.Content{Subject: "Thank you", Body: "We got {{ event.total }}"},
	}}}))

	began := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range puttersCount {
		all.Go(func() {
			for i := next.Add(1); i <= pendingCount; i = next.Add(1) {
				_, err := engine.Track(ctx, beckon.Event{
					Name: "paid", UserID: fmt.Sprint("u", i),
					Metadata: beckon.Fields{{Key: "total", Value: beckon.String("19.99")}},
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	put = time.Since(began)

	var made atomic.Int64
	nothing := beckonwork.SenderFunc(func(context.Context, beckon.Delivery) error { return nil })
	worker, err := beckonwork.New(engine, beckonwork.Send(beckon.Email, nothing), beckonwork.WithoutDue(), beckonwork.WithoutSweep(),
		beckonwork.WithObserver(func(o beckonwork.Outcome) {
			if o.Result != beckonwork.Made {
				b.Errorf("%s: %v", o.Result, o.Err)
			}
			if made.Add(1) == pendingCount {
				end()
			}
		}))
	must(b, err)
	began = time.Now()
	must(b, worker.Run(ctx))
	return put, time.Since(began)
}

// A receipt is a job that does nothing.
type receipt struct {
	UserID, Subject, Body string
}

// Kind implements [river.JobArgs].
func (receipt) Kind() string { return "receipt" }

type receiptWorker struct {
	river.WorkerDefaults[receipt]
	made *atomic.Int64
	end  func()
}

func (w *receiptWorker) Work(context.Context, *river.Job[receipt]) error {
	if w.made.Add(1) == pendingCount {
		w.end()
	}
	return nil
}

func riverQueue(b *testing.B, url string) (put, worked time.Duration) {
	ctx := b.Context()
	pool, err := pgxpool.New(ctx, url)
	must(b, err)
	defer pool.Close()
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, nil)
	must(b, err)
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	must(b, err)

	var made atomic.Int64
	done := make(chan struct{})
	workers := river.NewWorkers()
	river.AddWorker(workers, &receiptWorker{made: &made, end: func() { close(done) }})
	client, err := river.NewClient(driver, &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 200, FetchCooldown: time.Millisecond}},
		FetchCooldown:     time.Millisecond,
		FetchPollInterval: 50 * time.Millisecond,
		Workers:           workers,
	})
	must(b, err)
	began := time.Now()
	for i := 0; i < pendingCount; i += 100 {
		list := make([]river.InsertManyParams, 100)
		for k := range list {
			list[k].Args = receipt{UserID: fmt.Sprint("u", i+k), Subject: "Thank you", Body: "We got 19.99"}
		}
		_, err := client.InsertMany(ctx, list)
		must(b, err)
	}
	put = time.Since(began)
	began = time.Now()
	must(b, client.Start(ctx))
	<-done
	must(b, client.Stop(ctx)) // after what was worked is in the tables
	return put, time.Since(began)
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
