package benchmarks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

// contactGrowths are of what hosts tell of a contact.
func contactGrowths() []growth {
	return []growth{
		{"attributes-of-an-update", upToThousand, 0, growAttributes},
		{"contact-as-json", upToThousand, 0, growContactJSON},
		{"companies-joined-and-left", upToThousand, 0, growCompanies},
		{"companies-track", upToThousand, 0, growCompaniesTrack},
		{"companies-visit", upToThousand, 0, growCompaniesVisit},
		{"companies-sweep", upToThousand, 0, growCompaniesSweep},
		{"companies-match", upToThousand, 0, growCompaniesMatch},
		{"contacts-of-a-company", 0, mostOthers, growMembers},
		{"contacts-of-an-email", 0, mostOthers, growSharing},
		{"unsubscribed-tags", 192, 0, growUnsubscribed},
		{"unsubscribed-tags-refused", 0, 0, growUnsubscribedRefused},
		{"members-of-a-contact", 0, 0, growMembersJSON("/contacts", `{"user_id":"u1",%s}`)},
		{"members-of-a-company", 0, 0, growMembersJSON("/contacts", `{"user_id":"u1","companies":[{"id":"c",%s}]}`)},
		{"members-of-a-bulk-item", 0, 0, growMembersJSON("/bulk/users", `{"items":[{"method":"post","data_type":"user","data":{"user_id":"u1",%s}}]}`)},
		{"members-of-a-summary", 0, 0, growMembersJSON("/events/summaries", `{"user_id":"u1","event_summaries":{"event_name":"go","count":1,"first":1767225600,%s}}`)},
		{"summaries-of-one-event", 0, 0, growSummaries},
	}
}

func growAttributes(tb testing.TB, n int) func() {
	engine, _ := growthOver(tb, beckon.Program{})
	c := beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{}}
	for i := range n {
		c.Attributes["a"+strconv.Itoa(i)] = beckon.Number(i)
	}
	return func() {
		check(tb, engine.Delete(context.Background(), beckon.Identity{UserID: "u1"}))
		_, err := engine.Update(context.Background(), c)
		check(tb, err)
	}
}

// growthCompanies is the update of a contact that joins n companies, or leaves them.
func growthCompanies(id string, n int, leave bool) beckon.Contact {
	c := beckon.Contact{UserID: id}
	for i := range n {
		m := beckon.Membership{CompanyID: "c" + strconv.Itoa(i), Remove: leave}
		if !leave {
			m.Attributes = beckon.Attributes{"x": beckon.Number(1)}
		}
		c.Companies = append(c.Companies, m)
	}
	return c
}

func growContactJSON(tb testing.TB, n int) func() {
	c := growthCompanies("u1", n, false)
	c.Attributes = beckon.Attributes{}
	for i := range n {
		c.Attributes["a"+strconv.Itoa(i)] = beckon.Number(i)
	}
	return func() {
		text, err := json.Marshal(c)
		check(tb, err)
		_, err = beckon.ParseContact(text)
		check(tb, err)
	}
}

func growCompanies(tb testing.TB, n int) func() {
	engine, _ := growthOver(tb, beckon.Program{})
	join, leave := growthCompanies("u1", n, false), growthCompanies("u1", n, true)
	slices.Reverse(leave.Companies)
	return func() {
		for _, c := range []beckon.Contact{join, join, leave} {
			_, err := engine.Update(context.Background(), c)
			check(tb, err)
		}
	}
}

// growthMember returns an engine with a contact in n companies, and a message that
// uses what is known of them.
func growthMember(tb testing.TB, n int, m beckon.Message) *beckon.Engine {
	m.ID, m.Status, m.Audience, m.Content = "m", beckon.Live, beckon.Company("x").Is(1), beckon.Content{Body: "{{ company.x }}"}
	engine, _ := growthOver(tb, beckon.Program{Messages: []beckon.Message{m}})
	_, err := engine.Update(context.Background(), growthCompanies("u1", n, false))
	check(tb, err)
	return engine
}

func growCompaniesTrack(tb testing.TB, n int) func() {
	engine := growthMember(tb, n, beckon.Message{Trigger: beckon.On("go"), Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}})
	_, err := engine.Update(context.Background(), beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"a": beckon.Number(1)}})
	check(tb, err)
	return func() {
		for _, c := range []string{"", "c0", "c" + strconv.Itoa(n-1)} {
			res, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1", CompanyID: c})
			check(tb, err)
			if len(res.Deliveries) != 1 {
				tb.Fatal("it is not sent")
			}
		}
	}
}

func growCompaniesVisit(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Audience: beckon.Company("x").Is(1), Content: beckon.Content{Body: "{{ company.x }}"},
	}}})
	_, err := engine.Update(context.Background(), growthCompanies("u1", n, false))
	check(tb, err)
	return anew(tb, kept, user("u1"), func() {
		res, err := engine.Visit(context.Background(), beckon.Visit{UserID: "u1"})
		check(tb, err)
		if len(res.Deliveries) != n {
			tb.Fatal(len(res.Deliveries))
		}
	})
}

func growCompaniesSweep(tb testing.TB, n int) func() {
	engine, kept := growthOver(tb, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Channel: beckon.Email, Audience: beckon.Company("x").Is(1), Content: beckon.Content{Body: "{{ company.x }}"},
	}}})
	_, err := engine.Update(context.Background(), growthCompanies("u1", n, false))
	check(tb, err)
	return anew(tb, kept, user("u1"), func() { swept(tb, engine, n) })
}

