package redisstore

import "fmt"

// The defaults of the options.
const (
	DefaultNamespace         = "beckon"
	DefaultPartitions        = 16 // of a namespace on a single server
	DefaultClusterPartitions = 64 // of one in a cluster
)

// MaxPartitions is the most that [WithPartitions] takes.
const MaxPartitions = 1024

// largest is how many steps share a round trip at most.
const largest = 128

// flights is how many groups are under way at once: one is decided while the
// server is busy with another. More of them would be smaller.
const flights = 2

type options struct {
	namespace  string
	partitions int // 0: whatever is there, or the default
	group      int // largest, except in tests
	evict      func(warning error)
}

// An Option sets up a [Store].
type Option interface{ apply(*options) }

type optionFunc func(*options)

func (f optionFunc) apply(o *options) { f(o) }

// WithNamespace keeps the store's data apart from other stores in the same database.
// It is part of every key. Any text is allowed; the empty one is [DefaultNamespace].
func WithNamespace(name string) Option {
	return optionFunc(func(o *options) {
		if o.namespace = name; name == "" {
			o.namespace = DefaultNamespace
		}
	})
}

// WithPartitions sets the number of parts of a new namespace. In a cluster its data is
// spread evenly over as many hash slots. The number is stored there and can never
// change: with another number New fails with [ErrSetup]. A namespace that is there
// needs no such option.
//
// More partitions spread better; a single server needs only one. But a scan by due
// time, lease, email or merge, and Totals and Size, send one small command to each
// partition. So does the engine for every event that names a contact by email alone.
//
// Zero and less mean [DefaultPartitions] if you pass New a *redis.Client, else
// [DefaultClusterPartitions], which is enough for a dozen masters. Set it for a single
// server that will become a larger cluster one day.
func WithPartitions(n int) Option {
	return optionFunc(func(o *options) { o.partitions = max(n, 0) })
}

// WithEvictionAllowed makes New go on if a server may evict records or does not say.
// New then calls warn with the error that it would have returned. If a record is
// evicted, the contact is forgotten with its frequency caps. A nil warn is not called.
func WithEvictionAllowed(warn func(warning error)) Option {
	return optionFunc(func(o *options) {
		if o.evict = warn; warn == nil {
			o.evict = func(error) {}
		}
	})
}

func (o *options) validate() error {
	if o.partitions > MaxPartitions {
		return fail(ErrSetup, fmt.Sprintf("at most %d partitions, not %d", MaxPartitions, o.partitions), nil)
	}
	return nil
}
