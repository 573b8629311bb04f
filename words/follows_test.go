package words_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/words"
)

const (
	eachCompany  = "It uses company data: it goes out once for each company of the contact, and each is judged by itself; who has none is judged without a company."
	eventCompany = "It uses company data: that of the company which the event names, else of the contact's first."
	firstCompany = "It uses company data: that of the contact's first company."
	overREST     = "An event that came in over REST does not trigger it, unless the host allows that."
	beforeEvent  = "The audience is judged before that event counts."
)

// What follows from members of a message is told, and nothing is told that does not follow.
func TestWhatFollows(t *testing.T) {
	t.Parallel()
	all := []string{eachCompany, eventCompany, firstCompany, overREST, "The audience is judged before that event counts", "It goes out once for each date", "What is so already when it goes live", "It fills in"}
	const segments = `"segments":{"large":{"company":"employees","op":"at_least","value":50},"nested":{"any":[{"segment":"large"}]},"plain":{"user":"plan","op":"is","value":"pro"},"did":{"event":"e","stat":"count","op":"at_least","value":1}}`
	for _, c := range []struct {
		fact, message string
		want          []string
	}{
		{"D2", `{"content":{"body":"x"}}`, nil},
		{"D2", `{"content":{"body":"{{ company.name | fallback: \"you\" }}"}}`, []string{eachCompany, "It fills in the company's name."}},
		{"D2", `{"content":{"subject":"{{company[\"size\"]}}","body":"x"}}`, []string{eachCompany, "It fills in the company's size."}},
		{"D2", `{"content":{"body":"x","text":"{{ company.a }}"}}`, []string{eachCompany, "It fills in the company's a."}},
		{"D2", `{"content":{"body":"x","data":{"b":"{{ company.a }}"}}}`, []string{eachCompany, "It fills in the company's a."}},
		{"D2", `{"content":{"body":"x","parameters":{"b":"company.a"}}}`, []string{eachCompany, "It fills in the company's a."}},
		{"D2", `{"mode":"one_off","audience":{"company":"employees","op":"at_least","value":50}}`, []string{eachCompany}},
		{"D2", `{"audience":{"not":{"all":[{"user":"a","op":"is","value":{"company":"b"}}]}}}`, []string{eachCompany}},
		{"D2", `{"audience":{"any":[{"segment":"plain"},{"segment":"nested"}]}}`, []string{eachCompany}},
		{"D2", `{"audience":{"segment":"plain"}}`, nil},
		{"D2", `{"audience":{"segment":"nope"}}`, nil},
		{"D2", `{"trigger":{"event":"e"},"content":{"body":"{{ company.name }}"}}`, []string{eventCompany, "It fills in the company's name."}},
		{"D2", `{"trigger":{"event":"e","where":{"metadata":"x","op":"is","value":{"company":"y"}}}}`, []string{eventCompany}},
		{"D2", `{"trigger":{"enters":"nested"}}`, []string{firstCompany, "What is so already when it goes live does not trigger it."}},
		{"D2", `{"trigger":{"attribute":"plan"},"audience":{"company":"employees","op":"at_least","value":50}}`, []string{firstCompany}},
		{"D6", `{"channel":"banner","trigger":{"event":"e"}}`, []string{overREST}},
		{"D6", `{"channel":"carousel","trigger":{"event":"e"}}`, []string{overREST}},
		{"D6", `{"channel":"product_tour","trigger":{"event":"e"}}`, []string{overREST}},
		{"D6", `{"channel":"chat","trigger":{"event":"e"}}`, nil},
		{"D6", `{"channel":"banner","trigger":{"attribute":"plan"}}`, nil},
		{"D6", `{"channel":"banner"}`, nil},
		{"A2", `{"trigger":{"event":"e"},"audience":{"event":"E","stat":"count","op":"is","value":0}}`, []string{beforeEvent}},
		{"A2", `{"trigger":{"event":"e"},"audience":{"any":[{"not":{"segment":"did"}}]}}`, []string{beforeEvent}},
		{"A2", `{"trigger":{"event":"e"},"audience":{"event":"f","stat":"count","op":"is","value":0}}`, nil},
		{"A2", `{"trigger":{"attribute":"plan"},"audience":{"event":"e","stat":"count","op":"is","value":0}}`, nil},
		{"T6", `{"trigger":{"event":"e","unless":{"event":"f","within":"1h"},"recheck":true},"audience":{"event":"e","stat":"count","op":"is","value":0}}`, []string{"The audience is judged before that event counts, and again when it goes out, when it does."}},
		{"T5", `{"channel":"email","trigger":{"date":"ends_at","offset":"-3d"}}`, []string{"It goes out once for each date, by a sweep on that day."}},
		{"T5", `{"channel":"chat","trigger":{"date":"ends_at"}}`, []string{"It goes out once for each date, on a visit on that day."}},
		{"T9", `{"channel":"push","trigger":{"date":"ends_at","offset":"-3h"}}`, []string{"It goes out once for each date, at that instant or up to an hour late."}},
		{"T9", `{"channel":"email","trigger":{"date":"ends_at","at":"09:00"}}`, []string{"It goes out once for each date, at that instant or up to an hour late."}},
		{"T9", `{"channel":"banner","trigger":{"date":"ends_at","at":"09:00"}}`, []string{"It goes out once for each date, on a visit from then on until that day ends."}},
		{"T9", `{"channel":"banner","trigger":{"date":"ends_at","offset":"-3d","for":"2d"}}`, []string{"It goes out once for each date, on a visit from then on for 2 days."}},
		{"T9", `{"channel":"chat","trigger":{"event":"booked","date":{"metadata":"starts_date"},"offset":"-1h"}}`, nil},
		{"T8", `{"trigger":{"leaves":"large"}}`, []string{firstCompany, "What is so already when it goes live does not trigger it."}},
		{"T8", `{"trigger":{"leaves":"plain"}}`, []string{"What is so already when it goes live does not trigger it."}},
		{"R1", `{"trigger":{"event":"e"},"content":{"subject":"{{ name }}","body":"{{ event.n }} {{ user.name }} {{ event[\"file name\"] }} {{ user.custom_attributes.plan }}"}}`, []string{`It fills in the contact's name, plan; the event's n, "file name".`}},
		{"R1", `{"content":{"body":"{{ a1 }}{{ a2 }}{{ a3 }}{{ a4 }}{{ a5 }}{{ a6 }}{{ a7 }}{{ a8 }}{{ a9 }}{{ b1 }}{{ b2 }}{{ b3 }}{{ b4 }}{{ b5 }}"}}`, []string{`It fills in the contact's a1, a2, a3, a4, a5, a6, a7, a8, a9, b1, b2, b3, 2 more.`}},
	} {
		p := parsed(t, `{`+segments+`,"messages":[`+strings.Replace(c.message, "{", `{"id":"m",`, 1)+`]}`)
		got := words.Program(p)
		for _, s := range c.want {
			if !strings.Contains(got, "\n  "+s+"\n") && !strings.HasSuffix(got, "\n  "+s) {
				t.Errorf("%s: %s does not say %q:\n%s", c.fact, c.message, s, got)
			}
		}
		for _, s := range all {
			if strings.Contains(got, s) && !slices.ContainsFunc(c.want, func(w string) bool { return strings.HasPrefix(w, s) }) {
				t.Errorf("%s: %s says %q:\n%s", c.fact, c.message, s, got)
			}
		}
	}
	series := parsed(t, `{`+segments+`,"series":[{"id":"s","blocks":[{"id":"b","message":{"id":"m","channel":"banner","audience":{"segment":"large"},"content":{"body":"{{ company.name }}"}}}]}]}`)
	if got := words.Program(series); !strings.Contains(got, firstCompany) || !strings.Contains(got, "A walk waits at a message for its hours, and passes by one that is held for another reason") || strings.Contains(got, overREST) {
		t.Error(got)
	}
	if got := words.Message(parsed(t, `{"messages":[{"id":"m","audience":{"segment":"large"}}]}`).Messages[0]); strings.Contains(got, "company") {
		t.Errorf("what a segment asks is told without the segment: %s", got)
	}
}

