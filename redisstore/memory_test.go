package redisstore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/store"
)

// What a contact takes of the server's memory is as the README says, give or
// take: the record, its place among its kind, and its events.
func TestMemory(t *testing.T) {
	node := testserver.StartRedis(t)
	client, _ := wired(t, node.URL(), 0)
	s := open(t, client)
	used := func() int64 {
		info, err := client.Info(t.Context(), "memory").Result()
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		_, rest, _ := strings.Cut(info, "used_memory_dataset:")
		if _, err := fmt.Sscan(rest, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const contacts, page = 5000, 1000
	write := func(d decide) {
		for first := 0; first < contacts; first += page {
			steps := make([]store.Step, page)
			for i := range steps {
				steps[i] = store.Step{Key: user(fmt.Sprintf("contact-%08d", first+i)), Decider: d}
			}
			if err := s.Step(context.Background(), steps); err != nil {
				t.Fatal(err)
			}
		}
	}
	empty := used()
	write(func(_ *store.Record, c *store.Changes) error {
		for i := range 20 {
			c.Stats = append(c.Stats, store.Stats{Name: unique.Make(fmt.Sprintf("event-name-%02d", i)), Count: 9, First: 1_700_000_000, Last: 1_700_000_000})
		}
		return nil
	})
	bare := used()
	write(func(_ *store.Record, c *store.Changes) error {
		for i := range uint64(50) {
			c.Events = append(c.Events, store.LoggedEvent{
				Seq: i, Name: unique.Make("event-name-07"), At: 1_700_000_000, Arrived: 1_700_000_000_000, EventID: "8f14e45fceea167a",
				Metadata: beckon.Fields{{Key: "file_name", Value: beckon.String("holiday.mp4")}, {Key: "duration", Value: beckon.Number(12)}},
			})
		}
		c.KeepEvents = 50
		return nil
	})
	logged := used()
	contact, event := (bare-empty)/contacts, (logged-bare)/contacts/50
	t.Logf("%d bytes a contact of 20 event names, %d an event in the log", contact, event)
	if contact > 1000 || event > 300 {
		t.Errorf("%d bytes a contact and %d an event: the README says less", contact, event)
	}
}
