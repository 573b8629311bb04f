package testserver

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
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

// StartReplicatedRedisCluster is StartRedisCluster with a replica of each master, which has
// everything that its master has when this returns.
func StartReplicatedRedisCluster(tb testing.TB, settings ...string) *RedisCluster {
	tb.Helper()
	open := func(settings ...string) (*RedisCluster, error) { return newRedisCluster(true, settings) }
	return start(tb, "the Redis Cluster", noRedis, open, settings)
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

// A RedisCluster is a throwaway Redis Cluster. Its methods are not for concurrent use.
type RedisCluster struct {
	Nodes    []*RedisServer // the masters: each has its even share of the slots, in order
	Replicas []*RedisServer // of the masters, in the same order; none unless it was started with them
}

// NewRedisCluster starts three masters that know each other and share the hash
// slots. The caller must Close it. The error wraps os/exec.ErrNotFound if
// Redis is not installed.
func NewRedisCluster(settings ...string) (*RedisCluster, error) {
	return newRedisCluster(false, settings)
}

func newRedisCluster(replicated bool, settings []string) (*RedisCluster, error) {
	const masters = 3
	c, password := new(RedisCluster), rand.Text()
	lists := []*[]*RedisServer{&c.Nodes}
	if replicated {
		lists = append(lists, &c.Replicas)
		settings = append([]string{"masterauth=" + password, "repl-diskless-sync-delay=0"}, settings...)
	}
	for _, list := range lists {
		for range masters {
			node, err := newRedis(password, true, settings)
			if err != nil {
				return nil, errors.Join(err, c.Close())
			}
			*list = append(*list, node)
		}
	}
	err := c.join()
	if err == nil && replicated {
		err = c.replicate()
	}
	if err != nil {
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
	for _, node := range c.Replicas {
		if _, err := node.Command(fmt.Sprintf("CLUSTER MEET 127.0.0.1 %d %d", c.Nodes[0].port, c.Nodes[0].bus)); err != nil {
			return err
		}
	}
	known := fmt.Sprintf("cluster_known_nodes:%d", len(c.Nodes)+len(c.Replicas))
	for _, node := range slices.Concat(c.Nodes, c.Replicas) {
		if err := node.until("CLUSTER INFO", "cluster_state:ok", fmt.Sprintf("cluster_size:%d", len(c.Nodes)), known); err != nil {
			return err
		}
	}
	return nil
}

// replicate makes each replica one of its master and waits until it has what that has.
func (c *RedisCluster) replicate() error {
	for i, node := range c.Replicas {
		id, err := c.Nodes[i].Command("CLUSTER MYID")
		if err == nil {
			_, err = node.Command("CLUSTER REPLICATE " + id)
		}
		if err == nil {
			err = node.until("INFO replication", "role:slave", "master_link_status:up")
		}
		if err == nil {
			err = c.Nodes[i].until("INFO replication", "connected_slaves:1", "state=online")
		}
		if err != nil {
			return err
		}
	}
	for _, node := range c.Replicas { // else nobody lets it take over
		id, err := node.Command("CLUSTER MYID")
		if err != nil {
			return err
		}
		for _, other := range slices.Concat(c.Nodes, c.Replicas) {
			if err := other.knows(id, "slave"); err != nil {
				return err
			}
		}
	}
	return nil
}

// until asks a node by a command until the answer has all of some texts.
func (s *RedisServer) until(command string, want ...string) error {
	for deadline := time.Now().Add(startTime); ; time.Sleep(20 * time.Millisecond) {
		answer, err := s.Command(command)
		if err == nil && !slices.ContainsFunc(want, func(text string) bool { return !strings.Contains(answer, text) }) {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.Join(err, fmt.Errorf("a node of a Redis Cluster does not get ready: %s: %q, want %q", command, answer, want))
		}
	}
}

// Caught waits until the replica of a master has everything that the master has now.
func (c *RedisCluster) Caught(i int) error {
	info, err := c.Nodes[i].Command("INFO replication")
	if err != nil {
		return err
	}
	var want int64
	if _, err := fmt.Sscan(after(info, "master_repl_offset:"), &want); err != nil {
		return err
	}
	for deadline := time.Now().Add(startTime); ; time.Sleep(time.Millisecond) {
		var got int64
		info, err := c.Replicas[i].Command("INFO replication")
		if err == nil {
			_, err = fmt.Sscan(after(info, "slave_repl_offset:"), &got)
		}
		switch {
		case err == nil && got >= want:
			return nil
		case time.Now().After(deadline):
			return errors.Join(err, fmt.Errorf("a replica does not catch up: it is at %d of %d", got, want))
		}
	}
}

// after returns what stands behind a name.
func after(text, name string) string {
	_, rest, _ := strings.Cut(text, name)
	return rest
}

// CutOff has the replica of a master learn nothing more from it.
func (c *RedisCluster) CutOff(i int) error {
	for _, command := range []string{"CONFIG SET masterauth wrong", "CLIENT KILL TYPE master"} {
		if _, err := c.Replicas[i].Command(command); err != nil {
			return fmt.Errorf("%s: %w", command, err)
		}
	}
	return c.Replicas[i].until("INFO replication", "master_link_status:down")
}

// TakeOver has the replica of a master take its place, and returns when all nodes that are
// alive know that: they change places in the lists. If the master is alive it hands over in
// order; one that was killed does not.
func (c *RedisCluster) TakeOver(i int) error {
	command, alive := "CLUSTER FAILOVER", c.Nodes[i].isAlive()
	if !alive {
		command = "CLUSTER FAILOVER FORCE"
	}
	node := c.Replicas[i]
	id, err := node.Command("CLUSTER MYID")
	if err != nil {
		return err
	}
	if _, err := node.Command(command); err != nil {
		return err
	}
	if err := node.until("INFO replication", "role:master"); err != nil {
		return err
	}
	c.Nodes[i], c.Replicas[i] = node, c.Nodes[i]
	if alive {
		if err := c.Replicas[i].until("INFO replication", "role:slave", "master_link_status:up"); err != nil {
			return err
		}
	}
	for _, other := range slices.Concat(c.Nodes, c.Replicas) {
		if !other.isAlive() {
			continue
		}
		if err := other.knows(id, "master"); err != nil {
			return err
		}
	}
	return nil
}

// knows waits until a node knows that another has a role.
func (s *RedisServer) knows(id, role string) error {
	for deadline := time.Now().Add(startTime); ; time.Sleep(5 * time.Millisecond) {
		nodes, err := s.Command("CLUSTER NODES")
		for line := range strings.Lines(nodes) {
			if words := strings.Fields(line); len(words) > 2 && words[0] == id && strings.Contains(words[2], role) {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return errors.Join(err, fmt.Errorf("a node does not learn that another is a %s: %q", role, nodes))
		}
	}
}

// isAlive reports whether the process has not ended.
func (s *RedisServer) isAlive() bool {
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
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
	for _, node := range slices.Concat(c.Nodes, c.Replicas) {
		err = errors.Join(err, node.Close())
	}
	return err
}
