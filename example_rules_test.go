package beckon_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// A rule reads like the sentence it stands for and is the JSON document itself.
func ExampleAll() {
	fmt.Println(beckon.All(
		beckon.User("plan").In("pro", "team"),
		beckon.Did("uploaded-video").AtLeast(10),
	))
	// Output:
	// {"all":[{"user":"plan","op":"in","value":["pro","team"]},{"event":"uploaded-video","stat":"count","op":"at_least","value":10}]}
}

func ExampleAny() {
	fmt.Println(beckon.Any(beckon.User("role").Is("lead"), beckon.User("email").IsUnknown()))
	// Output:
	// {"any":[{"user":"role","op":"is","value":"lead"},{"user":"email","op":"is_unknown"}]}
}

// What a contact has spent, and in how many shops.
func ExampleCounted_Sum() {
	purchases := beckon.Did("purchased").Within(beckon.Days(30))
	fmt.Println(purchases.Sum("price").AtLeast(beckon.Monetary(50000, "eur")))
	fmt.Println(purchases.Distinct("shop").AtLeast(3))
	// Output:
	// {"event":"purchased","stat":"sum","of":"price","op":"at_least","value":{"amount":50000,"currency":"eur"},"within":"30d"}
	// {"event":"purchased","stat":"distinct","of":"shop","op":"at_least","value":3,"within":"30d"}
}

func ExampleNot() {
	fmt.Println(beckon.Not(beckon.Segment("power-users")))
	// Output:
	// {"not":{"segment":"power-users"}}
}

// A segment is a named rule of the program.
func ExampleSegment() {
	now := monday()
	engine := running(&now, beckon.Program{Segments: map[string]beckon.Rule{
		"payers": beckon.User("plan").IsNot("free"),
	}})
	people(engine, 4)
	n, err := engine.Count(context.Background(), beckon.Segment("payers"))
	ok(err)
	fmt.Println(beckon.Segment("payers"), n)
	// Output:
	// {"segment":"payers"} 2
}

func ExampleUser() {
	for _, rule := range []beckon.Rule{
		beckon.User("plan").In("pro", "team"),
		beckon.User("seats").Between(2, 10),
		beckon.User("name").StartsWith("A"),
		beckon.User("interests").ContainsAny("music", "film"),
		beckon.User("trial_ends_at").Before(time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)),
		beckon.User("signed_up_at").MoreThanAgo(beckon.Days(30)),
		beckon.User("licence_ends").LessThanAhead(beckon.Weeks(2)),
		beckon.User("phone").HasAnyValue(),
	} {
		fmt.Println(rule)
	}
	// Output:
	// {"user":"plan","op":"in","value":["pro","team"]}
	// {"user":"seats","op":"between","value":[2,10]}
	// {"user":"name","op":"starts_with","value":"A"}
	// {"user":"interests","op":"contains_any","value":["music","film"]}
	// {"user":"trial_ends_at","op":"before","value":"2026-04-01T00:00:00Z"}
	// {"user":"signed_up_at","op":"more_than_ago","value":"30d"}
	// {"user":"licence_ends","op":"less_than_ahead","value":"2w"}
	// {"user":"phone","op":"has_any_value"}
}

func ExampleCompany() {
	fmt.Println(beckon.Company("employees").AtLeast(50))
	// Output:
	// {"company":"employees","op":"at_least","value":50}
}

// The triggering event stands in the filter of another one.
func ExampleTriggerMetadata() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "still-there", Status: beckon.Live, Trigger: beckon.On("looked-at-cart"),
		Audience: beckon.Did("added-to-cart").Within(beckon.Hours(1)).Where(beckon.Metadata("cart").Is(beckon.TriggerMetadata("cart"))).AtLeast(1),
		Content:  beckon.Content{Body: "{{ event.cart }} waits for you"},
	}}})
	for _, e := range []struct{ name, cart string }{{"added-to-cart", "c1"}, {"looked-at-cart", "c2"}, {"looked-at-cart", "c1"}} {
		show(engine.Track(ctx, beckon.Event{Name: e.name, UserID: "u1", Metadata: beckon.Fields{{Key: "cart", Value: beckon.String(e.cart)}}}))
	}
	// Output:
	// hold still-there: audience
	// send still-there to u1: c1 waits for you
}

// A field may be compared with another one.
func ExampleOperandOf_field() {
	fmt.Println(beckon.User("gb_used").GreaterThan(beckon.User("gb_plan")))
	fmt.Println(beckon.Metadata("to").IsNot(beckon.Metadata("from")))
	fmt.Println(beckon.Did("invited").AtLeast(beckon.User("seats")))
	// Output:
	// {"user":"gb_used","op":"greater_than","value":{"user":"gb_plan"}}
	// {"metadata":"to","op":"is_not","value":{"metadata":"from"}}
	// {"event":"invited","stat":"count","op":"at_least","value":{"user":"seats"}}
}

