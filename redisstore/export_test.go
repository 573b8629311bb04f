package redisstore

import "github.com/beckon-go/beckon"

// Tag gives the hash tag of a record in a namespace of so many partitions.
func Tag(namespace string, partitions int, key beckon.Key) string {
	return newLayout(namespace, partitions).tag(key)
}