func swept(tb testing.TB, engine *beckon.Engine, want int) {
	for _, err := range engine.Sweep(context.Background()) {
		check(tb, err)
		want--
	}
	if want != 0 {
		tb.Fatalf("%d are missing", want)
	}
}

func growCompaniesMatch(tb testing.TB, n int) func() {
	engine := growthMember(tb, n, beckon.Message{Trigger: beckon.On("go")})
	return func() {
		ok, err := engine.Matches(context.Background(), beckon.Company("x").Is(2), beckon.Identity{UserID: "u1"})
		check(tb, err)
		if ok {
			tb.Fatal("it matches")
		}
	}
}

// growMembers has n contacts in one company: what one of them does is not theirs.
func growMembers(tb testing.TB, n int) func() {
	engine, _ := growthOver(tb, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Trigger: beckon.On("go"), Audience: beckon.Company("x").Is(1), Content: beckon.Content{Body: "x"},
	}}})
	for i := range n {
		_, err := engine.Update(context.Background(), growthCompanies("u"+strconv.Itoa(i), 1, false))
		check(tb, err)
	}
	return func() {
		for range 10 {
			_, err := engine.Update(context.Background(), growthCompanies("u1", 1, false))
			check(tb, err)
			_, err = engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u1"})
			check(tb, err)
		}
	}
}

// growSharing has n contacts of one email: an event that names it is refused, an update
// reaches the one that it made, and the index takes one in, and out.
func growSharing(tb testing.TB, n int) func() {
	engine, _ := growthOver(tb, beckon.Program{})
	ctx, shared, alone := context.Background(), "a@b.example", "z@b.example"
	for _, address := range []string{shared, alone} {
		if address == alone {
			_, err := engine.Track(ctx, beckon.Event{Name: "go", Email: alone})
			check(tb, err)
		}
		for i := range n {
			_, err := engine.Update(ctx, beckon.Contact{UserID: address + strconv.Itoa(i), Email: address})
			check(tb, err)
		}
	}
	return func() {
		if _, err := engine.Track(ctx, beckon.Event{Name: "go", Email: shared}); err == nil {
			tb.Fatal("it is taken")
		}
		_, err := engine.Update(ctx, beckon.Contact{Email: alone, Name: "x"})
		check(tb, err)
		for i := range 20 {
			for _, address := range []string{"other@b.example", shared} {
				_, err := engine.Update(ctx, beckon.Contact{UserID: shared + strconv.Itoa(i), Email: address})
				check(tb, err)
			}
		}
	}
}

// growUnsubscribedRefused updates a contact with more tags than there may be.
func growUnsubscribedRefused(tb testing.TB, n int) func() {
	engine := growthEngine(tb, beckon.Program{})
	c := beckon.Contact{UserID: "u1"}
	for i := range n {
		c.Unsubscribed = append(c.Unsubscribed, "email:tag"+strconv.Itoa(i))
	}
	return func() {
		if _, err := engine.Update(context.Background(), c); n > beckon.MaxUnsubscribed && !errors.Is(err, beckon.ErrAttributeInvalid) {
			tb.Fatal(err)
		}
	}
}

// growMembersJSON posts a body with n members that nobody knows to the REST interface.
func growMembersJSON(path, body string) func(tb testing.TB, n int) func() {
	return func(tb testing.TB, n int) func() {
		var members []string
		for i := range n {
			members = append(members, fmt.Sprintf(`"member-%d":%d`, i, i))
		}
		return posted(tb, path, fmt.Sprintf(body, strings.Join(members, ",")))
	}
}

// growSummaries posts what was counted of an event, n times in one body.
func growSummaries(tb testing.TB, n int) func() {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"event_name":"go","count":%d,"first":1767225600,"last":1767225600}`, i+1))
	}
	return posted(tb, "/events/summaries", `{"user_id":"u1","event_summaries":[`+strings.Join(list, ",")+`]}`)
}

// posted posts a body to the REST interface, which knows the contact u1.
func posted(tb testing.TB, path, body string) func() {
	engine := growthEngine(tb, beckon.Program{})
	_, err := engine.Update(context.Background(), beckon.Contact{UserID: "u1"})
	check(tb, err)
	handler := beckonhttp.REST(engine, func(*http.Request) error { return nil })
	return func() {
		request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		if handler.ServeHTTP(answer, request); answer.Code != http.StatusOK {
			tb.Fatalf("%d %s", answer.Code, answer.Body)
		}
	}
}

func growUnsubscribed(tb testing.TB, n int) func() {
	engine, _ := growthOver(tb, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Channel: beckon.Email, Trigger: beckon.On("go"), Tags: []string{"a", "b", "c"},
		Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "x"},
	}}})
	c := beckon.Contact{UserID: "u1"}
	for i := range n {
		c.Unsubscribed = append(c.Unsubscribed, "email:tag"+strconv.Itoa(i))
	}
	return func() {
		_, err := engine.Update(context.Background(), c)
		check(tb, err)
		growthTrack(tb, engine, 1)
		check(tb, engine.Unsubscribe(context.Background(), beckon.Identity{UserID: "u1"}, "push:a"))
		check(tb, engine.Resubscribe(context.Background(), beckon.Identity{UserID: "u1"}, "push:a"))
	}
}
