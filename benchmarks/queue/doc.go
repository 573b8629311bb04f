// Package queue measures the outbox over PostgreSQL beside a job queue. It is a module of its
// own, because the queue needs a newer Go than beckon does.
package queue
