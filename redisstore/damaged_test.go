package redisstore_test

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
	"github.com/redis/go-redis/v9"
)

// damage damages what is stored behind a store's back.
func damage() storetest.Damage {
	of := func(t *testing.T, s beckon.Store) *redisstore.Store {
		t.Helper()
		store, ok := s.(*redisstore.Store)
		if !ok {
			t.Fatalf("a %T", s)
		}
		return store
	}
	flipped := func(value string) string {
		b := []byte(value)
		b[len(b)-5] ^= 1
		return string(b)
	}
	get := func(t *testing.T, s *redisstore.Store, name string) string {
		t.Helper()
		value, err := s.Client().Get(t.Context(), name).Result()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	set := func(t *testing.T, s *redisstore.Store, name, value string) {
		t.Helper()
		if err := s.Client().Set(t.Context(), name, value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	return storetest.Damage{
		Record: func(t *testing.T, s beckon.Store, key store.Key) {
			store := of(t, s)
			name, _ := store.Keys(key)
			value := []byte(flipped(get(t, store, name)))
			value[0] ^= 1 // of the version: else the store's next step would put in its place what it knows of it
			set(t, store, name, string(value))
		},
		Event: func(t *testing.T, s beckon.Store, key store.Key, at store.EventCursor) {
			store := of(t, s)
			_, name := store.Keys(key)
			members, err := store.Client().ZRange(t.Context(), name, 0, -1).Result()
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range members {
				if !strings.HasPrefix(m, redisstore.EventPlace(at)) {
					continue
				}
				if err := store.Client().ZRem(t.Context(), name, m).Err(); err != nil {
					t.Fatal(err)
				}
				if err := store.Client().ZAdd(t.Context(), name, redis.Z{Member: flipped(m)}).Err(); err != nil {
					t.Fatal(err)
				}
			}
		},
		Move: func(t *testing.T, s beckon.Store, from, to store.Key) {
			store := of(t, s)
			a, _ := store.Keys(from)
			b, _ := store.Keys(to)
			set(t, store, b, get(t, store, a))
		},
	}
}
