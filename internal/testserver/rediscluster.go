package testserver

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// redisSlots is how many hash slots every Redis Cluster has.
const redisSlots = 16384

// StartRedisCluster starts a throwaway Redis Cluster of three masters for one
// test, with which it ends. Settings are as for [Redis].
func StartRedisCluster(tb testing.TB, settings ...string) *RedisCluster {
	tb.Helper()
	return start(tb, "the Redis Cluster", noRedis, NewRedisCluster, settings)
}

// A SharedRedisCluster is one cluster for all tests of a binary: it starts
// when it is first asked for, and TestMain closes it. The zero value is ready.
type SharedRedisCluster struct {
	Settings []string // as for Redis; to be set before the first use

	shared[*RedisCluster]
}

// Get returns the cluster.
func (s *SharedRedisCluster) Get(tb testing.TB) *RedisCluster {
	tb.Helper()
	return s.get(tb, noRedis, NewRedisCluster, s.Settings)
}

// A RedisCluster is a throwaway Redis Cluster of masters without replicas. Its
// methods are not for concurrent use.
type RedisCluster struct {
	Nodes []*RedisServer // each has its even share of the slots, in order
}

// NewRedisCluster starts three masters that know each other and share the hash
// slots. The caller must Close it. The error wraps os/exec.ErrNotFound if
// Redis is not installed.
func NewRedisCluster(settings ...string) (*RedisCluster, error) {
	const masters = 3
	c, password := new(RedisCluster), rand.Text()
	for range masters {
		node, err := newRedis(password, true, settings)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.Nodes = append(c.Nodes, node)
	}
	if err := c.join(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// join makes the nodes one cluster and waits until all of them say so.
func (c *RedisCluster) join() error {
	for i, node := range c.Nodes {
		commands := []string{
			fmt.Sprintf("CLUSTER SET-CONFIG-EPOCH %d", i+1),
			fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", i*redisSlots/len(c.Nodes), (i+1)*redisSlots/len(c.Nodes)-1),
		}
		if i > 0 {
			commands = append(commands, fmt.Sprintf("CLUSTER MEET 127.0.0.1 %d %d", c.Nodes[0].port, c.Nodes[0].bus))
		}
		for _, command := range commands {
			if _, err := node.Command(command); err != nil {
				return fmt.Errorf("%s: %w", command, err)
			}
		}
	}
	deadline := time.Now().Add(startTime)
	for _, node := range c.Nodes {
		for !c.knownTo(node) {
			if time.Now().After(deadline) {
				return errors.New("the nodes of a Redis Cluster do not get ready")
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}

// knownTo reports whether a node takes commands and knows all others.
func (c *RedisCluster) knownTo(node *RedisServer) bool {
	info, err := node.Command("CLUSTER INFO")
	return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_size:%d", len(c.Nodes)))
}

// URL returns the address of all nodes, password included, in the form that
// go-redis' ParseClusterURL reads.
func (c *RedisCluster) URL() string {
	u, more := url.URL{Scheme: "redis", User: url.UserPassword("", c.Nodes[0].password), Host: c.Nodes[0].Addr()}, url.Values{}
	for _, node := range c.Nodes[1:] {
		more.Add("addr", node.Addr())
	}
	u.RawQuery = more.Encode()
	return u.String()
}

// Close ends all nodes for good and removes their data.
func (c *RedisCluster) Close() error {
	var err error
	for _, node := range c.Nodes {
		err = errors.Join(err, node.Close())
	}
	return err
}
