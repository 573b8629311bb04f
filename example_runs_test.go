package beckon_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/storetest"
)

// people makes contacts known to an engine: u1, u2, …, the even ones on pro.
func people(engine *beckon.Engine, n int) {
	for i := 1; i <= n; i++ {
		plan := "free"
		if i%2 == 0 {
			plan = "pro"
		}
		_, err := engine.Update(context.Background(), beckon.Contact{
			UserID: fmt.Sprintf("u%d", i), Attributes: beckon.Attributes{"plan": beckon.String(plan)},
		})
		ok(err)
	}
}

// A word to one customer, which is in no program.
func ExampleEngine_SendTo() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	_, err := engine.Update(ctx, beckon.Contact{UserID: "u1", Name: "Ada"})
	ok(err)
	word := beckon.Message{ID: "case-4711", Channel: beckon.SMS, Content: beckon.Content{Body: "It is fixed, {{ user.name }}."}}
	show(engine.SendTo(ctx, user("u1"), word))
	show(engine.SendTo(ctx, user("u1"), word))
	ok(engine.Unsubscribe(ctx, user("u1"), "sms"))
	word.ID = "case-4712"
	show(engine.SendTo(ctx, user("u1"), word))
	// Output:
	// send case-4711 to u1: It is fixed, Ada.
	// hold case-4711: already_sent
	// hold case-4712: unsubscribed
}

func ExampleEngine_Sweep() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "pro-tips", Channel: beckon.Email, Status: beckon.Live,
		Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "Tips for you"},
	}}})
	people(engine, 3)
	for hour := range 2 {
		for d, err := range engine.Sweep(ctx) {
			ok(err)
			fmt.Println(hour, d.Message, d.Contact.UserID)
		}
		now = now.Add(time.Hour)
	}
	// Output:
	// 0 pro-tips u2
}

// A consumer that stops while the store is down is told what it cannot be given
// any more: without the outbox nobody else has it.
func ExampleOnStopError() {
	ctx, now := context.Background(), monday()
	store := storetest.NewFaultStore(memstore.New())
	engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return now }))
	ok(err)
	ok(engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{
		{ID: "digest", Channel: beckon.Email, Mode: beckon.Ongoing, Status: beckon.Live, Content: beckon.Content{Body: "Your week"}},
		{ID: "offer", Channel: beckon.Push, Mode: beckon.Ongoing, Status: beckon.Live, Content: beckon.Content{Body: "For you"}},
	}}))
	people(engine, 1)
	var mine []beckon.Delivery
	left := beckon.OnStopError(func(list []beckon.Delivery, err error) { mine = append(mine, list...) })
	for d, err := range engine.Sweep(ctx, left) {
		ok(err)
		fmt.Println("send", d.Message)
		store.Arm(1, storetest.CrashBefore, nil) // the store goes away, and with it the reason to go on
		break
	}
	store.Heal()
	for _, d := range mine {
		fmt.Println("give back", d.Message)
		ok(engine.Release(ctx, d))
	}
	// Output:
	// send digest
	// give back offer
}

// A run tells of what it holds, and how far it is.
func ExampleOnHeld() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "pro-tips", Channel: beckon.Email, Status: beckon.Live,
		Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "Tips for you"},
	}}})
	people(engine, 3)
	held := beckon.OnHeld(func(who beckon.Identity, h beckon.Held) { fmt.Println("hold", who.UserID, h.Reason) })
	progress := beckon.OnProgress(func(p beckon.Progress) { fmt.Println("done", p.Done, p.Cursor == "") })
	for d, err := range engine.Sweep(ctx, held, progress) {
		ok(err)
		fmt.Println("send", d.Contact.UserID)
	}
	// Output:
	// hold u1 audience
	// send u2
	// hold u3 audience
	// done 3 true
}

