package conformance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/beckon-go/beckon"
)

// One contact as a sequential object: events counted, a cap of three, sends
// that are given back, a removal.
type (
	call struct {
		what     string // track, release, delete, look
		sequence int    // of release
	}
	answer struct {
		sequence int  // of what track sent; 0: nothing
		fourth   bool // track sent the message for those with just three events
		done     bool // release found the send
		count    int  // look
		live     int  // look: sends not given back
	}
	contact struct {
		count int
		live  uint64 // sequence numbers in use
	}
)

const limit = 3

func contactModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return contact{} },
		Step: func(state, input, output any) (bool, any) {
			s, in, out := state.(contact), input.(call), output.(answer)
			n := 0
			for bits := s.live; bits != 0; bits &= bits - 1 {
				n++
			}
			switch in.what {
			case "track":
				ok := out.fourth == (s.count == 3)
				s.count++
				if n >= limit {
					return ok && out.sequence == 0, s
				}
				bit := uint64(1) << out.sequence
				ok = ok && out.sequence >= 1 && out.sequence <= limit && s.live&bit == 0
				s.live |= bit
				return ok, s
			case "release":
				bit := uint64(1) << in.sequence
				ok := out.done == (s.live&bit != 0)
				s.live &^= bit
				return ok, s
			case "delete":
				return true, contact{}
			}
			return out.count == s.count && out.live == n, s
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %+v", in, out) },
	}
}

func contactProgram() beckon.Program {
	m := func(id string, most int, audience beckon.Rule) beckon.Message {
		return beckon.Message{
			ID: id, Status: beckon.Live, LiveAt: noon().Add(-time.Hour), Trigger: beckon.On("go"), Audience: audience,
			Frequency: &beckon.Frequency{Every: beckon.Seconds(0), Max: most}, Content: beckon.Content{Body: "x"},
		}
	}
	return beckon.Program{Messages: []beckon.Message{m("capped", limit, beckon.Rule{}), m("fourth", 0, beckon.Did("go").Is(3))}}
}

// newEngine returns an engine with a clock that stands.
func newEngine(tb testing.TB, store beckon.Store, program beckon.Program, opts ...beckon.Option) *beckon.Engine {
	tb.Helper()
	e, err := beckon.New(store, append([]beckon.Option{beckon.WithClock(noon)}, opts...)...)
	if err == nil {
		err = e.Publish(context.Background(), program)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// do carries out one call on a contact.
func (c call) do(ctx context.Context, e *beckon.Engine, who beckon.Identity, ids *sync.Map) (answer, error) {
	switch c.what {
	case "track":
		res, err := e.Track(ctx, beckon.Event{Name: "go", UserID: who.UserID})
		var a answer
		for _, d := range res.Deliveries {
			if d.Message == "fourth" {
				a.fourth = true
				continue
			}
			a.sequence = d.Sequence
			ids.Store(d.Sequence, d)
		}
		return a, err
	case "release":
		d, _ := ids.Load(c.sequence)
		err := e.Release(ctx, d.(beckon.Delivery))
		if errors.Is(err, beckon.ErrDeliveryUnknown) {
			return answer{}, nil
		}
		return answer{done: err == nil}, err
	case "delete":
		return answer{}, e.Delete(ctx, who)
	}
	x, _, err := e.Export(ctx, who)
	a := answer{}
	for _, n := range x.Events {
		a.count += int(n.Count)
	}
	for _, s := range x.Sends {
		if s.Message == "capped" {
			a.live += s.Count
		}
	}
	return a, err
}

// What many do to one contact at the same time, from two processes' stores, is
// as if they had done it one after the other, in an order that agrees with who
// was done before who began.
func TestOneContactIsLinearizable(t *testing.T) {
	const clients, each = 6, 12
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := b.at(t)
			stores := []beckon.Store{mustOpen(t, p)}
			if p.Kind == "memory" {
				stores = append(stores, stores[0])
			} else {
				stores = append(stores, mustOpen(t, p))
			}
			engines := [2]*beckon.Engine{newEngine(t, stores[0], contactProgram()), newEngine(t, stores[1], contactProgram())}
			for round := range rounds {
				who := beckon.Identity{UserID: fmt.Sprint("u", round)}
				var clock atomic.Int64
				var ids sync.Map
				history := make([][]porcupine.Operation, clients)
				var start, done sync.WaitGroup
				start.Add(1)
				for client := range clients {
					random := rand.New(rand.NewPCG(uint64(round), uint64(client)))
					done.Go(func() {
						start.Wait()
						for range each {
							in := call{what: []string{"track", "track", "track", "release", "look", "track", "release", "delete"}[random.IntN(8)], sequence: 1 + random.IntN(limit)}
							if in.what == "delete" && random.IntN(3) > 0 {
								in.what = "look"
							}
							if _, known := ids.Load(in.sequence); in.what == "release" && !known {
								in.what = "look" // nothing was sent yet that could be given back
							}
							begun := clock.Add(1)
							out, err := in.do(t.Context(), engines[client%2], who, &ids)
							if err != nil {
								t.Errorf("%s: %v", in.what, err)
								return
							}
							history[client] = append(history[client], porcupine.Operation{ClientId: client, Input: in, Call: begun, Output: out, Return: clock.Add(1)})
						}
					})
				}
				start.Done()
				done.Wait()
				var all []porcupine.Operation
				for _, h := range history {
					all = append(all, h...)
				}
				if got := porcupine.CheckOperationsTimeout(contactModel(), all, time.Minute); got != porcupine.Ok {
					for _, o := range all {
						t.Logf("%3d to %3d by %d: %+v gave %+v", o.Call, o.Return, o.ClientId, o.Input, o.Output)
					}
					t.Fatalf("round %d: the history is %s", round, got)
				}
			}
		})
	}
}