// Metadata stands in a trigger's filter and in an event filter's.
func ExampleMetadata() {
	fmt.Println(beckon.Metadata("file_name").EndsWith(".mp4"))
	fmt.Println(beckon.Metadata("price").GreaterThan(beckon.Monetary(10000, "eur")))
	// Output:
	// {"metadata":"file_name","op":"ends_with","value":".mp4"}
	// {"metadata":"price","op":"greater_than","value":{"amount":10000,"currency":"eur"}}
}

func ExamplePageURL() {
	fmt.Println(beckon.PageURL().Contains("/pricing"))
	fmt.Println(beckon.PageURL().Matches("*/shop/*/cart")) // a star is any run of characters
	// Output:
	// {"page":"url","op":"contains","value":"/pricing"}
	// {"page":"url","op":"matches","value":"*/shop/*/cart"}
}

func ExamplePageSeconds() {
	fmt.Println(beckon.PageSeconds().AtLeast(30))
	// Output:
	// {"page":"seconds","op":"at_least","value":30}
}

// What a contact did: how often, within a window, with which metadata, and
// when first and last.
func ExampleDid() {
	for _, rule := range []beckon.Rule{
		beckon.Did("uploaded-video").AtLeast(10),
		beckon.Did("uploaded-video").Within(beckon.Days(7)).AtLeast(3),
		beckon.Did("uploaded-video").Where(beckon.Metadata("duration").GreaterThan(60)).Is(0),
		beckon.Did("invited-teammate").Last().LessThanAgo(beckon.Days(7)),
		beckon.Did("signed-in").First().On("2026-03-02"),
	} {
		fmt.Println(rule)
	}
	// Output:
	// {"event":"uploaded-video","stat":"count","op":"at_least","value":10}
	// {"event":"uploaded-video","stat":"count","op":"at_least","value":3,"within":"7d"}
	// {"event":"uploaded-video","stat":"count","op":"is","value":0,"where":{"metadata":"duration","op":"greater_than","value":60}}
	// {"event":"invited-teammate","stat":"last","op":"less_than_ago","value":"7d"}
	// {"event":"signed-in","stat":"first","op":"on","value":"2026-03-02"}
}

// What was sent can stand in a rule, too.
func ExampleWasSent() {
	fmt.Println(beckon.WasSent("welcome").Last().MoreThanAgo(beckon.Days(30)))
	fmt.Println(beckon.WasSent("welcome").Is(0))
	// Output:
	// {"message":"welcome","stat":"last_sent","op":"more_than_ago","value":"30d"}
	// {"message":"welcome","stat":"sent_count","op":"is","value":0}
}

func ExampleParseRule() {
	rule, err := beckon.ParseRule([]byte(`{"event": "uploaded-video", "stat": "count", "op": "at_least", "value": 3, "within": "7d"}`))
	ok(err)
	fmt.Println(rule.Event, rule.Op, rule.Value, rule.Within)

	_, err = beckon.ParseRule([]byte(`{"user": "plan", "op": "equals", "value": "pro"}`))
	fmt.Println(err != nil)
	// Output:
	// uploaded-video at_least 3 7d
	// true
}

func ExampleOn() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "long-one", Status: beckon.Live,
		Trigger: beckon.On("upload-complete").Where(beckon.Metadata("duration").GreaterThan(2)),
		Content: beckon.Content{Body: "That was a long one"},
	}}})
	for _, minutes := range []int{1, 3} {
		show(engine.Track(ctx, beckon.Event{
			Name: "Upload.Complete", UserID: "u1", // the same name, by E2
			Metadata: beckon.Fields{{Key: "duration", Value: beckon.Number(minutes)}},
		}))
	}
	// Output:
	// hold long-one: filter
	// send long-one to u1: That was a long one
}

// A contact that begins, or ceases, to match a segment: the first by an event, the second
// by time alone, which a sweep sees.
func ExampleOnEnter() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{
		Segments: map[string]beckon.Rule{"writers": beckon.Did("wrote").Within(beckon.Days(7)).AtLeast(2)},
		Messages: []beckon.Message{
			{ID: "hello", Status: beckon.Live, Trigger: beckon.OnEnter("writers"), Content: beckon.Content{Body: "You write a lot"}},
			{ID: "missing", Status: beckon.Live, Trigger: beckon.OnLeave("writers"), Content: beckon.Content{Body: "We miss you"}},
		},
	})
	for range 3 {
		show(engine.Track(ctx, beckon.Event{Name: "wrote", UserID: "u1"}))
	}
	now = now.AddDate(0, 0, 7)
	for d, err := range engine.Sweep(ctx) {
		ok(err)
		fmt.Println(now.Format(time.DateOnly), d.Body)
	}
	// Output:
	// send hello to u1: You write a lot
	// 2026-03-09 We miss you
}

