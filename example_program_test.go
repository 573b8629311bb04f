package beckon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// All that is wrong with a program is reported at once, with the path to it;
// the program before runs on.
// What of the program goes out by email now, and how often it did.
func ExampleEngine_Messages() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{
		{ID: "welcome", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("signed-up"), Content: beckon.Content{Body: "Hello"}},
		{ID: "digest", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "The week"}},
		{ID: "tour", Channel: beckon.ProductTour, Status: beckon.Live, Content: beckon.Content{Body: "Come in"}},
	}})
	_, err := engine.Track(ctx, beckon.Event{Name: "signed-up", UserID: "u1"})
	ok(err)
	ok(engine.Pause(ctx, "digest"))
	list, err := engine.Messages(ctx, beckon.MessageFilter{Channel: beckon.Email})
	ok(err)
	for _, m := range list {
		fmt.Println(m.ID, m.Mode, m.Status, m.Totals.Sent, m.LastSent.Format("Mon 15:04"))
	}
	unsent, err := engine.Messages(ctx, beckon.MessageFilter{Status: beckon.Live, SentBefore: now.Add(-beckon.Days(30).Elapsed())})
	ok(err)
	fmt.Println("not sent for 30 days:", unsent[0].ID)
	// Output:
	// welcome triggered live 1 Mon 09:00
	// digest ongoing paused 0 Mon 00:00
	// not sent for 30 days: tour
}

func ExampleEngine_Publish() {
	now := monday()
	engine := running(&now, beckon.Program{})
	err := engine.Publish(context.Background(), beckon.Program{Messages: []beckon.Message{{
		ID: "welcome", Status: beckon.Live,
		Audience:  beckon.All(beckon.Segment("vips"), beckon.Did("").AtLeast(1)),
		Mode:      beckon.OneOff,
		Frequency: &beckon.Frequency{Max: 1},
		Content:   beckon.Content{Body: "Hello {{ event.name }}"},
	}}})
	var list beckon.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			fmt.Println(e.Code, e.Path)
		}
	}
	// Output:
	// program_invalid messages[0].audience.all[0].segment
	// program_invalid messages[0].audience.all[1]
	// program_invalid messages[0].frequency
	// program_invalid messages[0].content.body
}

func ExampleParseProgram() {
	program, err := beckon.ParseProgram([]byte(`{
		"timezone": "Europe/Dublin",
		"caps": [{"id": "quiet", "channel": "push", "max": 3, "within": "24h"}],
		"messages": [{
			"id": "upload-ready", "status": "live",
			"trigger": {"event": "upload-complete", "where": {"metadata": "duration", "op": "greater_than", "value": 2}},
			"frequency": {"every": "1h"},
			"content": {"body": "{{ event.file_name }} is ready"}
		}]
	}`))
	ok(err)
	m := program.Messages[0]
	fmt.Println(program.Timezone, m.ID, m.Trigger.Filter, m.Frequency.Every)

	_, err = beckon.ParseProgram([]byte(`{"messages": [{"id": "a", "trigger": {"event": "x", "were": {}}, "status": "on"}]}`))
	var list beckon.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			fmt.Println(e.Path)
		}
	}
	// Output:
	// Europe/Dublin upload-ready {"metadata":"duration","op":"greater_than","value":2} 1h
	// messages[0].trigger.were
	// messages[0].status
}

// A program is data: what was built in Go is the JSON document.
func ExampleProgram_json() {
	data, err := json.MarshalIndent(beckon.Program{Messages: []beckon.Message{{
		ID: "tips", Channel: beckon.Email, Status: beckon.Live,
		Audience: beckon.Did("signed-up").Last().MoreThanAgo(beckon.Days(3)),
		Content:  beckon.Content{Subject: "Tips", Body: "…"},
	}}}, "", "  ")
	ok(err)
	fmt.Println(string(data))
	// Output:
	// {
	//   "messages": [
	//     {
	//       "id": "tips",
	//       "channel": "email",
	//       "status": "live",
	//       "audience": {
	//         "event": "signed-up",
	//         "stat": "last",
	//         "op": "more_than_ago",
	//         "value": "3d"
	//       },
	//       "content": {
	//         "subject": "Tips",
	//         "body": "…"
	//       }
	//     }
	//   ]
	// }
}

// A pause outranks later programs and ends with Resume.
func ExampleEngine_Pause() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Hello"},
	}}})
	login := beckon.Event{Name: "login", UserID: "u1"}

	ok(engine.Pause(ctx, "hello"))
	show(engine.Track(ctx, login))
	ok(engine.Resume(ctx, "hello"))
	show(engine.Track(ctx, login))
	// Output:
	// hold hello: not_live
	// send hello to u1: Hello
}