// The checker itself: histories that no order explains are found.
func TestCheckerFinds(t *testing.T) {
	op := func(from, to int64, in call, out answer) porcupine.Operation {
		return porcupine.Operation{Input: in, Call: from, Output: out, Return: to}
	}
	track, look := call{what: "track"}, call{what: "look"}
	for name, c := range map[string]struct {
		history []porcupine.Operation
		want    porcupine.CheckResult
	}{
		"in order":            {[]porcupine.Operation{op(1, 2, track, answer{sequence: 1}), op(3, 4, look, answer{count: 1, live: 1})}, porcupine.Ok},
		"at the same time":    {[]porcupine.Operation{op(1, 4, track, answer{sequence: 2}), op(2, 3, track, answer{sequence: 1})}, porcupine.Ok},
		"a read of the past":  {[]porcupine.Operation{op(1, 2, track, answer{sequence: 1}), op(3, 4, look, answer{})}, porcupine.Illegal},
		"one send twice":      {[]porcupine.Operation{op(1, 4, track, answer{sequence: 1}), op(2, 3, track, answer{sequence: 1})}, porcupine.Illegal},
		"a lost update":       {[]porcupine.Operation{op(1, 4, track, answer{sequence: 1}), op(2, 3, track, answer{sequence: 2}), op(5, 6, look, answer{count: 1, live: 1})}, porcupine.Illegal},
		"four of three":       {[]porcupine.Operation{op(1, 9, track, answer{sequence: 1}), op(1, 9, track, answer{sequence: 2}), op(1, 9, track, answer{sequence: 3}), op(1, 9, track, answer{sequence: 4, fourth: true})}, porcupine.Illegal},
		"given back twice":    {[]porcupine.Operation{op(1, 2, track, answer{sequence: 1}), op(3, 6, call{"release", 1}, answer{done: true}), op(4, 5, call{"release", 1}, answer{done: true})}, porcupine.Illegal},
		"removed and not new": {[]porcupine.Operation{op(1, 2, track, answer{sequence: 1}), op(3, 4, call{what: "delete"}, answer{}), op(5, 6, look, answer{count: 1, live: 1})}, porcupine.Illegal},
	} {
		if got := porcupine.CheckOperationsTimeout(contactModel(), c.history, time.Minute); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
