package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
)

// What was tracked of a visitor stays with the user he becomes: also that a
// message has gone out already.
func ExampleEngine_Merge() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "third", Status: beckon.Live, Trigger: beckon.On("read-article"),
		Audience: beckon.Did("read-article").Is(2), Content: beckon.Content{Body: "Your third today"},
	}}})
	visitor := beckon.Identity{AnonymousID: "v-81"}
	for range 2 {
		show(engine.Track(ctx, beckon.Event{Name: "read-article", AnonymousID: "v-81"}))
	}
	_, err := engine.Merge(ctx, visitor, user("u1"))
	ok(err)
	show(engine.Track(ctx, beckon.Event{Name: "read-article", UserID: "u1"}))

	// Both identities lead to the one contact from now on.
	x, known, err := engine.Export(ctx, visitor)
	ok(err)
	fmt.Println(known, x.Identity.UserID, x.Events[0].Count)
	// Output:
	// hold third: audience
	// hold third: audience
	// send third to u1: Your third today
	// true u1 3
}

// A contact takes in so many identities and no more.
func ExampleWithAliasesLimit() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{}, beckon.WithAliasesLimit(1))
	for _, visitor := range []string{"v-1", "v-2"} {
		_, err := engine.Visit(ctx, beckon.Visit{AnonymousID: visitor})
		ok(err)
		_, err = engine.Merge(ctx, beckon.Identity{AnonymousID: visitor}, user("u1"))
		fmt.Println(visitor, errors.Is(err, beckon.ErrIdentitiesLimit))
	}
	// Output:
	// v-1 false
	// v-2 true
}

// A deleted contact starts anew.
func ExampleEngine_Delete() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"),
		Frequency: &beckon.Frequency{Every: beckon.Seconds(0), Max: 1}, Content: beckon.Content{Body: "Hello"},
	}}})
	login := beckon.Event{Name: "login", UserID: "u1"}
	show(engine.Track(ctx, login))
	show(engine.Track(ctx, login))
	ok(engine.Delete(ctx, user("u1")))
	show(engine.Track(ctx, login))
	// Output:
	// send hello to u1: Hello
	// hold hello: max_reached
	// send hello to u1: Hello
}

// A page about a contact, or the answer of an API.
func ExampleEngine_Contact() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	_, err := engine.Update(ctx, beckon.Contact{
		UserID: "u1", Email: "ada@example.com", Name: "Ada", Attributes: beckon.Attributes{"plan": beckon.String("pro")},
		Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}},
	})
	ok(err)
	c, err := engine.Contact(ctx, beckon.Identity{Email: "ada@example.com"})
	ok(err)
	fmt.Println(c.UserID, c.Name, c.Attributes["plan"].Text(), c.Attributes["role"].Text())
	for _, m := range c.Companies {
		fmt.Println(m.CompanyID, m.Name)
	}
	_, err = engine.Contact(ctx, user("u2"))
	fmt.Println(errors.Is(err, beckon.ErrContactUnknown))
	// Output:
	// u1 Ada pro user
	// acme Acme
	// true
}

func ExampleEngine_Export() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Hello"},
	}}})
	_, err := engine.Track(ctx, beckon.Event{Name: "Login", UserID: "u1", EventID: "s-5"})
	ok(err)
	x, known, err := engine.Export(ctx, user("u1"))
	ok(err)
	fmt.Println(known, x.Identity.UserID)
	for _, e := range x.Events {
		fmt.Println("did", e.Name, e.Count, "last", e.Last.Format(time.RFC3339))
	}
	for _, s := range x.Sends {
		fmt.Println("got", s.Message, s.Count, "last", s.Last.Format(time.RFC3339))
	}
	// Output:
	// true u1
	// did login 1 last 2026-03-02T09:00:00Z
	// got hello 1 last 2026-03-02T09:00:00Z
}

