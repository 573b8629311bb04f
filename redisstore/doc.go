// Package redisstore keeps beckon's records in Redis or Redis Cluster, for many
// processes at once: caps hold across all of them.
//
//	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
//	store, err := redisstore.New(ctx, client)
//	engine, err := beckon.New(store)
//
// # Servers
//
// Redis 6.2 or later, tested with 7.0; a single server, one behind Sentinel
// (redis.NewFailoverClient), or Redis Cluster. Scripts must be allowed. The
// setting maxmemory-policy must be noeviction: an evicted contact is one whose
// caps are forgotten, so [New] refuses anything else ([WithEvictionAllowed]). Redis
// as it comes has appendonly no: it forgets what came after its last snapshot when
// it is started again. Set appendonly yes; [Store.AppendOnly] tells whether it is.
// All reading is from masters.
//
// # How a step is made
//
// A record, its events, its places in the indices and its share of the totals are in
// one hash slot. A step reads the record with its version, decides, and sends one
// script that commits all of it if the version is still the same. If it is not,
// the script answers with the record as it is, and the step is decided again. There
// are no locks, no WATCH and no expiry.
//
// Steps made at the same time in one process share round trips: one pipeline
// loads for all of them, one commits. Those on one record are decided one after the
// other and committed by one script, so that a contact that everybody writes to
// costs less, not more. A lone step waits for nobody: two round trips, or
// one if it changes nothing.
//
// # What it promises
//
// A step that reported no error is committed, whole, isolated from all other
// steps on its record. If the connection breaks while a commit is under way, the
// client may repeat it: the script recognises its own version, so the commit counts
// once. Where that can no longer be told, because somebody else has written since,
// the error is [ErrUnknownOutcome] and the caller decides whether to repeat.
//
// A namespace that is emptied under an open store, or made again, with as many
// partitions or another number, is noticed by the next call: each then fails with
// [ErrReset]. So is a server that was started again and has forgotten everything.
//
// # What a failure may lose
//
// That is for the servers' settings to say, not for this package:
//
//   - appendfsync always: nothing that was acknowledged, when the process or the
//     machine dies. A step then waits for the disk; steps in one group wait
//     once.
//   - appendfsync everysec: up to some two seconds of steps, when the machine
//     dies; nothing when only the process does.
//   - RDB snapshots only, as a server comes, or no persistence: everything since
//     the last one, or all.
//   - A replica that takes over lacks what had not reached it yet: replication is
//     asynchronous. min-replicas-to-write bounds the time in which a master that
//     is cut off goes on accepting, not what is lost.
//
// A lost step is forgotten whole, counts and caps with it, so that a message may go
// out once more than its cap allows. Where that must not happen, keep
// records in PostgreSQL.
//
// # Limits
//
// All data must fit into memory: see the README for figures. A record with its
// version is one value, read and written whole, so a contact's size is what a step
// costs. A scan never blocks the server: each command looks at a page of one
// partition.
package redisstore
