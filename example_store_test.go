package beckon_test

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/throttle"
)

// Stores that keep bytes use this form; it carries a version and a checksum.
func ExampleAppendRecord() {
	record := &store.Record{
		Key: store.Key{Kind: store.KindUser, ID: "u1"}, Exists: true,
		Stats: []store.Stats{{Name: unique.Make("login"), Count: 3, First: 1772442000, Last: 1772442900}},
	}
	data := store.AppendRecord(nil, record)
	again, err := store.DecodeRecord(data)
	ok(err)
	fmt.Println(again.Key.ID, again.Stats[0].Name.Value(), again.Stats[0].Count)

	data[len(data)-1] ^= 1
	_, err = store.DecodeRecord(data)
	fmt.Println(err != nil)
	// Output:
	// u1 login 3
	// true
}

// A decoder that is kept knows the names of events and attributes from the
// records before.
func ExampleRecordDecoder() {
	var decoder store.RecordDecoder
	for _, id := range []string{"u1", "u2"} {
		data := store.AppendRecord(nil, &store.Record{
			Key: store.Key{Kind: store.KindUser, ID: id}, Exists: true,
			Stats: []store.Stats{{Name: unique.Make("login"), Count: 3}},
		})
		record, err := decoder.Decode(data)
		ok(err)
		fmt.Println(record.Key.ID, record.Stats[0].Name.Value(), record.Stats[0].Count)
	}
	// Output:
	// u1 login 3
	// u2 login 3
}

func ExampleAppendLoggedEvent() {
	data := store.AppendLoggedEvent(nil, &store.LoggedEvent{Seq: 7, Name: unique.Make("login"), At: 1772442900})
	event, err := store.DecodeLoggedEvent(data)
	ok(err)
	fmt.Println(event.Seq, event.Name.Value(), time.Unix(event.At, 0).UTC().Format(time.RFC3339))
	// Output:
	// 7 login 2026-03-02T09:15:00Z
}

// A store keeps its index by email under the folded form, and looks for that.
func ExampleFoldEmail() {
	fmt.Println(store.FoldEmail("Ada.Lovelace@Example.COM"))
	// Output:
	// ada.lovelace@example.com
}

// A store that keeps attributes apart from the rest puts a profile together
// again, sorted by name.
func ExampleNewAttribute() {
	profile := &store.Profile{Attributes: []store.Attribute{
		store.NewAttribute("plan", beckon.String("pro")),
		store.NewAttribute("score", beckon.Number(12)),
	}}
	fmt.Println(profile.Attributes[1].Name.Value(), profile.Attribute("plan").Text())
	// Output:
	// score pro
}

// A rule can be put together without builders, as an editor's backend does.
func ExampleOperandOf() {
	fmt.Println(beckon.Rule{User: "plan", Op: beckon.OpIn, Value: beckon.OperandOf([]string{"pro", "team"})})
	fmt.Println(beckon.Rule{User: "signed_up_at", Op: beckon.OpMoreThanAgo, Value: beckon.OperandOf(beckon.Days(30))})
	// Output:
	// {"user":"plan","op":"in","value":["pro","team"]}
	// {"user":"signed_up_at","op":"more_than_ago","value":"30d"}
}

// A message that would render to more than the limit is held, failed; the
// failure says why.
func ExampleWithContentLimits() {
	now := monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "{{ event.text }}{{ event.text }}"},
	}}}, beckon.WithContentLimits(beckon.RenderLimits{RenderedSize: 100}))
	res, err := engine.Track(context.Background(), beckon.Event{Name: "login", UserID: "u1", Metadata: beckon.Fields{
		{Key: "text", Value: beckon.String(strings.Repeat("x", 80))},
	}})
	ok(err)
	fmt.Println(res.Held()[0].Reason, len(res.Failures()))
	// Output:
	// failed 1
}

// Peek asks without taking: for a button that is to be grey.
func ExampleThrottler_Peek() {
	ctx, now := context.Background(), monday()
	throttler, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{Every: beckon.Minutes(1)},
		throttle.WithClock(func() time.Time { return now }),
		throttle.WithName("password-mail"), throttle.WithReleases(2))
	ok(err)
	for range 2 {
		permit, err := throttler.Peek(ctx, "ada@example.com")
		ok(err)
		fmt.Printf("%t %q\n", permit.Allowed, permit.Reason)
		_, err = throttler.Take(ctx, "ada@example.com")
		ok(err)
	}
	// Output:
	// true ""
	// false "throttled"
}

func ExampleWithRenderLimits() {
	_, err := beckon.NewRenderer(beckon.Content{Body: "{{ a }}{{ b }}"},
		beckon.WithRenderLimits(beckon.RenderLimits{TemplateVariables: 1}), beckon.WithRenderIsolation())
	fmt.Println(err != nil)
	// Output:
	// true
}

// A view of the engine works over another store, such as one that joins the
// host's transaction. Here that is a rehearsal: a store that is thrown away.
func ExampleEngine_Using() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"),
		Frequency: &beckon.Frequency{Every: beckon.Days(1)}, Content: beckon.Content{Body: "Hello"},
	}}})
	login := beckon.Event{Name: "login", UserID: "u1"}
	rehearsal := engine.Using(memstore.New())
	show(rehearsal.Track(ctx, login))
	show(rehearsal.Track(ctx, login))
	fmt.Println("in earnest")
	show(engine.Track(ctx, login))
	// Output:
	// send hello to u1: Hello
	// hold hello: throttled
	// in earnest
	// send hello to u1: Hello
}
