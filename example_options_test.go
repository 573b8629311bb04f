package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A clock that the caller sets makes every decision repeatable.
func ExampleWithClock() {
	ctx := context.Background()
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	ok(err)
	_, err = engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"})
	ok(err)
	events, err := engine.RecentEvents(ctx, user("u1"), nil, 1)
	ok(err)
	fmt.Println(events[0].CreatedAt.Format(time.RFC3339))
	// Output:
	// 2026-03-02T09:00:00Z
}

// The twenty-first key is dropped with a warning, or, strictly, refused.
func ExampleWithStrictMetadata() {
	ctx, now := context.Background(), monday()
	var fields beckon.Fields
	for i := range 21 {
		fields = append(fields, beckon.Field{Key: fmt.Sprintf("k%d", i+1), Value: beckon.Number(i)})
	}
	event := beckon.Event{Name: "exported", UserID: "u1", Metadata: fields}
	show(running(&now, beckon.Program{}).Track(ctx, event))
	show(running(&now, beckon.Program{}, beckon.WithStrictMetadata()).Track(ctx, event))
	// Output:
	// warning metadata_key_dropped: metadata.k21
	// error metadata_too_many metadata.k21
}

// A nested value is refused, or, leniently, dropped with a warning.
func ExampleWithLenientMetadata() {
	ctx, now := context.Background(), monday()
	body := `{"event_name": "exported", "user_id": "u1", "metadata": {"rows": 12, "tags": ["a", "b"]}}`
	show(running(&now, beckon.Program{}).TrackJSON(ctx, strings.NewReader(body)))
	show(running(&now, beckon.Program{}, beckon.WithLenientMetadata()).TrackJSON(ctx, strings.NewReader(body)))
	// Output:
	// error metadata_value_nested metadata.tags
	// warning metadata_value_dropped: metadata.tags
}

// With a window so many values of a contact are kept. Explain says since when what is
// left is exact.
func ExampleWithWindowValues() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "thanks", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Thank you"},
		Audience: beckon.Did("paid").Within(beckon.Days(30)).Sum("total").AtLeast(beckon.Monetary(50000, "eur")),
	}}}, beckon.WithWindowValues(2))
	for range 3 {
		now = now.Add(time.Hour)
		_, err := engine.Track(ctx, beckon.Event{Name: "paid", UserID: "u1", Metadata: beckon.Fields{{Key: "total", Value: beckon.Monetary(10000, "eur")}}})
		ok(err)
	}
	traces, err := engine.Explain(ctx, beckon.Event{Name: "login", UserID: "u1"})
	ok(err)
	fmt.Println(traces[0].Audience.Seen, "since", traces[0].Audience.Since.Format(time.RFC3339))
	// Output:
	// 200.00 EUR since 2026-03-02T10:00:01Z
}

func ExampleWithKnownContactsOnly() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithKnownContactsOnly())
	login := beckon.Event{Name: "login", UserID: "u1"}
	_, err := engine.Track(ctx, login)
	fmt.Println(errors.Is(err, beckon.ErrContactUnknown))
	_, err = engine.Update(ctx, beckon.Contact{UserID: "u1"})
	ok(err)
	_, err = engine.Track(ctx, login)
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

// An event from the REST interface starts no product tour; a host that knows
// better says so.
func ExampleWithSourceChannels() {
	ctx, now := context.Background(), monday()
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "tour", Channel: beckon.ProductTour, Status: beckon.Live,
		Trigger: beckon.On("login"), Content: beckon.Content{Body: "This way"},
	}}}
	login := beckon.Event{Name: "login", UserID: "u1", Source: beckon.SourceREST}
	show(running(&now, program).Track(ctx, login))
	show(running(&now, program, beckon.WithSourceChannels(beckon.SourceREST, beckon.ProductTour)).Track(ctx, login))
	// Output:
	// hold tour: source
	// send tour to u1: This way
}

