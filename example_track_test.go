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

// sharedStore returns a store and the clock for engines that share it.
func sharedStore(now *time.Time) (*memstore.Store, beckon.Option) {
	return memstore.New(), beckon.WithClock(func() time.Time { return *now })
}

// Being held is a value and has a reason; an error is bad input or a failed
// store.
func ExampleEngine_Track() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "upload-ready", Status: beckon.Live,
		Trigger:   beckon.On("upload-complete").Where(beckon.Metadata("duration").GreaterThan(2)),
		Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
		Content:   beckon.Content{Body: "{{ event.file_name }} is ready"},
	}}})
	upload := func(file string, minutes float64) beckon.Event {
		return beckon.Event{Name: "upload-complete", UserID: "u1", Metadata: beckon.Fields{
			{Key: "file_name", Value: beckon.String(file)},
			{Key: "duration", Value: beckon.Number(minutes)},
		}}
	}
	show(engine.Track(ctx, upload("teaser.mp4", 0.5)))
	show(engine.Track(ctx, upload("cat.mp4", 12)))
	now = now.Add(20 * time.Minute)
	show(engine.Track(ctx, upload("dog.mp4", 12)))
	now = now.Add(40 * time.Minute)
	show(engine.Track(ctx, upload("owl.mp4", 12)))

	_, err := engine.Track(ctx, beckon.Event{Name: "upload-complete"})
	fmt.Println(errors.Is(err, beckon.ErrContactMissing))
	// Output:
	// hold upload-ready: filter
	// send upload-ready to u1: cat.mp4 is ready
	// hold upload-ready: throttled
	// send upload-ready to u1: owl.mp4 is ready
	// true
}

// With an event id a repeat is known: it succeeds, and does nothing twice.
func ExampleEngine_Track_repeat() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "thanks", Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Thank you"},
	}}})
	for range 2 {
		res, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1", EventID: "order-18"})
		ok(err)
		fmt.Println(len(res.Deliveries), res.Duplicate)
	}
	// Output:
	// 1 false
	// 0 true
}

// History is recorded and counted, and triggers nothing.
func ExampleEngine_Track_import() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "thanks", Status: beckon.Live, Trigger: beckon.On("order-paid"),
		Audience: beckon.Did("order-paid").AtLeast(1), // judged before the event counts
		Content:  beckon.Content{Body: "Thank you for coming back"},
	}}})
	show(engine.Track(ctx, beckon.Event{
		Name: "order-paid", UserID: "u1", Import: true, CreatedAt: now.AddDate(0, -1, 0),
	}))
	show(engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1"}))
	// Output:
	// warning event_imported: import
	// send thanks to u1: Thank you for coming back
}

func ExampleEngine_TrackJSON() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "receipt", Status: beckon.Live, Trigger: beckon.On("order-paid"),
		Content: beckon.Content{Body: "Order {{ event.order }}: {{ event.price }}"},
	}}})
	show(engine.TrackJSON(ctx, strings.NewReader(`{"event_name": "Order.Paid", "user_id": "u1", "metadata": {
		"order": {"url": "https://shop.example/18", "value": "TX18"}, "price": {"amount": 34999, "currency": "eur"}}}`)))
	show(engine.TrackJSON(ctx, strings.NewReader(`{"event_name": " ", "created_at": 1772442900000, "metadata": {"a": null}}`)))
	// Output:
	// send receipt to u1: Order TX18 (https://shop.example/18): 349.99 EUR
	// error created_at_invalid created_at
	// error event_name_missing event_name
	// error contact_missing user_id
	// error metadata_value_null metadata.a
}

// The browser of somebody who is logged in posts events. It does not say whose they are.
func ExampleAs() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "thanks", Status: beckon.Live, Trigger: beckon.On("order-paid"), Content: beckon.Content{Body: "Thank you"},
	}}})
	user := beckon.Identity{UserID: "u1"} // from the session
	show(engine.TrackJSON(ctx, strings.NewReader(`{"event_name": "order-paid", "user_id": "u2", "source": "rest"}`),
		beckon.As(user, func(ev *beckon.Event) { ev.Source = beckon.SourceJavaScript })))
	// Output: send thanks to u1: Thank you
}

func ExampleParseEvent() {
	event, err := beckon.ParseEvent(strings.NewReader(
		`{"event_name": "upload-complete", "user_id": "u1", "created_at": 1772442900,
		  "metadata": {"file_name": "cat.jpg", "url": "https://files.example/cat.jpg", "starts_date": 1772442900}}`,
	))
	ok(err)
	fmt.Println(event.Name, event.UserID, event.CreatedAt.UTC().Format(time.RFC3339))
	for _, f := range event.Metadata {
		fmt.Println(f.Key, f.Value.Kind(), f.Value.Text())
	}
	// Output:
	// upload-complete u1 2026-03-02T09:15:00Z
	// file_name string cat.jpg
	// url image https://files.example/cat.jpg
	// starts_date date 1772442900
}

