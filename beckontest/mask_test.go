package beckontest

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/history"
	"github.com/beckon-go/beckon/internal/scenario"
)

// personal is a contact with something personal in each place.
func personal(t *testing.T) beckon.ContactExport {
	t.Helper()
	kit := New(t, beckon.Program{
		Topics: []beckon.Topic{{ID: "news", Name: "News"}},
		Messages: []beckon.Message{
			{ID: "m", Status: beckon.Live, Trigger: beckon.On("upload"), Content: beckon.Content{Body: "{{ name }}, {{ company.name }}"}},
			{ID: "later", Status: beckon.Live, Trigger: beckon.On("upload").Unless("opened", beckon.Hours(1), ""), Content: beckon.Content{Body: "{{ company.name }}"}},
		},
	}, beckon.WithOutbox()).At(start)
	yes := true
	kit.Update(beckon.Contact{
		UserID: "ada.lovelace", Name: "Ada Lovelace", Email: "Ada@Lovelace.example", Timezone: "Europe/London", Unsubscribed: []string{"email:promo"}, Topics: map[string]*bool{"news": &yes},
		Companies: []beckon.Membership{{CompanyID: "lovelace-ltd"}},
		Attributes: beckon.Attributes{
			"phone": beckon.String("+44 20 7946 0958"), "plan": beckon.String("pro"), "mentor": beckon.String("Charles Babbage"), "site": beckon.Link("https://lovelace.example/a?b=c"), "tags": beckon.List("poetry"),
			"born": beckon.String("1815-12-10"), "seen": beckon.String("2024-05-06T07:08:09Z"), "days": beckon.List("1815-12-10"), "seats": beckon.Number(7), "beta": beckon.Bool(true), "work": beckon.String("ada@lovelace.example"), "salary": beckon.Monetary(1999, "EUR"), "home": beckon.RichLink("https://lovelace.example/home", "Lovelace"), "empty": beckon.String(""), "role": beckon.String("user"),
		},
	})
	kit.Track(beckon.Event{
		Name: "upload", UserID: "ada.lovelace", EventID: "lovelace-1", CompanyID: "lovelace-ltd", Page: &beckon.Page{URL: "https://lovelace.example/page"},
		Metadata: beckon.Fields{
			{Key: "file", Value: beckon.String("Lovelace notes.pdf")},
			{Key: "photo", Value: beckon.Image("https://lovelace.example/ada.png")},
			{Key: "doc", Value: beckon.RichLink("https://lovelace.example/doc", "Lovelace")},
			{Key: "stripe_customer", Value: beckon.Stripe("cus_lovelace")},
			{Key: "price", Value: beckon.Monetary(1999, "EUR")},
			{Key: "plan", Value: beckon.String("pro")},
			{Key: "born", Value: beckon.String("1815-12-10")},
		},
	})
	kit.Track(beckon.Event{Name: "looked", AnonymousID: "lovelace-visitor"})
	kit.Merge(beckon.Identity{AnonymousID: "lovelace-visitor"}, beckon.Identity{UserID: "ada.lovelace"})
	x, known, err := kit.Engine.Export(t.Context(), beckon.Identity{UserID: "ada.lovelace"})
	if err != nil || !known {
		t.Fatalf("%t, %v", known, err)
	}
	return x
}

