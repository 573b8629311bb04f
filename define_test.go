package beckon_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon"
)

type orderPaid struct {
	OrderID    string
	Total      int64           `beckon:"total,money=eur"`
	Tax        decimal.Decimal `beckon:",money=EUR"`
	ReceiptURL string          `beckon:"receipt,link,omitempty"`
	Photo      *string         `beckon:",image"`
	Customer   string          `beckon:"customer,stripe"`
	Items      int
	Coupon     *string
	Gift       bool      `beckon:",omitempty"`
	Secret     string    `beckon:"-"`
	Key        string    `beckon:",event_id"`
	Company    *string   `beckon:",company_id"`
	At         time.Time `beckon:",created_at"`
	place
	*extra
}

type (
	place struct{ Country string }
	extra struct{ Note string }
)

// An event of a struct is the event that its fields say.
func TestDefine(t *testing.T) {
	t.Parallel()
	def := beckon.Define[orderPaid]("Order-paid")
	photo, company := "https://a.example/p.png", "c1"
	ev := def.Event(beckon.Identity{UserID: "u1", Email: "a@b.example"}, orderPaid{
		OrderID: "o1", Total: 34999, Tax: decimal.RequireFromString("55.88"), Photo: &photo, Customer: "cus_1", Items: 3,
		Secret: "s", Key: "k1", Company: &company, At: noon, place: place{"IE"},
	})
	want := beckon.Event{
		Name: "Order-paid", UserID: "u1", Email: "a@b.example", EventID: "k1", CompanyID: "c1", CreatedAt: noon,
		Metadata: beckon.Fields{
			beckon.F("order_id", "o1"), beckon.F("total", beckon.Monetary(34999, "EUR")), beckon.F("tax", beckon.Monetary(5588, "EUR")),
			beckon.F("photo", beckon.Image(photo)), beckon.F("customer", beckon.Stripe("cus_1")), beckon.F("items", 3), beckon.F("country", "IE"),
		},
	}
	if def.Name() != "Order-paid" || !ev.Metadata.Equal(want.Metadata) {
		t.Errorf("%v\nwant %v", ev.Metadata, want.Metadata)
	}
	ev.Metadata, want.Metadata = nil, nil
	if fmt.Sprintf("%+v", ev) != fmt.Sprintf("%+v", want) {
		t.Errorf("%+v\nwant %+v", ev, want)
	}
	now := noon
	e := running(&now, beckon.Program{})
	if _, err := e.Track(t.Context(), def.Event(beckon.Identity{UserID: "u1"}, orderPaid{Customer: "cus_1"})); err != nil {
		t.Error(err)
	}
	if _, err := e.Track(t.Context(), def.Event(beckon.Identity{UserID: "u1"}, orderPaid{Customer: "not a customer"})); err == nil {
		t.Error("what no metadata may be is taken")
	}
}

// A key with a comma stands between apostrophes.
func TestDefineKeysWithCommas(t *testing.T) {
	t.Parallel()
	def := beckon.Define[struct {
		A string `beckon:"'a, b'"`
		B string `beckon:"'c,d',omitempty"`
		C string `beckon:"'link,',link"`
	}]("a")
	ev := def.Event(beckon.Identity{UserID: "u1"}, struct {
		A string `beckon:"'a, b'"`
		B string `beckon:"'c,d',omitempty"`
		C string `beckon:"'link,',link"`
	}{A: "1", C: "https://a.example/"})
	want := beckon.Fields{beckon.F("a, b", "1"), beckon.F("link,", beckon.Link("https://a.example/"))}
	if !ev.Metadata.Equal(want) {
		t.Errorf("%v", ev.Metadata)
	}
}

// What is wrong with a definition is told when it is made, together.
func TestDefineFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		define func()
		want   string
	}{
		{func() { beckon.Define[int]("a") }, "int is no struct"},
		{func() { beckon.Define[struct{}]("") }, `Define("")`},
		{func() {
			beckon.Define[struct {
				A int    `beckon:",link"`
				B string `beckon:"c,nothing"`
				C string `beckon:"c"`
				D string `beckon:",money=EUR"`
				E int    `beckon:",money=XYZ"`
				F int    `beckon:",created_at"`
				G string `beckon:",event_id"`
				H string `beckon:",event_id"`
			}]("a")
		}, `A: link is for a string, not a int; B: no option of a tag is called "nothing"; C: another field is that, too; D: money is for an integer in minor units, or a decimal, not a string; E: money=XYZ: no such currency; F: created_at is for a time.Time, not a int; H: another field is that, too`},
		{func() {
			beckon.Define[struct {
				A []string
				B *map[string]int
				C []byte
				D place
				E func()
				F complex128
				G *[2]string `beckon:"g,omitempty"`
				H string     `beckon:"a.b"`
				I string     `beckon:"h"`
				J string     `beckon:"H"`
				K string     `beckon:"'e"`
				L string     `beckon:"'f'g"`
			}]("a")
		}, `A: no metadata is a []string; B: no metadata is a *map[string]int; C: no metadata is a []uint8; D: no metadata is a beckon_test.place; E: no metadata is a func(); F: no metadata is a complex128; G: no metadata is a *[2]string; H: a metadata key must not contain '.', got "a.b"; J: another field is that, too; ` +
			`K: a metadata key must not contain '\'', got "'e"; L: a metadata key must not contain '\'', got "'f'g"`},
	} {
		func() {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.Contains(v, c.want) {
					t.Errorf("%s\nwant %s", v, c.want)
				}
			}()
			c.define()
		}()
	}
}

// Every type that values are made from can be a field, and one that is left out any.
func TestDefineTypes(t *testing.T) {
	t.Parallel()
	type (
		plan  string
		day   time.Time
		count uint8
	)
	def := beckon.Define[struct {
		A    plan
		B    *float64
		C    any
		D    beckon.Value
		E    url.URL
		F    json.Number
		G    time.Duration
		H    *day
		I    decimal.Decimal
		J    bool
		K    count
		Tags []string `beckon:"-"`
	}]("a")
	if def.Name() != "a" {
		t.Error(def.Name())
	}
}

// The short forms of a frequency are the frequencies that they say.
func TestFrequencyForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		frequency *beckon.Frequency
		want      string // of five events, one every 30 minutes
	}{
		{beckon.Once(), "+----"},
		{beckon.EachTime(), "+++++"},
		{beckon.Every(beckon.Hours(1)), "+-+-+"},
	} {
		now := noon
		e := running(&now, beckon.Program{Messages: []beckon.Message{{
			ID: "m", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("a"), Frequency: c.frequency, Content: beckon.Content{Body: "b"},
		}}})
		got := ""
		for range 5 {
			res, err := e.Track(t.Context(), beckon.Event{Name: "a", UserID: "u"})
			if err != nil {
				t.Fatal(err)
			}
			got += map[bool]string{true: "+", false: "-"}[len(res.Deliveries) == 1]
			now = now.Add(30 * time.Minute)
		}
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.frequency, got, c.want)
		}
	}
}
