package redisstore

import (
	"context"
	"crypto/sha1" // by which Redis names scripts; nothing rests on it
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/internal/recent"
	"github.com/redis/go-redis/v9"
)

// New opens a store. The client stays yours: close it when nothing uses the store any
// more. It is a *redis.Client, also one made by NewFailoverClient, or a
// *redis.ClusterClient. It must not read from replicas, and it cannot be a ring: then,
// and if it is nil, the error is [ErrSetup]. Nil options are skipped.
//
// New talks to the server, and fails with
//
//   - [ErrEviction] if a master may evict records or does not say: maxmemory-policy
//     must be noeviction, unless maxmemory is 0. See [WithEvictionAllowed].
//   - [ErrSetup] if the namespace has another number of partitions than
//     [WithPartitions] says.
//   - [store.ErrDataVersion] if a newer version of this package made the namespace.
//   - [ErrUnavailable] if Redis cannot be reached or refuses scripts.
func New(ctx context.Context, client redis.UniversalClient, opts ...Option) (*Store, error) {
	o := options{namespace: DefaultNamespace, group: largest}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&o)
		}
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	if err := checkClient(client); err != nil {
		return nil, err
	}
	s := &Store{client: client, options: o, recent: recent.New[*recentValue]()}
	_, single := client.(*redis.Client)
	s.cluster = !single // or not known
	if err := s.checkEviction(ctx); err != nil {
		return nil, err
	}
	partitions, err := s.settle(ctx)
	if err != nil {
		return nil, err
	}
	s.layout = newLayout(o.namespace, partitions)
	if err := s.upgrade(ctx); err != nil {
		return nil, err
	}
	sum := sha1.Sum([]byte(commitScript))
	s.sha = hex.EncodeToString(sum[:])
	if err := client.ScriptLoad(ctx, commitScript).Err(); err != nil {
		return nil, unwritten(err)
	}
	s.queue = group.New(o.group, flights, s.run)
	return s, nil
}

// checkClient refuses clients through which a store could not keep its promise.
func checkClient(client redis.UniversalClient) error {
	if client == nil || client == (*redis.Client)(nil) || client == (*redis.ClusterClient)(nil) {
		return fail(ErrSetup, "a client is needed", nil)
	}
	switch c := client.(type) {
	case *redis.Ring:
		return fail(ErrSetup, "a ring moves keys when a server fails, and loses caps: use Redis Cluster", nil)
	case *redis.ClusterClient:
		if o := c.Options(); o.ReadOnly || o.RouteByLatency || o.RouteRandomly {
			return fail(ErrSetup, "the client reads from replicas, which lag behind", nil)
		}
	}
	return nil
}

// checkEviction asks every master whether it may evict.
func (s *Store) checkEviction(ctx context.Context) error {
	var mu sync.Mutex // masters of a cluster are asked at the same time
	warn := func(warning error) error {
		mu.Lock()
		defer mu.Unlock()
		if s.options.evict == nil {
			return warning
		}
		s.options.evict(warning)
		return nil
	}
	check := func(ctx context.Context, node *redis.Client) error {
		policy, memory, err := evictionPolicy(ctx, node)
		switch {
		case err != nil:
			return unwritten(err)
		case policy == "":
			return warn(fail(ErrEviction, "whether Redis may evict cannot be learnt: CONFIG is forbidden and INFO does not say", nil))
		case policy == "noeviction", memory == "0":
			return nil
		}
		return warn(fail(ErrEviction, fmt.Sprintf("maxmemory-policy is %.64q and must be noeviction: when memory is short, Redis may throw contacts and their frequency caps away", policy), nil))
	}
	switch c := s.client.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, check)
	case *redis.Client:
		return check(ctx, c)
	}
	return warn(fail(ErrEviction, fmt.Sprintf("whether Redis may evict cannot be learnt from a %T", s.client), nil))
}

// evictionPolicy returns maxmemory-policy and maxmemory. Many who host Redis forbid
// CONFIG; INFO has both too. What cannot be found out is empty; err is for a server
// that cannot be reached.
func evictionPolicy(ctx context.Context, node *redis.Client) (policy, memory string, err error) {
	config, err := node.ConfigGet(ctx, "maxmemory*").Result()
	if err == nil && config["maxmemory-policy"] != "" {
		return config["maxmemory-policy"], config["maxmemory"], nil
	}
	if err != nil && !isReply(err) {
		return "", "", err
	}
	info, err := node.Info(ctx, "memory").Result()
	if err != nil && !isReply(err) {
		return "", "", err
	}
	for line := range strings.Lines(info) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name {
		case "maxmemory_policy":
			policy = value
		case "maxmemory":
			memory = value
		}
	}
	return policy, memory, nil
}