// Pages of two, newest first: the next begins after the last of the one before.
func ExampleEngine_RecentEvents() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	for _, file := range []string{"a.mp4", "b.mp4", "c.mp4"} {
		_, err := engine.Track(ctx, beckon.Event{
			Name: "uploaded", UserID: "u1", Metadata: beckon.Fields{{Key: "file", Value: beckon.String(file)}},
		})
		ok(err)
		now = now.Add(time.Minute)
	}
	var after *beckon.PastEvent
	for {
		page, err := engine.RecentEvents(ctx, user("u1"), after, 2)
		ok(err)
		for _, e := range page {
			file, _ := e.Metadata.Get("file")
			fmt.Println(e.CreatedAt.Format("15:04"), e.Name, file.Text())
		}
		if len(page) < 2 {
			break
		}
		after = &page[len(page)-1]
	}
	// Output:
	// 09:02 uploaded c.mp4
	// 09:01 uploaded b.mp4
	// 09:00 uploaded a.mp4
}

// A rule can be asked without a message: who is it that it means?
func ExampleEngine_Match() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	people(engine, 5)
	rule := beckon.User("plan").Is("pro")

	var ids []string
	for who, err := range engine.Match(ctx, rule) {
		ok(err)
		ids = append(ids, who.UserID)
	}
	slices.Sort(ids) // the store's order is its own
	fmt.Println(ids)

	n, err := engine.Count(ctx, rule)
	ok(err)
	fmt.Println(n)

	yes, err := engine.Matches(ctx, rule, user("u2"))
	ok(err)
	fmt.Println(yes)

	// A rule that cannot be judged is refused, as on publish.
	_, err = engine.Count(ctx, beckon.Segment("nobody-defined"))
	fmt.Println(err)
	// Output:
	// [u2 u4]
	// 2
	// true
	// rule.segment: there is no segment "nobody-defined" (program_invalid)
}

func ExampleEngine_Count() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{})
	people(engine, 5)
	n, err := engine.Count(ctx, beckon.User("plan").IsNot("pro"))
	ok(err)
	fmt.Println(n)
	// Output:
	// 3
}

func ExampleEngine_Matches() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Segments: map[string]beckon.Rule{"payers": beckon.User("plan").In("pro", "team")}})
	people(engine, 2)
	for _, id := range []string{"u1", "u2", "nobody"} {
		yes, err := engine.Matches(ctx, beckon.Segment("payers"), user(id))
		ok(err)
		fmt.Println(id, yes)
	}
	// Output:
	// u1 false
	// u2 true
	// nobody false
}

// Contacts and visits are read from JSON as strictly as programs.
func ExampleParseContact() {
	contact, err := beckon.ParseContact([]byte(
		`{"user_id": "u1", "name": "Ada", "timezone": "Asia/Tokyo", "attributes": {"plan": "pro", "seats": null},
		  "companies": [{"company_id": "acme", "attributes": {"employees": 80}}]}`,
	))
	ok(err)
	fmt.Println(contact.UserID, contact.Name, contact.Attributes["plan"].Text(), contact.Companies[0].CompanyID)
	_, unset := contact.Attributes["seats"]
	fmt.Println(unset)
	// Output:
	// u1 Ada pro acme
	// true
}

func ExampleParseVisit() {
	visit, err := beckon.ParseVisit([]byte(`{"user_id": "u1", "page": {"url": "https://app.example/pricing", "seconds": 12}}`))
	ok(err)
	fmt.Println(visit.UserID, visit.Page.URL, visit.Page.Seconds.Text())
	// Output:
	// u1 https://app.example/pricing 12
}

func ExampleParseIdentity() {
	who, err := beckon.ParseIdentity([]byte(`{"email": "Ada@Example.COM"}`))
	ok(err)
	fmt.Println(who.Email)
	// Output:
	// Ada@Example.COM
}

// What a preference centre shows: the topics of the program, with what a contact has said.
func ExampleEngine_Topics() {
	ctx, now := context.Background(), monday()
	engine := running(&now, beckon.Program{Topics: []beckon.Topic{
		{ID: "news", Name: "Newsletter", OptIn: true},
		{ID: "tips", Name: "Tips", Channels: []beckon.Channel{beckon.Email}},
	}})
	ok(engine.Unsubscribe(ctx, user("u1"), "tips", "call centre"))
	topics, err := engine.Topics(ctx, user("u1"))
	ok(err)
	for _, t := range topics {
		fmt.Printf("%s: %t %q\n", t.Name, t.Wanted, t.From)
	}
	// Output:
	// Newsletter: false ""
	// Tips: false "call centre"
}