// D2: what the words say of companies is what the engine does.
func TestWordsOfCompaniesAreTrue(t *testing.T) {
	t.Parallel()
	ctx, who := t.Context(), beckon.Identity{UserID: "u"}
	for _, message := range []string{
		`{"channel":"email","content":{"body":"x"}}`,
		`{"channel":"email","content":{"body":"{{ company.name }}"}}`,
		`{"channel":"email","content":{"body":"x","parameters":{"a":"company.name"}}}`,
		`{"channel":"email","audience":{"company":"name","op":"has_any_value"},"content":{"body":"x"}}`,
		`{"channel":"email","audience":{"segment":"nested"},"content":{"body":"x"}}`,
		`{"channel":"email","audience":{"user":"user_id","op":"is_not","value":{"company":"name"}},"content":{"body":"x"}}`,
		`{"channel":"email","mode":"one_off","content":{"body":"{{ company.name }}"}}`,
		`{"channel":"email","mode":"one_off","content":{"body":"x"}}`,
		`{"channel":"email","trigger":{"event":"e"},"content":{"body":"{{ company.name }}"}}`,
		`{"channel":"email","trigger":{"event":"e"},"content":{"body":"x"}}`,
		`{"channel":"email","trigger":{"attribute":"plan"},"content":{"body":"{{ company.name }}"}}`,
	} {
		p := parsed(t, `{"segments":{"named":{"company":"name","op":"has_any_value"},"nested":{"all":[{"segment":"named"}]}},"messages":[`+strings.Replace(message, "{", `{"id":"m","status":"live",`, 1)+`]}`)
		e, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Publish(ctx, p); err != nil {
			t.Fatalf("%s: %v", message, err)
		}
		if _, err := e.Update(ctx, beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "a", Name: "A"}, {CompanyID: "b", Name: "B"}}}); err != nil {
			t.Fatal(err)
		}
		var moment beckon.Moment
		switch m := p.Messages[0]; {
		case m.Mode == beckon.OneOff:
			moment = beckon.AtSend(who, "m")
		case m.Trigger == nil:
			moment = beckon.AtSweep(who)
		case m.Trigger.Event != "":
			moment = beckon.Event{Name: "e", UserID: "u", CompanyID: "b"}
		default:
			moment = beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}}
		}
		traces, err := e.Explain(ctx, moment)
		if err != nil {
			t.Fatal(err)
		}
		var companies []string
		for _, x := range traces {
			companies = append(companies, x.CompanyID)
		}
		want := []string{""}
		switch said := words.Program(p); {
		case strings.Contains(said, eachCompany):
			want = []string{"a", "b"}
		case strings.Contains(said, eventCompany):
			want = []string{"b"}
		case strings.Contains(said, firstCompany):
			want = []string{"a"}
		}
		if !slices.Equal(companies, want) {
			t.Errorf("%s: the words say %q, the engine judges %q", message, want, companies)
		}
	}
}

