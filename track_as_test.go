package beckon_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// E1, E11: who sends a body does not choose in whose name, for which company, when, from
// where, or that it is history.
func TestTrackAs(t *testing.T) {
	message := func(id, event string) beckon.Message {
		return beckon.Message{
			ID: id, Status: beckon.Live, Channel: beckon.Banner, Trigger: beckon.On(event), Frequency: beckon.EachTime(),
			Content: beckon.Content{Body: "{{ company.plan }} {{ event.a }}"},
		}
	}
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{message("m", "clicked")}})
	kit.At(noon)
	kit.Update(beckon.Contact{UserID: "u1", Companies: []beckon.Membership{
		{CompanyID: "acme", Attributes: beckon.Attributes{"plan": beckon.String("gold")}},
		{CompanyID: "other", Attributes: beckon.Attributes{"plan": beckon.String("iron")}},
	}})
	u1 := beckon.Identity{UserID: "u1"}
	for name, body := range map[string]string{
		"nothing else": `{"event_name":"clicked","metadata":{"a":"x"}}`,
		"all of it": `{"event_name":"clicked","user_id":"victim","id":"v","email":"v@b.example","anonymous_id":"w","company_id":"other",
			"import":true,"source":"rest","created_at":1772452790,"metadata":{"a":"x"}}`,
		"all of it wrong": `{"event_name":"clicked","user_id":true,"id":1.5,"email":[],"anonymous_id":{},"company_id":0.1,
			"import":"yes","source":"nowhere","created_at":"now","metadata":{"a":"x"}}`,
		"twice": `{"event_name":"clicked","user_id":"u2","user_id":"u3","USER_ID":"u4","metadata":{"a":"x"}}`,
	} {
		res, err := kit.Engine.TrackJSON(t.Context(), strings.NewReader(body), beckon.As(u1), nil)
		if err != nil || len(res.Deliveries) != 1 || res.Deliveries[0].Contact.UserID != "u1" || res.Deliveries[0].Body != "gold x" {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
	if list, err := kit.Engine.RecentEvents(t.Context(), u1, nil, 0); err != nil || len(list) != 4 {
		t.Errorf("%d events, %v", len(list), err)
	} else {
		for _, e := range list {
			if !e.CreatedAt.Equal(noon) || e.Import || e.Source != beckon.SourceDirect {
				t.Errorf("recorded as %+v", e)
			}
		}
	}
	for _, who := range []beckon.Identity{{UserID: "victim"}, {UserID: "u2"}, {UserID: "u4"}, {Email: "v@b.example"}} {
		if _, known, err := kit.Engine.Export(t.Context(), who); known || err != nil {
			t.Errorf("%+v is known, %v", who, err)
		}
	}

	// The host says what it knows.
	res, err := kit.Engine.TrackJSON(t.Context(), strings.NewReader(`{"event_name":"clicked","event_id":"e1","company_id":"acme","metadata":{"a":"y"}}`),
		beckon.As(u1, func(e *beckon.Event) {
			e.Source, e.CompanyID, e.CreatedAt = beckon.SourceREST, "other", noon.Add(-time.Hour)
		}))
	if err != nil || len(res.Deliveries) != 0 || res.Held()[0].Reason != beckon.ReasonSource { // D6
		t.Errorf("%+v, %v", res, err)
	}
	if list, err := kit.Engine.RecentEvents(t.Context(), u1, nil, 0); err != nil || len(list) != 5 ||
		list[4].CompanyID != "other" || list[4].EventID != "e1" || !list[4].CreatedAt.Equal(noon.Add(-time.Hour)) {
		t.Errorf("%+v, %v", list, err)
	}

	// All else stays an error, and all of it is told; nobody is an error.
	_, err = kit.Engine.TrackJSON(t.Context(), strings.NewReader(`{"event_name":" ","source":"nowhere","event_id":[],"metadata":{"a":null}}`), beckon.As(beckon.Identity{}))
	for _, code := range []beckon.Code{beckon.ErrEventNameMissing, beckon.ErrTypeInvalid, beckon.ErrMetadataNull, beckon.ErrContactMissing} {
		if !errors.Is(err, code) {
			t.Errorf("no %s: %v", code, err)
		}
	}
	if errors.Is(err, beckon.ErrSourceUnknown) {
		t.Error(err)
	}
	if _, err = kit.Engine.TrackJSON(t.Context(), strings.NewReader(`{"event_name":`), beckon.As(u1)); !errors.Is(err, beckon.ErrJSONInvalid) {
		t.Error(err)
	}
}

// E9: the log has all that an event says.
func TestEventIsLoggedWhole(t *testing.T) {
	kept := memstore.New()
	engine, err := beckon.New(kept, beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.TrackJSON(t.Context(), strings.NewReader(`{"event_name":"Clicked","user_id":"u1","event_id":"1","company_id":"acme",
		"created_at":1772452790,"source":"rest","import":true,"page":{"url":"https://a.example/","seconds":3},"metadata":{"a":"x"}}`)); err != nil {
		t.Fatal(err)
	}
	got, err := kept.Events(t.Context(), store.Key{Kind: store.KindUser, ID: "u1"}, store.EventCursor{}, 10)
	want := []store.LoggedEvent{{
		Seq: 1, Name: unique.Make("clicked"), At: 1772452790, Arrived: noon.UnixMilli(), EventID: "1", CompanyID: "acme", Source: beckon.SourceREST,
		Import: true, Page: &store.Page{URL: "https://a.example/", Seconds: beckon.NumberLiteral("3")}, Metadata: beckon.Fields{{Key: "a", Value: beckon.String("x")}},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}
