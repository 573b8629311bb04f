// Package redisstore keeps beckon's records in Redis or Redis Cluster.
package redisstore