// Ada is one person however she writes her address, which stays as she wrote it
// first; by the option she is two.
func ExampleWithExactEmail() {
	ctx, now := context.Background(), monday()
	for _, opts := range [][]beckon.Option{nil, {beckon.WithExactEmail()}} {
		engine := running(&now, beckon.Program{}, opts...)
		for _, address := range []string{"Ada@example.com", "ada@example.com", "Ada@EXAMPLE.com"} {
			_, err := engine.Track(ctx, beckon.Event{Name: "login", Email: address})
			ok(err)
		}
		for who, err := range engine.Match(ctx, beckon.Rule{}) {
			ok(err)
			events, err := engine.RecentEvents(ctx, who, nil, 0)
			ok(err)
			fmt.Println(who.Email, len(events))
		}
	}
	// Unordered output:
	// Ada@example.com 3
	// Ada@example.com 2
	// ada@example.com 1
}

// A company that the contact is no member of is unknown, unless the host says
// that it vouches for its events.
func ExampleWithForeignCompanies() {
	ctx, now := context.Background(), monday()
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "done", Status: beckon.Live, Trigger: beckon.On("report-ready"),
		Content: beckon.Content{Body: "Ready for {{ company.name | fallback: \"you\" }}"},
	}}}
	for _, opts := range [][]beckon.Option{nil, {beckon.WithForeignCompanies()}} {
		engine := running(&now, program, opts...)
		_, err := engine.Update(ctx, beckon.Contact{UserID: "u2", Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}}})
		ok(err)
		show(engine.Track(ctx, beckon.Event{Name: "report-ready", UserID: "u1", CompanyID: "acme"}))
	}
	// Output:
	// send done to u1: Ready for you
	// warning company_not_member: company_id
	// send done to u1: Ready for Acme
}

func ExampleWithEventNamesLimit() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithEventNamesLimit(1))
	for _, name := range []string{"login", "logout", "login"} {
		_, err := engine.Track(ctx, beckon.Event{Name: name, UserID: "u1"})
		fmt.Println(name, errors.Is(err, beckon.ErrEventNamesLimit))
	}
	// Output:
	// login false
	// logout true
	// login false
}

// Right-to-left text in a value cannot reorder what is around it.
func ExampleWithBidiIsolation() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Hello {{ name }}!"},
	}}}, beckon.WithBidiIsolation())
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Name: "Ada"})
	ok(err)
	res, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"})
	ok(err)
	fmt.Printf("%+q\n", res.Deliveries[0].Body)
	// Output:
	// "Hello \u2068Ada\u2069!"
}

// Without the log an event still counts; only the list is empty.
func ExampleWithoutRecentEvents() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithoutRecentEvents())
	_, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"})
	ok(err)
	events, err := engine.RecentEvents(ctx, user("u1"), nil, 10)
	ok(err)
	yes, err := engine.Matches(ctx, beckon.Did("login").Is(1), user("u1"))
	ok(err)
	fmt.Println(len(events), yes)
	// Output:
	// 0 true
}

// A visitor who is not seen for long is dropped by Due.
func ExampleWithVisitorsKeptFor() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithVisitorsKeptFor(30*24*time.Hour))
	visitor := beckon.Identity{AnonymousID: "v-81"}
	_, err := engine.Visit(ctx, beckon.Visit{AnonymousID: visitor.AnonymousID})
	ok(err)
	for range 2 {
		_, known, err := engine.Export(ctx, visitor)
		ok(err)
		fmt.Println(known)
		now = now.AddDate(0, 0, 31)
		for _, err := range engine.Due(ctx) {
			ok(err)
		}
	}
	// Output:
	// true
	// false
}

// The outbox is shown with Engine.Pending; these only set limits.
func ExampleWithSendLog() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"),
		Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "Hello"},
	}}}, beckon.WithSendLog(1), beckon.WithComposedLimit(10), beckon.WithRepeatsLimit(10), beckon.WithRecentEvents(10))
	var ids []string
	for range 2 {
		res, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"})
		ok(err)
		ids = append(ids, res.Deliveries[0].ID)
	}
	for _, id := range ids { // only the newest can be given back
		fmt.Println(errors.Is(engine.Release(ctx, beckon.Delivery{ID: id, Contact: user("u1")}), beckon.ErrDeliveryUnknown))
	}
	// Output:
	// true
	// false
}

