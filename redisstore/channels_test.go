package redisstore_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// pendingOn puts a delivery of each channel into the outbox of a contact.
func pendingOn(t *testing.T, s *redisstore.Store, id string, until int64, channels ...beckon.Channel) {
	t.Helper()
	if err := step(t.Context(), s, user(id), func(_ *store.Record, c *store.Changes) error {
		for _, channel := range channels {
			c.Pending = append(c.Pending, store.Pending{Until: until, Delivery: beckon.Delivery{ID: string(channel), Channel: channel}})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// pendingIn returns who has something pending on channels, in pages of a size.
func pendingIn(t *testing.T, s *redisstore.Store, page int, between func(), channels ...beckon.Channel) (ids []string) {
	t.Helper()
	q := store.Query{Pending: 10, Channels: store.ChannelSetOf(channels...)}
	for at := store.Cursor(""); ; {
		next, err := s.Scan(t.Context(), q, at, page, func(r *store.Record) error {
			ids = append(ids, r.Key.ID)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if at = next; at == "" {
			return ids
		}
		between()
	}
}

// A scan for some channels shows contacts with something pending on these, and does not
// read others. Entries of format 2, which do not say what is pending, are shown, and are
// replaced by the next change.
func TestPendingByChannel(t *testing.T) {
	client := single(t)
	s := open(t, client, redisstore.WithPartitions(3))
	pendingOn(t, s, "mail", 1, beckon.Email)
	pendingOn(t, s, "both", 2, beckon.Banner, beckon.Email)
	pendingOn(t, s, "banner", 3, beckon.Banner)
	pendingOn(t, s, "own", 4, store.Custom("x"))
	pendingOn(t, s, "own ÿ\x00\xc3\xbf", 5, store.Custom("y")) // an id with bytes that marks might have
	want := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	nothing := func() {}
	want("email", pendingIn(t, s, 2, nothing, beckon.Email), "mail", "both")
	want("banner", pendingIn(t, s, 1, nothing, beckon.Banner), "both", "banner")
	want("push", pendingIn(t, s, 2, nothing, beckon.Push))
	want("the host's own", pendingIn(t, s, 2, nothing, store.Custom("z")), "own", "own ÿ\x00\xc3\xbf")
	want("all", pendingIn(t, s, 2, nothing), "mail", "both", "banner", "own", "own ÿ\x00\xc3\xbf")

	// As format 2 had them.
	prefix := strings.TrimSuffix(metaKey(s), "meta}")
	indices, err := client.Keys(t.Context(), prefix+"*}p").Result()
	if err != nil || len(indices) == 0 {
		t.Fatalf("%q, %v", indices, err)
	}
	old := 0
	for _, index := range indices {
		members, err := client.ZRange(t.Context(), index, 0, -1).Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range members {
			was := m[:8] + string(m[8]&0x7f) + m[9:len(m)-3]
			if err := client.ZRem(t.Context(), index, m).Err(); err != nil {
				t.Fatal(err)
			}
			if err := client.ZAdd(t.Context(), index, redis.Z{Member: was}).Err(); err != nil {
				t.Fatal(err)
			}
			old++
		}
	}
	if old != 5 {
		t.Fatalf("the index had %d entries", old)
	}
	want("email, of before", pendingIn(t, s, 2, nothing, beckon.Email), "mail", "both", "banner", "own", "own ÿ\x00\xc3\xbf")
	pendingOn(t, s, "banner", 6, beckon.Banner)
	want("email, after a change", pendingIn(t, s, 2, nothing, beckon.Email), "mail", "both", "own", "own ÿ\x00\xc3\xbf")
	want("banner, after a change", pendingIn(t, s, 9, nothing, beckon.Banner), "mail", "both", "own", "own ÿ\x00\xc3\xbf", "banner")

	// An entry that is none.
	broken := string(binary.BigEndian.AppendUint64(nil, 1<<63|1)) + "\x81short"
	if err := client.ZAdd(t.Context(), indices[0], redis.Z{Member: broken}).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Scan(t.Context(), store.Query{Pending: 10}, "", 10, func(*store.Record) error { return nil }); err == nil {
		t.Error("what is no entry is passed by silently")
	}
}

// A contact whose channels change between two pages is seen once, whatever they become;
// and thousands on another channel end no scan before its end.
func TestPendingByChannelMeanwhile(t *testing.T) {
	s := open(t, single(t), redisstore.WithPartitions(1))
	for i := range 10 {
		pendingOn(t, s, fmt.Sprint("u", i), 1, beckon.Email)
	}
	n := 0
	got := pendingIn(t, s, 1, func() {
		for i := range 10 { // more channels, and fewer
			id := fmt.Sprint("u", i)
			if n%2 == 0 {
				pendingOn(t, s, id, 7, store.Custom("x"))
				continue
			}
			if err := step(t.Context(), s, user(id), func(_ *store.Record, c *store.Changes) error {
				c.PendingDrop = append(c.PendingDrop, string(store.Custom("x")))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		n++
	}, beckon.Email)
	if slices.Sort(got); len(got) != 10 || len(slices.Compact(got)) != 10 {
		t.Errorf("seen: %q, want ten, each once", got)
	}
	var steps []store.Step
	for i := range 2500 {
		steps = append(steps, store.Step{Key: user(fmt.Sprintf("v%04d", i)), Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Pending = append(c.Pending, store.Pending{Until: 1, Delivery: beckon.Delivery{ID: "d", Channel: beckon.Banner}})
			return nil
		})})
	}
	if err := s.Step(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	pendingOn(t, s, "w", 2, beckon.SMS)
	if got := pendingIn(t, s, 5, func() {}, beckon.SMS); !slices.Equal(got, []string{"w"}) {
		t.Errorf("behind many others: %q", got)
	}
}
