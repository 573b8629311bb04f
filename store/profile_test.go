package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/value"
)

// Among few attributes identifiers are found as among many, wherever they stand. What a
// record is kept under counts more than an attribute that does not lead to it.
func TestIdentityOfAttributes(t *testing.T) {
	for _, others := range []int{0, 5, manyNames - 4, manyNames, 3 * manyNames} {
		p := &Profile{}
		for i := range others {
			name := []string{"a", "email_", "ie", "user_ie", "z"}[i%5]
			p.Attributes = append(p.Attributes, NewAttribute(fmt.Sprint(name, i), value.String("another")))
		}
		for _, name := range []string{"anonymous_id", "email", "id", "user_id"} {
			p.Attributes = append(p.Attributes, NewAttribute(name, value.String("its "+name)))
		}
		slices.SortFunc(p.Attributes, func(a, b Attribute) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
		for _, c := range []struct {
			key  Key
			want Identity
		}{
			{Key{Kind: KindUser, ID: "u"}, Identity{UserID: "u", ID: "its id", Email: "its email", AnonymousID: "its anonymous_id"}},
			{Key{Kind: KindContact, ID: "c"}, Identity{ID: "c", Email: "its email", AnonymousID: "its anonymous_id"}},
			{Key{Kind: KindEmail, ID: "e"}, Identity{Email: "its email", AnonymousID: "its anonymous_id"}},
			{Key{Kind: KindAnonymous, ID: "n"}, Identity{Email: "its email", AnonymousID: "n"}},
		} {
			if got := (&Record{Key: c.key, Profile: p}).Identity(); got != c.want {
				t.Errorf("%v among %d others: %+v, want %+v", c.key, others, got, c.want)
			}
		}
	}
	if got, want := (&Record{Key: Key{Kind: KindUser, ID: "u"}}).Identity(), (Identity{UserID: "u"}); got != want {
		t.Errorf("without a profile: %+v, want %+v", got, want)
	}
}