func ExampleWithRepeatsKnownFor() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithRepeatsKnownFor(time.Hour))
	fmt.Println("repeats are known for", engine.RepeatsKnownFor())
	event := beckon.Event{Name: "paid", UserID: "u1", EventID: "order-1"}
	for _, later := range []time.Duration{0, time.Hour - time.Second, time.Second} {
		now = now.Add(later)
		res, err := engine.Track(ctx, event)
		ok(err)
		fmt.Println(now.Format("15:04:05"), res.Duplicate)
	}
	// Output:
	// repeats are known for 1h0m0s
	// 09:00:00 false
	// 09:59:59 true
	// 10:00:00 false
}

func ExampleWithRecentEventsFor() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithRecentEventsFor(2*time.Hour))
	_, err := engine.Track(ctx, beckon.Event{Name: "paid", UserID: "u1"})
	ok(err)
	for _, later := range []time.Duration{2*time.Hour - time.Second, time.Second} {
		now = now.Add(later)
		past, err := engine.RecentEvents(ctx, user("u1"), nil, 10)
		ok(err)
		fmt.Println(now.Format("15:04:05"), len(past))
	}
	// Output:
	// 10:59:59 1
	// 11:00:00 0
}

// A visit more than ten minutes after the last one begins a session.
func ExampleWithSessionGap() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithSessionGap(10*time.Minute))
	for _, after := range []time.Duration{0, 10 * time.Minute, 11 * time.Minute} {
		now = now.Add(after)
		_, err := engine.Visit(ctx, beckon.Visit{UserID: "u1"})
		ok(err)
		c, err := engine.Contact(ctx, user("u1"))
		ok(err)
		fmt.Println(now.Format("15:04"), "session", c.Attributes["session_count"].Text())
	}
	// Output:
	// 09:00 session 1
	// 09:10 session 1
	// 09:21 session 2
}

func ExampleWithCheckEvery() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithCheckEvery(time.Minute))
	for range 3 {
		_, err := engine.Check(ctx, user("u1"))
		fmt.Println(errors.Is(err, beckon.ErrCheckTooSoon))
		now = now.Add(30 * time.Second)
	}
	// Output:
	// false
	// true
	// false
}

// At most once a day for each parcel. The last two are remembered.
func ExampleWithFrequencyValues() {
	now := monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "moved", Status: beckon.Live, Trigger: beckon.On("parcel-moved"),
		Frequency: &beckon.Frequency{Every: beckon.Days(1), Per: "parcel"},
	}}}, beckon.WithFrequencyValues(2))
	for _, parcel := range []string{"A", "B", "A", "C", "B"} {
		res, err := engine.Track(context.Background(), beckon.Event{
			Name: "parcel-moved", UserID: "u1", Metadata: beckon.Fields{{Key: "parcel", Value: beckon.String(parcel)}},
		})
		if err != nil {
			panic(err)
		}
		fmt.Println(parcel, len(res.Deliveries))
	}
	// Output:
	// A 1
	// B 1
	// A 0
	// C 1
	// B 1
}

// Of three that wait to be sure that no payment follows, two may.
func ExampleWithHoldsLimit() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "cart", Status: beckon.Live, Trigger: beckon.On("added").Unless("paid", beckon.Hours(1), "cart"),
		Content: beckon.Content{Body: "Still there?"},
	}}}, beckon.WithHoldsLimit(2))
	for _, cart := range []string{"a", "b", "c"} {
		show(engine.Track(ctx, beckon.Event{Name: "added", UserID: "u1", Metadata: beckon.Fields{{Key: "cart", Value: beckon.String(cart)}}}))
	}
	// Output:
	// hold cart: waiting
	// hold cart: waiting
	// hold cart: waiting_full
}

// What waits is bounded in bytes too: a visitor who sends much with each event gets
// no more than that into the contact's record.
func ExampleWithWaitingBytes() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "cart", Status: beckon.Live, Trigger: beckon.On("added").Unless("paid", beckon.Hours(1), "cart"),
		Content: beckon.Content{Body: "Still there?"},
	}}}, beckon.WithWaitingBytes(500))
	for _, cart := range []string{"a", "b"} {
		show(engine.Track(ctx, beckon.Event{Name: "added", UserID: "u1", Metadata: beckon.Fields{
			{Key: "cart", Value: beckon.String(cart)}, {Key: "note", Value: beckon.String(strings.Repeat("x", 200))},
		}}))
	}
	// Output:
	// hold cart: waiting
	// hold cart: waiting_full
}
