package redisstore

import (
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// Tag returns the hash tag of a record in a namespace of so many partitions.
func Tag(namespace string, partitions int, key store.Key) string {
	return newLayout(namespace, partitions).tag(key)
}

// Largest is how many steps share a round trip at most.
const Largest = largest

// WithGroup has so many of them at most: with 1 each step goes by itself.
func WithGroup(n int) Option { return optionFunc(func(o *options) { o.group = n }) }

// Namespace returns the store's own.
func (s *Store) Namespace() string { return s.options.namespace }

// Client returns the store's own.
func (s *Store) Client() redis.UniversalClient { return s.client }

// Keys returns the keys of a record and of its log.
func (s *Store) Keys(key store.Key) (record, events string) {
	tag := s.layout.tag(key)
	return recordKey(tag, key), eventsKey(tag, key)
}

// EventPlace returns what an event's member in the log begins with.
func EventPlace(at store.EventCursor) string { return string(eventPlace(at.At, at.Seq)) }

// Recent returns how many records are kept for steps, and their bytes.
func (s *Store) Recent() (rows, bytes int) {
	rows, _, _ = s.recent.Counts()
	return rows, s.recent.Bytes()
}
