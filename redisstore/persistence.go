package redisstore

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// AppendOnly asks every master whether it keeps an append-only file (appendonly
// yes). One that does not, as Redis comes, forgets all steps since its last
// snapshot when it is started again, or everything: contacts, and caps with
// them. [New] does not ask, for some who host Redis keep the data in another
// way; a host that relies on the file asks once, after New.
//
// The error is [ErrSetup] where it cannot be learnt: INFO is forbidden or does
// not say, or the client is of another type than New knows.
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
