package beckon_test

import (
	"context"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// Z1, F4: a delivery's own Contact serves to acknowledge it and to give it
// back, also where the contact has, as attributes, identities that lead
// elsewhere or to several (K).
func TestDeliveryContactFindsItsRecord(t *testing.T) {
	ctx := context.Background()
	engine, err := beckon.New(memstore.New(), beckon.WithOutbox(), beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(ctx, mergeProgram()); err != nil {
		t.Fatal(err)
	}
	attributes := beckon.Attributes{"user_id": beckon.String("u9"), "email": beckon.String("two@example.com")}
	for _, c := range []beckon.Contact{
		{ID: "7", Attributes: attributes},
		{AnonymousID: "a", Attributes: beckon.Attributes{"email": attributes["email"]}},
	} {
		if _, err := engine.Update(ctx, c); err != nil {
			t.Fatal(err)
		}
		res, err := engine.Track(ctx, beckon.Event{Name: "e", ID: c.ID, AnonymousID: c.AnonymousID})
		if err != nil || len(res.Deliveries) != 4 {
			t.Fatal(res.Deliveries, err)
		}
		for i, d := range res.Deliveries {
			if i == 0 {
				err = engine.Release(ctx, d.Contact, d.ID)
			} else {
				err = engine.Acknowledge(ctx, d)
			}
			if err != nil {
				t.Errorf("%+v: %v", d.Contact, err)
			}
		}
	}
	for d, err := range engine.Pending(ctx) {
		t.Errorf("still pending: %+v, %v", d.Contact, err)
	}
}
