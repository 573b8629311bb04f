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
//   - A replica that takes over does not have what had not reached it yet, because
//     replication is asynchronous. min-replicas-to-write limits how long a master
//     that is cut off goes on accepting, not what is lost.
//
// If a step is lost, its counts and caps are lost too, so a message may go out once
// more than its cap allows. If that must not happen, keep records in PostgreSQL.
//
// # Limits
//
// All data must fit into memory: the README has figures. A record with its version is
// one value, read and written whole, so a step costs as much as the contact is large.
// A scan never blocks the server: each command looks at a page of one partition.
package redisstore
