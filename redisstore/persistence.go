package redisstore

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// AppendOnly asks every master whether it keeps an append-only file (appendonly yes).
// After a restart, a server without one (the default of Redis) has forgotten all steps
// since its last snapshot, or everything: contacts, and caps with them. New does not
// ask, because some providers keep the data in another way. If you rely on the file,
// call AppendOnly once, after New.
//
// The error is [ErrSetup] if the servers do not tell: INFO is forbidden or does not
// say, or New does not know the client's type.
func (s *Store) AppendOnly(ctx context.Context) (bool, error) {
	var without atomic.Bool // masters of a cluster are asked at the same time
	check := func(ctx context.Context, node *redis.Client) error {
		info, err := node.Info(ctx, "persistence").Result()
		if err != nil && !isReply(err) {
			return unwritten(err)
		}
		for line := range strings.Lines(info) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "aof_enabled:"); ok {
				if value != "1" {
					without.Store(true)
				}
				return nil
			}
		}
		return fail(ErrSetup, "whether Redis keeps an append-only file cannot be learnt: INFO does not say", err)
	}
	var err error
	switch c := s.client.(type) {
	case *redis.ClusterClient:
		err = c.ForEachMaster(ctx, check)
	case *redis.Client:
		err = check(ctx, c)
	default:
		err = fail(ErrSetup, fmt.Sprintf("whether Redis keeps an append-only file cannot be learnt from a %T", s.client), nil)
	}
	return err == nil && !without.Load(), err
}
