package beckon_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// undoneWorld is an engine with 20 contacts, u00 and on, who have joined two hours ago.
func undoneWorld(t *testing.T, p beckon.Program, opts ...beckon.Option) (*beckon.Engine, *hand) {
	t.Helper()
	return undoneOn(t, memstore.New(), p, opts...)
}

// undoneOn is undoneWorld over a store.
func undoneOn(t *testing.T, kept beckon.Store, p beckon.Program, opts ...beckon.Option) (*beckon.Engine, *hand) {
	t.Helper()
	clock := &hand{}
	clock.set(noon)
	engine, err := beckon.New(kept, append(opts, beckon.WithClock(clock.now))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		id := fmt.Sprintf("u%02d", i)
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"stage": beckon.String("new")}}); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Track(t.Context(), beckon.Event{Name: "joined", UserID: id}); err != nil {
			t.Fatal(err)
		}
	}
	clock.add(2 * time.Hour)
	return engine, clock
}

// takenOf takes so many deliveries of a run, or all if there are fewer, and notes how often
// each message came to each contact.
func takenOf(t *testing.T, run iter.Seq2[beckon.Delivery, error], most int, got map[string]int) {
	t.Helper()
	for d, err := range run {
		if err != nil {
			t.Fatal(err)
		}
		got[d.Message+" "+d.Contact.UserID]++
		if most--; most == 0 {
			return
		}
	}
}

// setting is a series that sets "met", by which it ends, beside what it sends. It begins an
// hour after a contact has joined.
func setting(blocks string) beckon.Program {
	s := beckon.Series{
		ID: "hello", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("joined")}, Exit: beckon.User("met").Is(true),
		Blocks: []beckon.Block{{ID: "wait", Wait: beckon.Hours(1)}},
	}
	for id := range strings.FieldsSeq(blocks) {
		b := beckon.Block{ID: id}
		if strings.HasPrefix(id, "set") {
			b.Update = &beckon.Update{Attributes: beckon.Attributes{"met": beckon.Bool(true), "stage": beckon.String(id)}}
		} else {
			b.Message = &beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Subject: "s", Body: "{{ stage }}"}}
		}
		if strings.HasPrefix(id, "held") {
			b.Message.Audience = beckon.User("stage").Is("vip")
		}
		s.Blocks[len(s.Blocks)-1].Next = id
		s.Blocks = append(s.Blocks, b)
	}
	return beckon.Program{Series: []beckon.Series{s}}
}

// What a walk has set beside a delivery that is taken back was not set: no exit rule sees it,
// and the next Due sends exactly the rest, wherever the consumer has stopped.
func TestAheadSetsNothing(t *testing.T) {
	t.Parallel()
	for _, blocks := range []string{"first set second", "set set1 first set2 second", "first set held0 second held1", "set held0 first set1 held1 second set2"} {
		for _, ahead := range []int{1, 64} {
			for most := 1; most <= 40; most++ {
				engine, clock := undoneWorld(t, setting(blocks))
				got := map[string]int{}
				takenOf(t, engine.Due(t.Context(), beckon.Ahead(ahead)), most, got)
				for i := range 20 {
					id := fmt.Sprintf("u%02d", i)
					if x, _, err := engine.Export(t.Context(), beckon.Identity{UserID: id}); err != nil || got["first "+id] == 0 && (x.Attributes["stage"].Text() != "new" || len(x.Attributes) != 1) {
						t.Errorf("%s, ahead %d, %d taken: %s has %v, %v", blocks, ahead, most, id, x.Attributes, err)
					}
				}
				clock.add(time.Minute)
				takenOf(t, engine.Due(t.Context()), 0, got)
				for i := range 20 {
					for _, m := range []string{"first", "second"} {
						if id := fmt.Sprintf("%s u%02d", m, i); got[id] != 1 {
							t.Errorf("%s, ahead %d, %d taken: %s: %d times", blocks, ahead, most, id, got[id])
						}
					}
				}
				for _, m := range []string{"held0", "held1"} {
					if !strings.Contains(blocks, m) {
						continue
					}
					if held, err := engine.Totals(t.Context(), m); err != nil || held.Held[beckon.ReasonAudience] != 20 {
						t.Errorf("%s, ahead %d, %d taken: %s: %+v, %v", blocks, ahead, most, m, held, err)
					}
				}
			}
		}
	}
}

// What another engine has set meanwhile stays.
func TestAheadLeavesWhatOthersSet(t *testing.T) {
	t.Parallel()
	kept := memstore.New()
	engine, clock := undoneOn(t, kept, setting("first set second"))
	other, err := beckon.New(kept, beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for d, err := range engine.Due(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if got[d.Message+" "+d.Contact.UserID]++; len(got) == 8 {
			for i := range 20 {
				if _, err := other.Update(t.Context(), beckon.Contact{UserID: fmt.Sprintf("u%02d", i), Attributes: beckon.Attributes{"stage": beckon.String("vip")}}); err != nil {
					t.Fatal(err)
				}
			}
			break
		}
	}
	for i := range 20 {
		if x, _, err := engine.Export(t.Context(), beckon.Identity{UserID: fmt.Sprintf("u%02d", i)}); err != nil || x.Attributes["stage"].Text() != "vip" {
			t.Errorf("u%02d: %v, %v", i, x.Attributes, err)
		}
	}
}

// A segment that contacts have entered, or left, by what is taken back they have not: no
// message tells them that they are back, and one that was handed out is not sent again.
func TestAheadCrossesNothing(t *testing.T) {
	t.Parallel()
	text := beckon.Content{Subject: "s", Body: "hello"}
	for most := 1; most <= 60; most++ {
		engine, clock := undoneWorld(t, beckon.Program{
			Segments: map[string]beckon.Rule{"reached": beckon.WasSent("news").AtLeast(1)},
			Messages: []beckon.Message{
				{ID: "news", Channel: beckon.Email, Status: beckon.Live, Content: text},
				{ID: "left", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.OnLeave("reached"), Content: text},
				{ID: "come", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.OnEnter("reached"), Content: text},
				{ID: "more", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.OnEnter("reached"), Content: text},
			},
		})
		got := map[string]int{}
		takenOf(t, engine.Sweep(t.Context(), beckon.Ahead(64)), most, got)
		for range 2 {
			clock.add(2 * time.Minute)
			takenOf(t, engine.Sweep(t.Context()), 0, got)
		}
		for i := range 20 {
			for m, want := range map[string]int{"news": 1, "come": 1, "more": 1, "left": 0} {
				if id := fmt.Sprintf("%s u%02d", m, i); got[id] != want {
					t.Errorf("%d taken: %s: %d, want %d", most, id, got[id], want)
				}
			}
		}
	}
}
