// Package redisstore keeps beckon's records in Redis or Redis Cluster, for many
// processes at once: caps hold across all of them.
//
//	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
//	store, err := redisstore.New(ctx, client)
//	engine, err := beckon.New(store)
//
// # Servers
//
// It works with Redis 6.2 or later, and is tested with 7.0: a single server, one
// behind Sentinel (redis.NewFailoverClient), or Redis Cluster. Scripts must be
// allowed.
//
// The setting maxmemory-policy must be noeviction. If Redis evicts a contact, its caps
// are forgotten, so [New] refuses any other setting ([WithEvictionAllowed]).
//
// The default of Redis is appendonly no: after a restart it has forgotten what came
// after its last snapshot. Set appendonly yes; [Store.AppendOnly] reports whether it
// is set. The store reads from masters only.
//
// # How a step is made
//
// A record, its events, its places in the indices and its share of the totals are in
// one hash slot. A step reads the record with its version, decides, and sends one
// script that commits everything if the version is still the same. If it is not, the
// script returns the record as it is, and the step is decided again. There are no
// locks, no WATCH and no expiry.
//
// Steps made at the same time in one process share round trips: one pipeline loads for
// all of them, and one commits. Steps on one record are decided one after the other
// and committed by one script, so a contact that everybody writes to costs less, not
// more. A lone step waits for nobody: it takes two round trips, or one if it changes
// nothing. Records that the Store has written within the last ten seconds it keeps (up to
// about 96 MiB of them), and does not load again: a step on one that was changed meanwhile,
// or that writes nothing, is decided twice.
//
// # What it promises
//
// A step that reported no error is committed, whole, and isolated from all other steps
// on its record. If the connection breaks during a commit, the client may repeat it.
// The script recognises its own version, so the commit counts once. If somebody else
// has written since, nobody can tell: the error is [ErrUnknownOutcome], and the caller
// decides whether to repeat.
//
// If a namespace is emptied or made again under an open store, the next call notices
// it, and every call fails with [ErrReset] from then on. The same is true for a server
// that was started again and has forgotten everything.
//
// # What a failure may lose
//
// The servers' settings decide that, not this package:
//
//   - appendfsync always: nothing that was acknowledged, when the process or the
//     machine dies. A step then waits for the disk; steps in one group wait
//     once.
//   - appendfsync everysec: up to some two seconds of steps when the machine
//     dies, and nothing when only the process does.
//   - RDB snapshots only, which is the default of a server: everything since the
//     last one. No persistence: everything.
//   - A master that hands over in order (CLUSTER FAILOVER): nothing.
//   - A replica that takes over from a master that died does not have what had not
//     reached it yet, because replication is asynchronous, and the Store does not wait
//     for replicas (WAIT). What had reached it is there.
//
// A step is lost whole: record, events, index entries and totals, or nothing of them. The
// Store that made it notices, too, where it has kept what it wrote: it decides again on
// what the replica has.
//
// With its counts and caps a lost step takes what it sent out of the record, so a message
// may go out once more than its cap allows, and what waited in the outbox may be gone or come
// again. If that must not happen, keep records in PostgreSQL. min-replicas-to-write makes a
// master refuse steps while it has too few replicas ([ErrUnavailable]): so one that is cut off
// does not go on for long. It does not make a step wait for a replica.
//
// Until a replica has taken over, steps and reads on the slots of the dead master fail with
// [ErrUnavailable] or [ErrUnknownOutcome], and with the default of cluster-require-full-coverage
// those on all slots do. Then the Store goes on; you need not open it again.
//
// # Limits
//
// All data must fit into memory: the README has figures. A record with its version is
// one value, read and written whole, so a step costs as much as the contact is large.
// A scan never blocks the server: each command looks at a page of one partition.
package redisstore