// Whatever a message is made of: what it fills in can be read back from its words, and that it
// uses company data is said exactly if it does.
func TestWhatFollowsOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := map[string][]string{}
		template := func() string {
			s := "x"
			for range rapid.IntRange(0, 4).Draw(t, "variables") {
				space := rapid.SampledFrom([]string{"", "user", "company", "event"}).Draw(t, "space")
				key := rapid.SampledFrom([]string{"a", "b", "plan", "gb_used"}).Draw(t, "key")
				name := key
				if space != "" {
					name = space + "." + key
				} else {
					space = "user"
				}
				s += "{{ " + name + rapid.SampledFrom([]string{"", ` | fallback: "y"`}).Draw(t, "fallback") + " }} "
				if !slices.Contains(want[space], key) {
					want[space] = append(want[space], key)
				}
			}
			return s
		}
		m := beckon.Message{ID: "m", Trigger: beckon.On("e"), Audience: rules(2).Draw(t, "audience")}
		m.Content = beckon.Content{Subject: template(), Body: template(), Text: template(), Data: map[string]string{"a": template(), "b": template()}}
		said := words.Message(m)
		doc, err := json.Marshal(m.Audience)
		if err != nil {
			t.Fatal(err)
		}
		var audience any
		if err := json.Unmarshal(doc, &audience); err != nil {
			t.Fatal(err)
		}
		company := len(want["company"]) > 0 || asksForCompany(audience)
		if strings.Contains(said, "It uses company data") != company {
			t.Fatalf("company data: %v, %s:\n%s", company, doc, said)
		}
		got := map[string][]string{}
		if f := regexp.MustCompile(`(?m)^It fills in (.*)\.$`).FindStringSubmatch(said); f != nil {
			for _, part := range strings.Split(f[1], "; ") {
				for space, lead := range map[string]string{"user": "the contact's ", "company": "the company's ", "event": "the event's "} {
					if rest, ok := strings.CutPrefix(part, lead); ok {
						got[space] = strings.Split(rest, ", ")
					}
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("it fills in %v, and %v is said:\n%s", want, got, said)
		}
	})
}

// asksForCompany looks for the member company in a rule's document. What is asked of events is
// none of it.
func asksForCompany(doc any) bool {
	switch v := doc.(type) {
	case []any:
		return slices.ContainsFunc(v, asksForCompany)
	case map[string]any:
		for name, member := range v {
			if name == "company" || name != "where" && asksForCompany(member) {
				return true
			}
		}
	}
	return false
}

// A message of a program is told with what follows from segments and from its series.
func TestMessageOf(t *testing.T) {
	t.Parallel()
	p := parsed(t, `{"segments":{"large":{"company":"employees","op":"at_least","value":50}},"messages":[{"id":"m","channel":"email","audience":{"segment":"large"}}],
		"series":[{"id":"s","blocks":[{"id":"w","wait":"1d"},{"id":"b","message":{"id":"n","channel":"email","audience":{"segment":"large"}}}]}]}`)
	if got := words.MessageOf(p, "m"); !strings.Contains(got, eachCompany) || !strings.Contains(got, "It is ongoing") {
		t.Error(got)
	}
	if got := words.MessageOf(p, "n"); !strings.Contains(got, firstCompany) || strings.Contains(got, "ongoing") || !strings.Contains(got, "when a walk through the series reaches it") {
		t.Error(got)
	}
	if got := words.MessageOf(p, "s"); got != "" {
		t.Error(got)
	}
}