// Nothing personal is left, what rules depend on stays, and each text keeps its form.
func TestMask(t *testing.T) {
	x := personal(t)
	before, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	masked := Mask(x, Keep("PLAN"), MaskKey([]byte("k")))
	data, err := json.Marshal(masked)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"ada.", "ada@", "ada ", "1815", "2024-05", "lovelace", "babbage", "poetry", "7946"} {
		if strings.Contains(strings.ToLower(string(data)), secret) {
			t.Errorf("%s is still in %s", secret, data)
		}
	}
	if after, _ := json.Marshal(x); string(after) != string(before) {
		t.Error("the export has changed")
	}
	a := masked.Attributes
	for name, want := range map[string]string{"plan": "pro", "seats": "7", "beta": "true", "timezone": "Europe/London", "empty": "", "role": "user"} {
		if got := a[name]; got.String() != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if a["work"].Text() != masked.Attributes["email"].Text() || !strings.HasSuffix(a["work"].Text(), "@masked.example") {
		t.Errorf("one address has two masks: %q, %q", a["work"], a["email"])
	}
	if phone := a["phone"].Text(); len(phone) != len("+44 20 7946 0958") || phone[0] != '+' || phone[3] != ' ' {
		t.Errorf("the number is %q", phone)
	}
	if len(masked.Aliases) == 0 || len(masked.Waiting) == 0 || len(masked.Waiting[0].Event.Metadata) == 0 {
		t.Errorf("the export has not all that can be masked: %s", data)
	}
	e := masked.Recent[slices.IndexFunc(masked.Recent, func(e beckon.PastEvent) bool { return e.Name == "upload" })]
	kinds := map[string]string{}
	for _, f := range e.Metadata {
		if err := f.Value.Err(); err != nil {
			t.Errorf("%s: %v", f.Key, err)
		}
		kinds[f.Key] = f.Value.Kind().String() + " " + f.Value.String()
	}
	for key, want := range map[string]string{"file": "string text-", "photo": "image https://masked.example/", "doc": "rich link text-", "stripe_customer": "stripe cus_", "price": "monetary 19.99 EUR", "plan": "string pro"} {
		if !strings.HasPrefix(strings.ReplaceAll(kinds[key], "_link", " link"), want) {
			t.Errorf("%s is %q, want %q", key, kinds[key], want)
		}
	}
	if masked.Companies[0] != e.CompanyID || !strings.HasPrefix(e.CompanyID, "company-") || !strings.HasSuffix(kinds["photo"], ".png") {
		t.Errorf("the company is %q and %q, the photo %q", masked.Companies, e.CompanyID, kinds["photo"])
	}
	if len(masked.Pending) > 0 || len(x.Pending) == 0 {
		t.Error("deliveries are left in")
	}
	if again := Mask(x, Keep("plan"), MaskKey([]byte("k"))); !reflect.DeepEqual(again, masked) {
		t.Error("with the same key the masks are others")
	}
	if other := Mask(x); other.Identity == masked.Identity || other.Attributes["plan"].Text() == "pro" {
		t.Error("without a key the masks are the same, or what is not named stays")
	}
}

