package beckon_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/beckon-go/beckon"
)

// Contacts and what they did come from a file of JSON lines. Nothing goes out; what
// happens afterwards finds it all.
func ExampleEngine_Import() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "third", Status: beckon.Live, Trigger: beckon.On("upload-complete"),
		Audience: beckon.All(beckon.User("plan").Is("pro"), beckon.Did("upload-complete").Is(2)),
		Content:  beckon.Content{Body: "Your third upload, {{ user.name | fallback: 'friend' }}"},
	}}})
	file := strings.NewReader(`{"user_id": "u1", "name": "Ada", "attributes": {"plan": "pro"}}
{"user_id": "u1", "event_name": "upload-complete", "created_at": 1772000000}
{"user_id": "u1", "event_name": "upload-complete", "created_at": 1772010000}
{"user_id": "u2", "timezone": "Mars/Olympus"}
{"user_id": "u3"}
`)
	for fault, err := range engine.Import(ctx, beckon.ImportLines(file)) {
		ok(err)
		fmt.Printf("line %d: %v\n", fault.Item, fault.Err)
	}
	show(engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: "u1"}))
	// Output:
	// line 4: timezone: "Mars/Olympus" is not a time zone: write an IANA name such as Europe/Dublin (timezone_unknown)
	// send third to u1: Your third upload, Ada
}

// Another system has counted what a contact did, and no longer has the events.
func ExampleEngine_Recount() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "tenth", Status: beckon.Live, Trigger: beckon.On("upload-complete"),
		Audience: beckon.Did("upload-complete").Is(9), Content: beckon.Content{Body: "Your tenth upload"},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1"})
	ok(err)
	ok(engine.Recount(ctx, beckon.Identity{UserID: "u1"}, beckon.EventCount{
		Name: "upload-complete", Count: 9, First: now.AddDate(-1, 0, 0), Last: now.AddDate(0, 0, -1),
	}))
	show(engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: "u1"}))
	// Output: send tenth to u1: Your tenth upload
}
