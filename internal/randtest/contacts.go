package randtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

// A Clock is what an engine is given by beckon.WithClock.
type Clock struct{ At time.Time }

// Now returns the instant at which the clock stands.
func (c *Clock) Now() time.Time { return c.At }

// value returns a value of an attribute, of every type that one can have.
func value(r *rand.Rand) beckon.Value {
	switch r.IntN(13) {
	case 0:
		return beckon.Bool(r.IntN(2) == 0)
	case 1, 2, 3:
		return beckon.NumberLiteral(number(r))
	case 4:
		return beckon.Date(instant(r))
	case 5:
		return beckon.Number(instant(r).Unix())
	case 6:
		return pick(r, beckon.String(instant(r).Format(time.DateOnly)), beckon.String(strings.ToLower(instant(r).Format(time.RFC3339))),
			beckon.Number(instant(r).AddDate(-60, 0, 0).Unix()), beckon.Date(instant(r).AddDate(-60, 0, 0)), beckon.String(instant(r).AddDate(-60, 0, 0).Format(time.DateOnly)))
	case 7:
		zone := time.FixedZone("", pick(r, 0, 3600, -43200, 50400, 86340, -86340))
		return beckon.String(instant(r).In(zone).Format(time.RFC3339))
	case 8:
		return pick(r, beckon.List(), beckon.List(text(r)), beckon.List(text(r), text(r), "pro"))
	case 9:
		return pick(r, beckon.Link("https://a.example/pro"), beckon.RichLink("https://a.example/", "pro"), beckon.Image("https://a.example/a.png"), beckon.Stripe("cus_10"))
	case 10:
		return beckon.Monetary(int64(r.IntN(3))*1000, pick(r, "EUR", "USD"))
	case 11:
		if r.IntN(20) == 0 { // as long as it can be
			return beckon.String(strings.Repeat("é", 9_999) + pick(r, "é", "x"))
		}
	}
	return beckon.String(text(r))
}

// who returns one of few identities of every kind.
func who(r *rand.Rand) beckon.Identity {
	n := r.IntN(12)
	switch r.IntN(6) {
	case 0:
		return beckon.Identity{ID: fmt.Sprint("l", n)}
	case 1:
		return beckon.Identity{Email: pick(r, "ann@x.test", "bob@x.test", "Bob@X.test", "o'neil@x.test", "kim@x.test")}
	case 2:
		return beckon.Identity{AnonymousID: fmt.Sprint("v", n)}
	case 3:
		if r.IntN(6) == 0 {
			return beckon.Identity{UserID: pick(r, "é", "e\u0301", "\u212a", "k", "K", strings.Repeat("🎉", 255), strings.Repeat("🎉", 254)+"!")}
		}
		return beckon.Identity{UserID: "u" + pick(r, hostile...)}
	}
	return beckon.Identity{UserID: fmt.Sprint("u", n)}
}

// Act does one random thing with a random contact: it is updated, does
// something, visits, or is merged. What the engine refuses is refused; only a
// failure of its store is returned.
func Act(ctx context.Context, e *beckon.Engine, r *rand.Rand, now time.Time) error {
	w := who(r)
	var err error
	switch r.IntN(12) {
	case 0, 1, 2, 3:
		c := contact(r, w)
		seen, visited := c.Attributes["last_seen_at"]
		if !visited {
			_, err = e.Update(ctx, c)
			break
		}
		// Only visits say so, and an import.
		c.Attributes["first_seen_at"], c.Attributes["session_count"] = seen, beckon.Number(len(c.Attributes))
		for f, failed := range e.Import(ctx, func(yield func(beckon.ImportItem, error) bool) { yield(beckon.ImportItem{Contact: &c}, nil) }) {
			err = errors.Join(f.Err, failed)
		}
	case 4, 5, 6, 7, 8:
		at := now.Add(-pick(r, 0, time.Minute, 36*time.Hour, 7*24*time.Hour, 30*24*time.Hour, 60*24*time.Hour))
		_, err = e.Track(ctx, beckon.Event{
			Name: event(r), UserID: w.UserID, ID: w.ID, Email: w.Email, AnonymousID: w.AnonymousID, CreatedAt: at.Truncate(time.Second),
			Metadata: beckon.Fields{{Key: "n", Value: beckon.Number(r.IntN(5))}}, Import: r.IntN(8) == 0,
		})
	case 9, 10:
		_, err = e.Visit(ctx, beckon.Visit{UserID: w.UserID, ID: w.ID, Email: w.Email, AnonymousID: w.AnonymousID})
	case 11:
		if r.IntN(4) == 0 {
			_, err = e.Merge(ctx, w, who(r))
		}
	}
	if failed := new(beckon.StoreError); err != nil && errors.As(err, &failed) {
		return err
	}
	return nil
}

// contact returns an update of some attributes.
func contact(r *rand.Rand, w beckon.Identity) beckon.Contact {
	c := beckon.Contact{UserID: w.UserID, ID: w.ID, Email: w.Email, AnonymousID: w.AnonymousID, Attributes: beckon.Attributes{}}
	for range 1 + r.IntN(4) {
		switch name := attribute(r); name {
		case "email":
			c.Attributes[name] = beckon.String(pick(r, "ann@x.test", "bob@x.test", "eve@x.test", "KIM@x.test"))
		case "role", "user_id", "id", "anonymous_id", "name":
			c.Attributes[name] = beckon.String(text(r))
		case "created_at", "signed_up_at", "last_seen_at", "last_contacted_at":
			c.Attributes[name] = pick(r, beckon.Date(instant(r)), beckon.String(instant(r).Format(time.RFC3339)), beckon.String(instant(r).Format(time.DateOnly)))
		default:
			c.Attributes[name] = value(r)
		}
		if r.IntN(10) == 0 {
			c.Attributes[attribute(r)] = beckon.Value{}
		}
	}
	if r.IntN(4) == 0 {
		c.Companies = []beckon.Membership{{CompanyID: pick(r, "c1", "c2"), Attributes: beckon.Attributes{"plan": beckon.String(text(r)), "size": beckon.Number(r.IntN(10))}}}
	}
	return c
}