// The masked contact is decided as the one it was made of, by rules that test no masked
// text, whatever has happened to it.
func TestMaskedIsDecidedTheSame(t *testing.T) {
	const document = `{"caps":[{"id":"week","channel":"email","max":2,"within":"7d"}],"messages":[
		{"id":"big","channel":"post","status":"live","audience":{"all":[{"user":"seats","op":"at_least","value":5},{"user":"trial_ends_at","op":"less_than_ahead","value":"3d"}]},"frequency":{"every":"1d"},"content":{"body":"x"}},
		{"id":"paid","channel":"email","status":"live","frequency":{"every":"1h","max":3},"audience":{"any":[{"event":"paid","stat":"count","op":"at_least","value":2},{"event":"paid","stat":"sum","of":"n","op":"at_least","value":3,"within":"7d"}]},"content":{"body":"x"}},
		{"id":"seen","channel":"email","tags":["promo"],"status":"live","audience":{"not":{"message":"paid","stat":"last_sent","op":"less_than_ago","value":"2d"}},"content":{"body":"x"}},
		{"id":"plan","status":"live","trigger":{"event":"paid","where":{"metadata":"plan","op":"is","value":"pro"}},"audience":{"user":"plan","op":"in","value":["pro","team"]},"frequency":{"every":"1d"},"content":{"body":"x"}},
		{"id":"first","channel":"push","status":"live","trigger":{"event":"paid"},"audience":{"event":"opened","stat":"first","op":"more_than_ago","value":"1d"},"schedule":{"contact_timezone":true,"windows":[{"from":"09:00","to":"17:00"}]},"content":{"body":"x"}}]}`
	program, err := beckon.ParseProgram([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	of, err := history.Of([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	who := beckon.Identity{UserID: "u1"}
	dice := rand.New(rand.NewPCG(5, 6))
	compared, sent := 0, 0
	for range 100 {
		moves := make([]history.Move, 30)
		for i := range moves {
			moves[i] = of.Draw(dice)
		}
		var player *scenario.Player
		var now time.Time
		for _, raw := range of.Steps(moves) {
			step, err := scenario.ParseStep(raw)
			if err != nil {
				t.Fatal(err)
			}
			switch step.Verb() {
			case "archive", "pause", "stop", "merge": // what is not the contact's own
				continue
			}
			if now = step.At(); player == nil {
				if player, err = scenario.NewPlayer(t.Context(), program, Epoch()); err != nil {
					t.Fatal(err)
				}
			}
			player.Do(t.Context(), step)
		}
		if player == nil {
			continue
		}
		x, known, err := player.Engine().Export(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		if !known {
			continue
		}
		masked := Mask(x, Keep("plan", "trial_ends_at"))
		kit := New(t, program).At(now)
		other := kit.Load(masked)
		for _, after := range []time.Duration{0, 25 * time.Hour} {
			player.Set(now.Add(after))
			kit.At(now.Add(after))
			for _, moment := range []func(beckon.Identity) beckon.Moment{
				func(id beckon.Identity) beckon.Moment { return beckon.Visit{UserID: id.UserID} },
				func(id beckon.Identity) beckon.Moment { return beckon.AtSweep(id) },
				func(id beckon.Identity) beckon.Moment {
					return beckon.Event{Name: "paid", UserID: id.UserID, Metadata: beckon.Fields{{Key: "plan", Value: beckon.String("pro")}}}
				},
			} {
				want, err := player.Engine().Explain(t.Context(), moment(who))
				if err != nil {
					t.Fatal(err)
				}
				got, err := kit.Engine.Explain(t.Context(), moment(other))
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != len(want) {
					t.Fatalf("%d and %d candidates", len(got), len(want))
				}
				for i := range got {
					compared++
					if want[i].Sent {
						sent++
					}
					if got[i].Message != want[i].Message || got[i].Sent != want[i].Sent || got[i].Reason != want[i].Reason || got[i].Cap != want[i].Cap || got[i].Sends != want[i].Sends || !reflect.DeepEqual(got[i].RetryAt, want[i].RetryAt) {
						t.Errorf("%s: the masked contact is %t %s %s after %d, the other %t %s %s after %d", want[i].Message, got[i].Sent, got[i].Reason, got[i].Cap, got[i].Sends, want[i].Sent, want[i].Reason, want[i].Cap, want[i].Sends)
					}
				}
			}
		}
	}
	if compared < 300 || sent < 30 {
		t.Errorf("%d candidates were compared, %d of them are sent", compared, sent)
	}
}

// An export reads back from JSON as a fixture. One that cannot be loaded stops the test.
func TestLoad(t *testing.T) {
	data, err := json.Marshal(Mask(personal(t)))
	if err != nil {
		t.Fatal(err)
	}
	var x beckon.ContactExport
	if err := json.Unmarshal(data, &x); err != nil {
		t.Fatal(err)
	}
	x.Events[0].Count, x.Events[0].First = 500, start.AddDate(-1, 0, 0) // of most of them only the count is kept
	kit := New(t, program()).At(start)
	who := kit.Load(x)
	again, known, err := kit.Engine.Export(t.Context(), who)
	if err != nil || !known {
		t.Fatalf("%t, %v", known, err)
	}
	for name, want := range map[string]string{"salary": "19.99 EUR", "seats": "7", "home": x.Attributes["home"].String()} {
		if got := again.Attributes[name].String(); got != want || want == "" {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for name, pair := range map[string][2]any{
		"identity": {again.Identity, x.Identity}, "events": {again.Events, x.Events}, "sends": {again.Sends, x.Sends}, "log": {again.Log, x.Log}, "companies": {again.Companies, x.Companies},
		"unsubscribed": {again.Unsubscribed, x.Unsubscribed}, "metadata": {metadata(again), metadata(x)},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: got %v, want %v", name, pair[0], pair[1])
		}
	}
	for name, edit := range map[string]func(*beckon.ContactExport){
		"no contact":   func(x *beckon.ContactExport) { x.Identity = beckon.Identity{} },
		"a bad count":  func(x *beckon.ContactExport) { x.Sends = []beckon.SendCount{{Message: "m", Count: -1}} },
		"a bad number": func(x *beckon.ContactExport) { x.Log = []beckon.Sending{{Message: "m", Sequence: -1}} },
		"the future":   func(x *beckon.ContactExport) { x.Recent[0].CreatedAt = start.AddDate(1, 0, 0) },
	} {
		var y beckon.ContactExport
		if err := json.Unmarshal(data, &y); err != nil {
			t.Fatal(err)
		}
		edit(&y)
		if f := catch(program(), func(k *Kit) { k.At(start).Load(y) }); !f.fatal || !strings.HasPrefix(f.failures[0], "Load at ") {
			t.Errorf("%s: got %q", name, f.failures)
		}
	}
}

// metadata returns that of the upload.
func metadata(x beckon.ContactExport) beckon.Fields {
	for _, e := range x.Recent {
		if e.Name == "upload" {
			return e.Metadata
		}
	}
	return nil
}
