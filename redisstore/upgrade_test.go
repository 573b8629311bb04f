package redisstore_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// oldIndex makes of a namespace what format 1 had of it: the index by email as it
// was, and the settings.
func oldIndex(t *testing.T, client *redis.Client, s *redisstore.Store, entries map[store.Key]string) {
	t.Helper()
	prefix := strings.TrimSuffix(metaKey(s), "meta}")
	keys, err := client.Keys(t.Context(), prefix+"*}x").Result()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) > 0 {
		if err := client.Del(t.Context(), keys...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for key, address := range entries {
		records, err := client.Keys(t.Context(), fmt.Sprintf("%s*}r%d:%s", prefix, key.Kind, key.ID)).Result()
		if err != nil || len(records) != 1 {
			t.Fatalf("%q, %v", records, err)
		}
		sum := sha256.Sum256([]byte(address))
		index, _, _ := strings.Cut(records[0], "}")
		member := string(sum[:16]) + string([]byte{byte(key.Kind)}) + key.ID
		if err := client.ZAdd(t.Context(), index+"}x", redis.Z{Member: member}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := client.Get(t.Context(), metaKey(s)).Result()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Set(t.Context(), metaKey(s), strings.Replace(text, "format=3", "format=1", 1), 0).Err(); err != nil {
		t.Fatal(err)
	}
}

// Format 1 had addresses in the letters in which they were given: since format 2 a
// contact is found by every spelling. However many open such a namespace at once,
// all find it ready.
func TestUpgrade(t *testing.T) {
	client := single(t)
	s := open(t, client, redisstore.WithPartitions(5))
	emailed := func(id string) store.Key { return store.Key{Kind: store.KindEmail, ID: id} }
	old := make(map[store.Key]string)
	put := func(key store.Key, address string, p store.Profile) {
		if address != "" {
			p.Attributes = []store.Attribute{store.NewAttribute("email", beckon.String(address))}
			old[key] = address
		}
		if err := step(t.Context(), s, key, func(_ *store.Record, c *store.Changes) error { c.Profile, c.Touch = &p, true; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	put(user("u"), "Ada@x.test", store.Profile{Created: 1})
	put(user("v"), "ada@x.test", store.Profile{Created: 1})
	put(user("w"), "", store.Profile{Created: 1})
	put(emailed("Lead@x.test"), "Lead@x.test", store.Profile{Created: 1})
	put(emailed("Moved@x.test"), "", store.Profile{Forward: user("u"), Generation: 1})
	for i := range 40 {
		put(user(fmt.Sprint(i)), fmt.Sprintf("N%d@x.test", i), store.Profile{Created: 1})
	}
	oldIndex(t, client, s, old)

	stores := make([]*redisstore.Store, 4)
	var all sync.WaitGroup
	for i := range stores {
		all.Go(func() {
			var err error
			if stores[i], err = redisstore.New(t.Context(), client, redisstore.WithNamespace(s.Namespace())); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	for _, s := range stores {
		for address, want := range map[string][]string{
			"ADA@x.test": {"u", "v"}, "lead@x.test": {"Lead@x.test"}, "moved@X.test": {"Moved@x.test"}, "n7@x.test": {"7"}, "none@x.test": nil,
		} {
			var got []string
			if _, err := s.Scan(t.Context(), store.Query{Email: address}, "", 10, func(r *store.Record) error {
				got = append(got, r.Key.ID)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%s: found %q, want %q", address, got, want)
			}
		}
	}
	// What stood there under another form is gone.
	n := 0
	keys, err := client.Keys(t.Context(), strings.TrimSuffix(metaKey(s), "meta}")+"*}x").Result()
	for _, key := range keys {
		size, bad := client.ZCard(t.Context(), key).Result()
		if n += int(size); bad != nil {
			err = bad
		}
	}
	if want := len(old) + 1; n != want || err != nil {
		t.Errorf("the index has %d entries, want %d, %v", n, want, err)
	}
	if text, err := client.Get(t.Context(), metaKey(s)).Result(); err != nil || !strings.Contains(text, "format=3 partitions=5 id=") {
		t.Errorf("the settings are %q, %v", text, err)
	}
}