// A series is paused, resumed and stopped by its id, and counts its walks.
func ExampleEngine_SeriesTotals() {
	ctx, now := context.Background(), monday()
	idle := beckon.Did("created-project").SinceEntry().Is(0)
	engine := running(&now, beckon.Program{Series: []beckon.Series{{
		ID: "onboarding", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("signed-up")},
		Blocks: []beckon.Block{
			{ID: "day", Wait: beckon.Days(1), Next: "idle"},
			{ID: "idle", Rule: &idle, Yes: "tips"},
			{ID: "tips", Message: &beckon.Message{ID: "tips", Channel: beckon.Email, Content: beckon.Content{Body: "Three tips"}}},
		},
	}}})
	show(engine.Track(ctx, beckon.Event{Name: "signed-up", UserID: "u1"}))

	ok(engine.PauseSeries(ctx, "onboarding"))
	now = now.Add(48 * time.Hour) // waits run on
	totals, err := engine.SeriesTotals(ctx, "onboarding")
	fmt.Println(totals.Entered, totals.Blocks, totals.Finished, err)

	ok(engine.ResumeSeries(ctx, "onboarding"))
	for d, err := range engine.Due(ctx) {
		fmt.Println("send", d.Message, err)
	}
	ok(engine.StopSeries(ctx, "onboarding"))
	// Output:
	// 1 map[day:1] 0 <nil>
	// send tips <nil>
}

// Vet finds what is legal and surely not meant.
func ExampleVet() {
	pro := beckon.User("plan").Is("pro")
	findings, err := beckon.Vet(beckon.Program{Messages: []beckon.Message{{
		ID: "upgrade", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Upgrade"},
		Audience: beckon.All(pro, beckon.Not(pro)),
	}}}, nil, nil)
	ok(err)
	for _, f := range findings {
		fmt.Println(f.Path, f.ID, f.Code)
	}
	// Output: messages[0].audience upgrade contradiction
}

// A stopped message sends nothing more, for good.
func ExampleEngine_Stop() {
	ctx, now := context.Background(), monday()
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Hello"},
	}}}
	engine := running(&now, program)

	ok(engine.Stop(ctx, "hello"))
	ok(engine.Publish(ctx, program)) // still live in the program: that does not bring it back
	show(engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"}))
	fmt.Println(errors.Is(engine.Resume(ctx, "hello"), beckon.ErrMessageStopped))
	// Output:
	// hold hello: not_live
	// true
}

// Refresh reads what another engine over the same store has changed; Due
// begins with it.
func ExampleEngine_Refresh() {
	ctx, now := context.Background(), monday()
	store, clock := sharedStore(&now)
	program := beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Hello"},
	}}}
	one, err := beckon.New(store, clock)
	ok(err)
	ok(one.Publish(ctx, program))
	two, err := beckon.New(store, clock)
	ok(err)
	ok(two.Publish(ctx, program))

	ok(one.Pause(ctx, "hello"))
	ok(two.Refresh(ctx))
	show(two.Track(ctx, beckon.Event{Name: "login", UserID: "u1"}))
	// Output:
	// hold hello: not_live
}

// A closed engine takes no calls; its store is the host's to close.
func ExampleEngine_Close() {
	now := monday()
	engine := running(&now, beckon.Program{})
	ok(engine.Close())
	_, err := engine.Track(context.Background(), beckon.Event{Name: "login", UserID: "u1"})
	fmt.Println(errors.Is(err, beckon.ErrClosed))
	// Output:
	// true
}

// A program says what an event carries; one that is otherwise is taken with warnings.
func ExampleEventDeclaration() {
	now := monday()
	engine := running(&now, beckon.Program{Events: map[string]beckon.EventDeclaration{"purchased": {
		Metadata: map[string]beckon.KeyDeclaration{
			"price": {Type: "monetary", Required: true},
			"plan":  {Type: "string", Values: []beckon.Value{beckon.String("free"), beckon.String("pro")}},
		},
		Others: beckon.OthersWarn,
	}}})
	show(engine.Track(context.Background(), beckon.Event{Name: "purchased", UserID: "u1", Metadata: beckon.Fields{
		beckon.F("price", 19.99), beckon.F("plan", "pro"), beckon.F("coupon", "MAY"),
	}}))
	// Output:
	// warning metadata_mismatch: metadata.price
	// warning metadata_undeclared: metadata.coupon
}
