package fuzz_test

import (
	"fmt"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest/fuzz"
)

func offers() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "offer", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("cart-left"),
		Audience: beckon.User("plan").IsNot("pro"), Content: beckon.Content{Body: "10 % off"},
	}}}
}

// A program's test with a promise of the team's own.
func ExampleProgram() {
	TestOffers := func(t *testing.T) {
		fuzz.Program(t, offers(), fuzz.Check("no offer to who pays", func(s fuzz.Step) error {
			for _, d := range s.Sent {
				contact, err := s.Engine.Contact(t.Context(), d.Contact)
				if err != nil {
					return err
				}
				if plan := contact.Attributes["plan"]; plan.String() == "pro" {
					return fmt.Errorf("an offer to %s", d.Contact.UserID)
				}
			}
			return nil
		}))
	}
	_ = TestOffers // in a test file of yours: func TestOffers(t *testing.T)
}

// The same as a target for go test -fuzz, with shorter histories and an engine that only
// takes known contacts.
func ExampleEngine() {
	FuzzOffers := func(f *testing.F) {
		fuzz.Program(f, offers(), fuzz.Length(10), fuzz.Engine(beckon.WithKnownContactsOnly()))
	}
	_ = FuzzOffers // in a test file of yours: func FuzzOffers(f *testing.F)
}
