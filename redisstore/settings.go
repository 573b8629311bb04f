package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// The settings of a namespace are one text, so that the first to come sets
// all of them. Behind them stands what no other namespace has: one that was
// emptied and made again, by whatever settings, has another text.
const (
	format       = 3
	settingsForm = "beckon redisstore format=%d partitions=%d"
	idForm       = settingsForm + " id=%s"
)

// settle finds the settings of the namespace, or makes them, and returns the number
// of partitions.
func (s *Store) settle(ctx context.Context) (int, error) {
	want := s.options.partitions
	if want == 0 {
		want = DefaultPartitions
		if s.cluster {
			want = DefaultClusterPartitions
		}
	}
	key := metaKey(s.options.namespace)
	text, err := s.client.Get(ctx, key).Result()
	if isNil(err) {
		if err := s.client.SetNX(ctx, key, fmt.Sprintf(idForm, format, want, rand.Text()), 0).Err(); err != nil {
			return 0, unwritten(err)
		}
		text, err = s.client.Get(ctx, key).Result()
	}
	if err != nil {
		return 0, unwritten(err)
	}
	var version, partitions int
	var id string
	n, err := fmt.Sscanf(text, idForm, &version, &partitions, &id)
	if n < 2 || version < 1 || partitions < 1 || partitions > MaxPartitions {
		return 0, fail(store.ErrDataCorrupt, "the namespace's settings cannot be read", err)
	}
	if version > format {
		return 0, fail(store.ErrDataVersion, fmt.Sprintf("the namespace has format %d; this package reads up to %d", version, format), nil)
	}
	if s.options.partitions != 0 && partitions != want {
		return 0, fail(ErrSetup, fmt.Sprintf("the namespace has %d partitions, not %d, and that cannot change", partitions, want), nil)
	}
	if id == "" {
		if text, err = s.identify(ctx, key, text, fmt.Sprintf(idForm, version, partitions, rand.Text())); err != nil {
			return 0, err
		}
	}
	s.settings = text
	return partitions, nil
}

// identifyScript puts a text in the place of another, unless somebody else has
// done so, and answers with what is there then.
const identifyScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])
`

// identify adds what tells the namespace from others to settings of an earlier
// version of this package. A server that takes no writes now leaves it for later.
func (s *Store) identify(ctx context.Context, key, text, with string) (string, error) {
	got, err := s.client.Eval(ctx, identifyScript, []string{key}, text, with).Text()
	switch {
	case err == nil:
		return got, nil
	case isReply(err) && !isNil(err):
		return text, nil
	case isNil(err):
		return "", s.changed(nil)
	}
	return "", unwritten(err)
}

// same reports, as an error, whether the namespace is not the one any more that
// the store was opened on, by what is under its key.
func (s *Store) same(cmd *redis.StringCmd) error {
	switch text, err := cmd.Result(); {
	case err != nil && !isNil(err):
		return unwritten(err)
	case err != nil || text != s.settings:
		return s.changed(err)
	}
	return nil
}

// changed is the error of a store whose namespace went.
func (s *Store) changed(cause error) error {
	if isNil(cause) {
		cause = nil
	}
	return fail(ErrReset, fmt.Sprintf("the namespace %.64q was emptied, or made again, while the store was open: what it finds there is not what was kept. Open it anew, with New, if that is as it should be", s.options.namespace), cause)
}

// exec sends a pipeline that reads, and asks along with it whether the namespace is
// still the same. Each command has its own error. Even single commands that read go
// by a pipeline: a client that caches answers does so for others only, and they
// may be out of date.
func (s *Store) exec(ctx context.Context, pipe redis.Pipeliner) error {
	cmd := pipe.Get(ctx, s.layout.meta)
	commands, err := pipe.Exec(ctx)
	if err != nil { // the first of them
		s.lookForMasters(ctx, commands)
	}
	return s.same(cmd)
}

// lookForMasters has the client of a cluster ask who the masters are if commands did not come
// through: a replica may have the place of one that died. By itself a client asks once a minute,
// or if a server sends it elsewhere, which one that died does not.
func (s *Store) lookForMasters(ctx context.Context, commands []redis.Cmder) {
	client, ok := s.client.(interface{ ReloadState(ctx context.Context) })
	if ok && slices.ContainsFunc(commands, func(c redis.Cmder) bool { return c.Err() != nil && !isReply(c.Err()) }) {
		client.ReloadState(ctx)
	}
}
