package beckon_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// A time of day makes a date due at an instant, which Due decides; a birthday comes
// every year.
func ExampleTrigger_At() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "happy", Channel: beckon.Email, Status: beckon.Live,
		Trigger:  beckon.OnDate("born", beckon.Duration{}).At("08:00").Every(beckon.Yearly),
		Schedule: &beckon.Schedule{ContactTimezone: true},
		Content:  beckon.Content{Body: "Happy birthday, {{ name }}"},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{
		UserID: "u1", Name: "Ada", Timezone: "America/New_York", Attributes: beckon.Attributes{"born": beckon.String("1980-06-20")},
	})
	ok(err)
	for _, at := range []string{"2026-06-20T11:59:59Z", "2026-06-20T12:00:00Z", "2027-06-20T12:00:00Z"} {
		now, err = time.Parse(time.RFC3339, at)
		ok(err)
		for d, err := range engine.Due(ctx) {
			ok(err)
			fmt.Println(at, d.Body)
		}
	}
	// Output:
	// 2026-06-20T12:00:00Z Happy birthday, Ada
	// 2027-06-20T12:00:00Z Happy birthday, Ada
}

// In-app a date is shown on visits, from its day on for so long.
func ExampleTrigger_For() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "renewal", Channel: beckon.Banner, Status: beckon.Live,
		Trigger: beckon.OnDate("renews_at", beckon.Days(-2)).For(beckon.Days(2)),
		Content: beckon.Content{Body: "Your plan renews on {{ renews_at | date: \"2 January\" }}"},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{
		"renews_at": beckon.Date(monday().AddDate(0, 0, 3)),
	}})
	ok(err)
	for range 3 {
		show(engine.Visit(ctx, beckon.Visit{UserID: "u1"}))
		now = now.AddDate(0, 0, 1)
	}
	// Output:
	// hold renewal: filter
	// send renewal to u1: Your plan renews on 5 March
	// hold renewal: already_sent
}

// Two hours before the table that was booked, unless the booking is given up.
func ExampleTrigger_ForDate() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "table", Status: beckon.Live,
		Trigger: beckon.On("booked").ForDate("dinner_date", beckon.Hours(-2)).Unless("gave-up", beckon.Duration{}, "table"),
		Content: beckon.Content{Body: "Table {{ event.table }}"},
	}}})
	for table := range 2 {
		show(engine.Track(ctx, beckon.Event{Name: "booked", UserID: "u1", Metadata: beckon.Fields{
			{Key: "table", Value: beckon.Number(table)}, {Key: "dinner_date", Value: beckon.Date(monday().Add(9 * time.Hour))},
		}}))
	}
	show(engine.Track(ctx, beckon.Event{Name: "gave-up", UserID: "u1", Metadata: beckon.Fields{{Key: "table", Value: beckon.Number(0)}}}))
	now = now.Add(7 * time.Hour)
	for d, err := range engine.Due(ctx) {
		ok(err)
		fmt.Println("send", d.Body)
	}
	// Output:
	// hold table: waiting
	// hold table: waiting
	// send Table 1
}