// An ongoing in-app message goes out once, on the first visit at which the
// contact matches.
func ExampleEngine_Visit() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "need-help", Channel: beckon.Chat, Status: beckon.Live,
		Audience: beckon.All(beckon.PageURL().Contains("/pricing"), beckon.PageSeconds().AtLeast(30)),
		Content:  beckon.Content{Body: "Any questions?"},
	}}})
	for _, seconds := range []int{5, 45, 90} {
		show(engine.Visit(ctx, beckon.Visit{UserID: "u1", Page: &beckon.Page{
			URL: "https://app.example/pricing", Seconds: beckon.Number(seconds),
		}}))
	}
	// Output:
	// hold need-help: audience
	// send need-help to u1: Any questions?
	// hold need-help: already_sent
}

// What is named is set, the zero Value unsets, the rest stays.
func ExampleEngine_Update() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	_, err := engine.Update(ctx, beckon.Contact{
		UserID: "u1", Name: "Ada", Timezone: "Asia/Tokyo",
		Attributes: beckon.Attributes{"plan": beckon.String("pro"), "seats": beckon.Number(3)},
		Companies: []beckon.Membership{{
			CompanyID: "acme", Name: "Acme", Attributes: beckon.Attributes{"employees": beckon.Number(80)},
		}},
	})
	ok(err)
	_, err = engine.Update(ctx, beckon.Contact{
		UserID: "u1", Attributes: beckon.Attributes{"seats": {}, "plan": beckon.String("team")},
	})
	ok(err)
	x, _, err := engine.Export(ctx, user("u1"))
	ok(err)
	fmt.Println(x.Attributes["name"].Text(), x.Attributes["plan"].Text(), x.Attributes["seats"].IsUnknown(), x.Companies)

	_, err = engine.Update(ctx, beckon.Contact{UserID: "u1", Timezone: "Mars/Olympus"})
	fmt.Println(errors.Is(err, beckon.ErrTimezoneUnknown))
	// Output:
	// Ada team true [acme]
	// true
}

// Who has unsubscribed gets transactional messages only.
func ExampleContact_unsubscribed() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{
		{
			ID: "news", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"),
			Tags: []string{"promo"}, Content: beckon.Content{Body: "You may also like"},
		},
		{
			ID: "receipt", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"),
			Transactional: true, Content: beckon.Content{Body: "Your receipt"},
		},
	}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Unsubscribed: []string{"email:promo"}})
	ok(err)
	show(engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1"}))
	// Output:
	// send receipt to u1: Your receipt
	// hold news: unsubscribed
}

// A link in a mail refuses one thing, and leaves all else as it is; another takes
// the refusal back.
func ExampleEngine_Unsubscribe() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "news", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"), Tags: []string{"promo"},
		Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "You may also like"},
	}}})
	ok(engine.Unsubscribe(ctx, user("u1"), "email:promo"))
	show(engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1"}))
	ok(engine.Resubscribe(ctx, user("u1"), "email:promo"))
	show(engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1"}))
	fmt.Println(errors.Is(engine.Unsubscribe(ctx, user("u1"), "pigeon"), beckon.ErrSubscriptionUnknown))
	// Output:
	// hold news: unsubscribed
	// send news to u1: You may also like
	// true
}

// One contact is decided now, as the next sweep would; at most once in
// fifteen minutes.
func ExampleEngine_Check() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "welcome-pro", Channel: beckon.Email, Status: beckon.Live,
		Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "Welcome to pro"},
	}}})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
	ok(err)
	show(engine.Check(ctx, user("u1")))

	now = now.Add(10 * time.Minute)
	_, err = engine.Check(ctx, user("u1"))
	var refused *beckon.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Code, refused.RetryAt.Format("15:04"))
	}
	// Output:
	// send welcome-pro to u1: Welcome to pro
	// check_too_soon 09:15
}

// An event of a struct: no key is written twice, and the compiler knows the types.
func ExampleDefine() {
	type Upload struct {
		FileName string
		Size     int
		Link     string `beckon:",link"`
	}
	uploaded := beckon.Define[Upload]("upload-complete")
	ev := uploaded.Event(beckon.Identity{UserID: "u1"}, Upload{FileName: "plan.pdf", Size: 3, Link: "https://files.example/plan.pdf"})
	text, _ := ev.Metadata.MarshalJSON()
	fmt.Println(ev.Name, string(text))
	// Output: upload-complete {"file_name":"plan.pdf","size":3,"link":"https://files.example/plan.pdf"}
}

// Metadata of what Go has for it, and how often messages go out.
func ExampleF() {
	ctx, now := context.Background(), monday()
	message := func(id string, often *beckon.Frequency) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("order-paid"), Frequency: often, Content: beckon.Content{Body: "{{ event.total }}"}}
	}
	engine := running(&now, beckon.Program{Messages: []beckon.Message{
		message("receipt", beckon.EachTime()), message("survey", beckon.Every(beckon.Days(1))), message("welcome", beckon.Once()),
	}})
	for _, total := range []float64{19.5, 7} {
		now = now.Add(20 * time.Hour)
		res, err := engine.Track(ctx, beckon.Event{Name: "order-paid", UserID: "u1", Metadata: beckon.Fields{beckon.F("total", total), {Key: "by", Value: beckon.ValueOf("card")}}})
		ok(err)
		for _, d := range res.Deliveries {
			fmt.Println(d.Message, d.Body)
		}
	}
	// Output:
	// receipt 19.5
	// survey 19.5
	// welcome 19.5
	// receipt 7
}
