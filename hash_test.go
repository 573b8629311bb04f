package beckon

import (
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// Hashes outlive versions: delivery ids are idempotency keys, control groups
// and samples must not be dealt anew, ids of events are remembered. These
// values never change.
func TestHashesArePinned(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"hash16 of nothing", hexOf(decide.Hash16(nil)), "e3b0c44298fc1c149afbf4c8996fb924"},
		{"hash16 of one", hexOf(decide.Hash16(nil, "a")), "72ff6b02949dad95006c343e3db31500"},
		{"hash16 keeps parts apart", hexOf(decide.Hash16(nil, "a", "b")), "16275ef0f5d0eb9dd9e0a53277549fda"},
		{"hash16 keeps parts apart", hexOf(decide.Hash16(nil, "ab", "")), "421fb38456f1afe5c04ed5c0c11c88c4"},
		{"delivery", decide.DeliveryID("welcome", store.Key{Kind: store.KindUser, ID: "u1"}, "", 1), "05c7f58cf77a969761484129b9cb2540"},
		{"delivery, second", decide.DeliveryID("welcome", store.Key{Kind: store.KindUser, ID: "u1"}, "", 2), "19992d01d76f4ae578c6629601fee9e2"},
		{"delivery of a company", decide.DeliveryID("welcome", store.Key{Kind: store.KindUser, ID: "u1"}, "acme", 1), "b6ee753d588c11e9f5c81a93559d9d11"},
		{"delivery to a visitor", decide.DeliveryID("welcome", store.Key{Kind: store.KindAnonymous, ID: "u1"}, "", 1), "62feb2d4056d9b1a84047966340af4b7"},
		{"control", fmt.Sprint(decide.ControlHash("welcome", store.Key{Kind: store.KindUser, ID: "u1"})), "4847215276128480039"},
		{"control of a lead", fmt.Sprint(decide.ControlHash("welcome", store.Key{Kind: store.KindContact, ID: "é"})), "2661286406506230958"},
		{"control of the program", fmt.Sprint(decide.ControlHash("", store.Key{Kind: store.KindUser, ID: "u1"})), "8467040794177724749"},
		{"sample", fmt.Sprint(sampleHash("welcome", store.Key{Kind: store.KindUser, ID: "u1"})), "8881383516347782326"},
		{"sample by email", fmt.Sprint(sampleHash("launch", store.Key{Kind: store.KindEmail, ID: "ada@example.com"})), "7762792827285559396"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
}

func hexOf(h [16]byte) string { return hex.EncodeToString(h[:]) }

// D10: a share of the contacts, whatever the message and however ids are made;
// all and none are exact.
func TestControlShare(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	const n = 100_000
	for _, share := range []float64{0, 0.01, 0.1, 0.5, 0.9, 1} {
		for _, message := range []string{"welcome", "launch", ""} { // the last is the program's
			in := 0
			for i := range n {
				if decide.ControlHash(message, store.Key{Kind: store.KindUser, ID: fmt.Sprint("user-", i)}) < decide.ControlLimit(share) {
					in++
				}
			}
			// Five standard deviations.
			if off := math.Abs(float64(in) - share*n); off > 5*math.Sqrt(n*share*(1-share)) {
				t.Errorf("%s, share %v: %d of %d", message, share, in, n)
			}
		}
	}
	both := 0
	for i := range n {
		k := store.Key{Kind: store.KindUser, ID: fmt.Sprint("user-", i)}
		if decide.ControlHash("a", k) < decide.ControlLimit(0.5) && decide.ControlHash("b", k) < decide.ControlLimit(0.5) {
			both++
		}
	}
	if off := math.Abs(float64(both) - n/4); off > 5*math.Sqrt(n*3.0/16) {
		t.Errorf("the groups of two messages hang together: %d of %d are in both halves", both, n)
	}
}
