package redisstore

import (
	"slices"
	"testing"

	"github.com/beckon-go/beckon/store"
)

// Where a record is must not change with a new version of the package: nobody
// would find it.
func TestLayoutPinned(t *testing.T) {
	l := newLayout("my app", 64)
	for _, c := range []struct {
		key  store.Key
		want string
	}{
		{store.Key{Kind: store.KindUser, ID: "alice"}, "{my+app:27.68}r1:alice"},
		{store.Key{Kind: store.KindContact, ID: "alice"}, "{my+app:43.41}r2:alice"},
		{store.Key{Kind: store.KindCompany, ID: ""}, "{my+app:44.62}r5:"},
	} {
		if got := recordKey(l.tag(c.key), c.key); got != c.want {
			t.Errorf("%v is under %q, want %q", c.key, got, c.want)
		}
	}
	if want := "{my+app:meta}"; l.meta != want {
		t.Errorf("the settings are under %q, want %q", l.meta, want)
	}
}

// As the specification of Redis Cluster has it.
func TestCRC16(t *testing.T) {
	if got := crc16(0, "123456789"); got != 0x31c3 {
		t.Errorf("got %#x", got)
	}
}

// Each partition is in its even share of the slots.
func TestPartitionsAreEven(t *testing.T) {
	for _, n := range []int{1, 3, 64, MaxPartitions} {
		for p, tag := range newLayout("beckon", n).tags {
			slot := int(crc16(0, tag[1:len(tag)-1])) % slots
			if slot*n < p*slots || slot*n >= (p+1)*slots {
				t.Errorf("partition %d of %d is in slot %d", p, n, slot)
			}
		}
	}
}

// Bytes are in the order of the numbers.
func TestInstantsInOrder(t *testing.T) {
	numbers := []int64{-1 << 63, -1 << 40, -1, 0, 1, 1 << 40, 1<<53 + 1, 1<<53 + 2, 1<<63 - 1}
	var members []string
	for _, n := range numbers {
		m := string(appendInstant(nil, n))
		members = append(members, m)
	}
	if !slices.IsSorted(members) {
		t.Errorf("%q", members)
	}
}
