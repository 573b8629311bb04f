package explain_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/store"
)

// An explanation is a value: it has a JSON form, and a text for people.
func Example() {
	m := explain.Message{
		Message: "renew", Reason: store.ReasonThrottled, Occasion: explain.OnEvent, At: at,
		Frequency: &explain.Frequency{Every: explain.Span(24 * time.Hour), Count: 1, Last: at.Add(-time.Hour), Full: true},
		SendsAt:   at.Add(23 * time.Hour), SendsBy: explain.OnEvent,
	}
	fmt.Println(m.String())
	data, err := json.Marshal(m.Frequency)
	fmt.Println(string(data), err)
	// Output:
	// “renew” is not sent: the contact has had it too recently. It was last sent at 2 Mar 2026 08:00:00 UTC, and there must be 1d between two. If nothing else changes it could be sent at 3 Mar 2026 08:00:00 UTC, if the event came then.
	// {"every":"1d","count":1,"last":"2026-03-02T08:00:00Z","full":true} <nil>
}

// Where no time will do, Never says why, and Unsure that it is not known.
func ExampleMessage() {
	for _, m := range []explain.Message{
		{Message: "a", SendsAt: at},
		{Message: "b", Never: "the contact does not want it"},
		{Message: "c", Never: "too much would have to be looked at", Unsure: true},
	} {
		switch {
		case !m.SendsAt.IsZero():
			fmt.Println(m.Message, "at", m.SendsAt.Format(time.RFC3339))
		case m.Unsure:
			fmt.Println(m.Message, "is not known:", m.Never)
		default:
			fmt.Println(m.Message, "never:", m.Never)
		}
	}
	// Output:
	// a at 2026-03-02T09:00:00Z
	// b never: the contact does not want it
	// c is not known: too much would have to be looked at
}

func ExampleWhy() {
	why := explain.Why{Unknown: true, Event: "signed-up", Messages: []explain.Message{{Message: "welcome", Sent: true, Unknown: true}}}
	fmt.Println(why.String())
	// Output:
	// Nobody is known by that id: this is about the contact that would be made.
	// Suppose that the event “signed-up” comes now, without metadata: the contact has none that is kept.
	// “welcome” is sent.
}