// An update that changes an attribute triggers, and the message sees from and to.
func ExampleOnChange() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "upgraded", Status: beckon.Live,
		Trigger: beckon.OnChange("plan").From(beckon.String("free")).To(beckon.String("pro")),
		Content: beckon.Content{Body: "From {{ event.from }} to {{ event.to }}: thank you"},
	}}})
	for _, plan := range []string{"free", "pro", "pro"} {
		show(engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"plan": beckon.String(plan)}}))
	}
	// Output:
	// send upgraded to u1: From free to pro: thank you
}

// Three days before a date of the contact's, by a sweep on that day.
func ExampleOnDate() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "trial-ends", Channel: beckon.Email, Status: beckon.Live,
		Trigger: beckon.OnDate("trial_ends_at", beckon.Days(-3)),
		Content: beckon.Content{Body: `Your trial ends on {{ trial_ends_at | date: "2 January" }}`},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{
		"trial_ends_at": beckon.Date(monday().AddDate(0, 0, 4)),
	}})
	ok(err)
	for range 3 {
		for d, err := range engine.Sweep(ctx) {
			ok(err)
			fmt.Println(now.Format(time.DateOnly), d.Body)
		}
		now = now.AddDate(0, 0, 1)
	}
	// Output:
	// 2026-03-03 Your trial ends on 6 March
}

// Something that did not happen: a cart, and no checkout of it in half an hour.
func ExampleTrigger_Unless() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "cart-waiting", Status: beckon.Live,
		Trigger: beckon.On("added-to-cart").Unless("checked-out", beckon.Minutes(30), "cart_id"),
		Content: beckon.Content{Body: "{{ event.cart_id }} is still there"},
	}}})
	for _, e := range []struct{ name, cart string }{{"added-to-cart", "c1"}, {"added-to-cart", "c2"}, {"checked-out", "c1"}} {
		show(engine.Track(ctx, beckon.Event{Name: e.name, UserID: "u1", Metadata: beckon.Fields{
			{Key: "cart_id", Value: beckon.String(e.cart)},
		}}))
	}
	now = now.Add(30 * time.Minute)
	for d, err := range engine.Due(ctx) {
		ok(err)
		fmt.Println("send", d.Body)
	}
	// Output:
	// hold cart-waiting: waiting
	// hold cart-waiting: waiting
	// send c2 is still there
}

// At most two a day over all messages of a tag; the more important ones first.
func ExampleCap() {
	ctx, now := context.Background(), monday()
	program := beckon.Program{Caps: []beckon.Cap{{ID: "promo-a-day", Tag: "promo", Max: 2, Within: beckon.Days(1)}}}
	for i, id := range []string{"autumn", "bundle", "coupon"} {
		program.Messages = append(program.Messages, beckon.Message{
			ID: id, Status: beckon.Live, Priority: i, Tags: []string{"promo"},
			Trigger: beckon.On("shopped"), Content: beckon.Content{Body: "…"},
		})
	}
	engine := running(&now, program)
	show(engine.Track(ctx, beckon.Event{Name: "shopped", UserID: "u1"}))
	// Output:
	// send coupon to u1: …
	// send bundle to u1: …
	// hold autumn: capped
}

// Nine to five on weekdays, on the contact's own clock; who is outside gets it
// when the window opens.
func ExampleSchedule() {
	ctx, now := context.Background(), monday() // six in the evening in Tokyo
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "offer", Status: beckon.Live, Trigger: beckon.On("asked-for-offer"),
		Schedule: &beckon.Schedule{
			ContactTimezone: true, Outside: beckon.OutsideHold,
			Windows: []beckon.Window{{Days: []beckon.Weekday{"mon", "tue", "wed", "thu", "fri"}, From: "09:00", To: "17:00"}},
		},
		Content: beckon.Content{Body: "Our offer"},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Timezone: "Asia/Tokyo"})
	ok(err)
	res, err := engine.Track(ctx, beckon.Event{Name: "asked-for-offer", UserID: "u1"})
	ok(err)
	fmt.Println(res.Held()[0].Reason, res.Held()[0].RetryAt.Format(time.RFC3339))
	// Output:
	// schedule 2026-03-03T00:00:00Z
}

// A walk through blocks: a day's wait, then a message.
func ExampleSeries() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Series: []beckon.Series{{
		ID: "welcome", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("signed-up")},
		Blocks: []beckon.Block{
			{ID: "sleep", Wait: beckon.Days(1), Next: "hello"},
			{ID: "hello", Message: &beckon.Message{ID: "hello", Channel: beckon.Email, Content: beckon.Content{Body: "How was day one?"}}},
		},
	}}})
	show(engine.Track(ctx, beckon.Event{Name: "signed-up", UserID: "u1"}))
	now = now.Add(24 * time.Hour)
	for d, err := range engine.Due(ctx) {
		ok(err)
		fmt.Println(d.Series, d.Message, d.Body)
	}
	// Output:
	// welcome hello How was day one?
}