// A sweep that was stopped goes on at the cursor of the last page that was
// done. From the beginning it would do as well: nobody is sent anything twice.
func ExampleResumeAt() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "news", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "News"},
	}}})
	people(engine, 400)

	var saved beckon.Progress
	first := 0
	for _, err := range engine.Sweep(ctx, beckon.OnProgress(func(p beckon.Progress) { saved = p })) {
		ok(err)
		if first++; first == 300 {
			break // the worker is told to stop
		}
	}
	rest := 0
	for _, err := range engine.Sweep(ctx, beckon.ResumeAt(saved.Cursor)) {
		ok(err)
		rest++
	}
	fmt.Println(first, rest)
	// Output:
	// 300 100
}

// A sweep decides many contacts in one step. What comes up meanwhile, such as a pause,
// still finds all that were not handed out.
func ExampleAhead() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "news", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "News"},
	}}})
	people(engine, 400)

	sent := 0
	for _, err := range engine.Sweep(ctx, beckon.Ahead(200)) {
		ok(err)
		if sent++; sent == 300 {
			ok(engine.Pause(ctx, "news"))
		}
	}
	fmt.Println(sent)
	// Output:
	// 300
}

// Engines over one store share a sweep: each contact is reached by one of them.
func ExampleShared() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "news", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "News"},
	}}})
	people(engine, 400)

	hour := beckon.Shared(now.Truncate(time.Hour))
	for range 2 { // every minute, in every process
		sent := 0
		for _, err := range engine.Sweep(ctx, hour) {
			ok(err)
			sent++
		}
		fmt.Println(sent)
	}
	// Output:
	// 400
	// 0
}

// A message that holds outside its windows goes out when one opens.
func ExampleEngine_Due() {
	ctx, now := context.Background(), monday().Add(-2*time.Hour) // seven in the morning
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "reply", Channel: beckon.Push, Status: beckon.Live, Trigger: beckon.On("comment-received"),
		Schedule: &beckon.Schedule{Windows: []beckon.Window{{From: "09:00", To: "21:00"}}, Outside: beckon.OutsideHold},
		Content:  beckon.Content{Body: "{{ event.by }} has commented"},
	}}})
	res, err := engine.Track(ctx, beckon.Event{
		Name: "comment-received", UserID: "u1", Metadata: beckon.Fields{{Key: "by", Value: beckon.String("Brian")}},
	})
	ok(err)
	h := res.Held()[0]
	fmt.Println("hold", h.Message, h.Reason, h.RetryAt.Format("15:04"))

	for range 2 {
		now = now.Add(time.Hour)
		for d, err := range engine.Due(ctx) {
			ok(err)
			fmt.Println(now.Format("15:04"), "send", d.Message, d.Body)
		}
	}
	// Output:
	// hold reply schedule 09:00
	// 09:00 send reply Brian has commented
}

// A one-off message is tried on one contact and on a sample, then sent to the
// rest; nobody gets it twice.
func ExampleEngine_Send() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "launch", Channel: beckon.Email, Mode: beckon.OneOff, Status: beckon.Live,
		Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "It is here"},
	}}})
	people(engine, 100)
	send := func(opts ...beckon.RunOption) (n int) {
		for _, err := range engine.Send(ctx, "launch", opts...) {
			ok(err)
			n++
		}
		return n
	}
	fmt.Println("one contact:", send(beckon.Only(user("u2"))))
	fmt.Println("a sample:", send(beckon.Sample(20)))
	fmt.Println("everybody:", send())
	fmt.Println("again:", send())
	// Output:
	// one contact: 1
	// a sample: 20
	// everybody: 29
	// again: 0
}

// Sample reaches the same contacts each time, and Only must name one that is
// known.
func ExampleSample() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "launch", Channel: beckon.Email, Mode: beckon.OneOff, Status: beckon.Live, Content: beckon.Content{Body: "It is here"},
	}}})
	people(engine, 10)
	for range 2 {
		n := 0
		for _, err := range engine.Send(ctx, "launch", beckon.Sample(3)) {
			ok(err)
			n++
		}
		fmt.Println(n)
	}
	for _, err := range engine.Send(ctx, "launch", beckon.Only(user("nobody"))) {
		fmt.Println(err)
	}
	// Output:
	// 3
	// 0
	// no such contact is known (contact_unknown)
}
