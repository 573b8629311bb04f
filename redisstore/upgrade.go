package redisstore

import (
	"context"
	"fmt"

	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// upgrade brings a namespace to the present format. Format 1 kept each spelling
// of an address by itself in the index by email; since 2 it is there as
// [store.Record.Email] has it. Format 2 had no channels in the index of leases: what it
// has there is read as it is. Several may do this at the same time, and steps go
// on meanwhile: what is added to the index is asked of the record again whenever it
// is found. A server that takes no writes now leaves it for later.
func (s *Store) upgrade(ctx context.Context) error {
	var version, partitions int
	var id string
	if n, err := fmt.Sscanf(s.settings, idForm, &version, &partitions, &id); n < 3 || err != nil || version >= format {
		return nil //nolint:nilerr // settings that settle has read; without an id the server takes no writes
	}
	tags := s.layout.tags
	if version > 1 {
		tags = nil
	}
	for _, tag := range tags {
		err := s.foldIndex(ctx, tag)
		if err == nil {
			err = s.foldIdentities(ctx, tag)
		}
		switch {
		case err == nil:
		case isReply(err) && !isNil(err):
			return nil
		default:
			return unwritten(err)
		}
	}
	text, err := s.identify(ctx, s.layout.meta, s.settings, fmt.Sprintf(idForm, format, partitions, id))
	if err == nil {
		s.settings = text
	}
	return err
}

// foldIndex moves the entries of a partition's index by email that stand for
// another form of an address than its record has.
func (s *Store) foldIndex(ctx context.Context, tag string) error {
	index := tag + emailKey
	x := selection{prefix: emailHashSize}
	return s.eachMember(ctx, index, func(members []string) error {
		var keys []store.Key
		var of []string
		for _, m := range members {
			if key, _, ok := x.keyOf(m); ok {
				keys, of = append(keys, key), append(of, m)
			}
		}
		return s.fold(ctx, index, keys, func(pipe redis.Pipeliner, i int, is string) {
			if of[i] != is {
				pipe.ZRem(ctx, index, of[i])
			}
		})
	})
}

// foldIdentities adds to a partition's index by email the identities that are an
// address in other letters than the folded ones.
func (s *Store) foldIdentities(ctx context.Context, tag string) error {
	return s.eachMember(ctx, kindKey(tag, store.KindEmail), func(ids []string) error {
		var keys []store.Key
		for _, id := range ids {
			if store.FoldEmail(id) != id {
				keys = append(keys, store.Key{Kind: store.KindEmail, ID: id})
			}
		}
		return s.fold(ctx, tag+emailKey, keys, func(redis.Pipeliner, int, string) {})
	})
}

// fold reads records, and adds to the index the members that they have there now.
// then is asked for each of them, with the member. A record that cannot be read
// stays where it is.
func (s *Store) fold(ctx context.Context, index string, keys []store.Key, then func(pipe redis.Pipeliner, i int, is string)) error {
	if len(keys) == 0 {
		return nil
	}
	read := s.client.Pipeline()
	values := make([]*redis.StringCmd, len(keys))
	for i, key := range keys {
		values[i] = read.Get(ctx, recordKey(s.layout.tag(key), key))
	}
	_, _ = read.Exec(ctx) // each has its own error
	write := s.client.Pipeline()
	var d decoder
	for i, key := range keys {
		data, err := values[i].Result()
		if err != nil && !isNil(err) {
			return err
		}
		rec, _, err := d.decode(key, data)
		if err != nil {
			continue
		}
		is := emailFacet(facetsOf(rec).email, key)
		if is != "" {
			write.ZAdd(ctx, index, redis.Z{Member: is})
		}
		then(write, i, is)
	}
	if write.Len() == 0 {
		return nil
	}
	_, err := write.Exec(ctx)
	return err
}

// eachMember calls fn with the members of a sorted set, page by page.
func (s *Store) eachMember(ctx context.Context, key string, fn func(members []string) error) error {
	for from := "-"; ; {
		page, err := s.client.ZRangeByLex(ctx, key, &redis.ZRangeBy{Min: from, Max: "+", Count: idsPage}).Result()
		if err != nil || len(page) == 0 {
			return err
		}
		if err := fn(page); err != nil {
			return err
		}
		from = "(" + page[len(page)-1]
	}
}
