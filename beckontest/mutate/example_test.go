package mutate_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/beckontest/mutate"
	"github.com/beckon-go/beckon/memstore"
)

func offers() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "offer", Status: beckon.Live, Trigger: beckon.On("cart-left"), Frequency: beckon.EachTime(),
		Audience: beckon.User("seats").AtLeast(5), Content: beckon.Content{Body: "10 % off"},
	}}}
}

// The tests of a program are tested: each condition must be noticed by one of them.
func ExampleProgram() {
	TestNoticed := func(t *testing.T) {
		mutate.Program(t, offers(), func(t testing.TB, p beckon.Program) {
			kit := beckontest.New(t, p)
			kit.Update(beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"seats": beckon.Number(5)}})
			kit.Track(beckon.Event{Name: "cart-left", UserID: "u1"}).Want("offer", "sent")
			kit.Track(beckon.Event{Name: "cart-left", UserID: "u2"}).Want("offer", "audience")
		})
	}
	_ = TestNoticed // in a test file of yours: func TestNoticed(t *testing.T)
}

// Tests that return an error can be anything that takes a program. These look at a team
// that is large, and at one that is small; nobody has looked at five.
func ExampleRun() {
	sends := func(p beckon.Program, seats int) (bool, error) {
		ctx := context.Background()
		engine, err := beckon.New(memstore.New())
		if err != nil {
			return false, err
		}
		if err := engine.Publish(ctx, p); err != nil {
			return false, err
		}
		if _, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"seats": beckon.Number(seats)}}); err != nil {
			return false, err
		}
		res, err := engine.Track(ctx, beckon.Event{Name: "cart-left", UserID: "u1"})
		return len(res.Deliveries) == 1, err
	}
	report, err := mutate.Run(context.Background(), offers(), func(p beckon.Program) error {
		for seats, want := range map[int]bool{9: true, 1: false} {
			if sent, err := sends(p, seats); err != nil || sent != want {
				return fmt.Errorf("with %d seats: sent %t, %w", seats, sent, err)
			}
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range report.Survivors {
		fmt.Println(s.Path + ": " + s.What)
		fmt.Println("  ", s.Changes[0].After)
	}
	// Output:
	// messages[0].audience.op: the operator is another
	//    contacts for whom the contact's seats is greater than 5
	// messages[0].audience.value: the operand is another
	//    contacts for whom the contact's seats is at least 6
	// messages[0].audience.value: the operand is another
	//    contacts for whom the contact's seats is at least 4
}
