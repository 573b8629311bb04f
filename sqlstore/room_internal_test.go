package sqlstore

import (
	"testing"
)

// Messages stay what they are when they move, and move into the same memory each time.
func TestRoom(t *testing.T) {
	r := &room{size: 100}
	first, err := r.Encode([]byte("begun"))
	if err != nil || string(first) != "begun" || cap(first) < 105 {
		t.Fatalf("%q with room for %d, %v", first, cap(first), err)
	}
	again, err := r.Encode(first[:5]) // the driver goes on with it after something short
	if err != nil || string(again) != "begun" || &again[0] != &first[0] {
		t.Errorf("%q, %v, in the same memory %t", again, err, &again[0] == &first[0])
	}
	r.size = 1000
	if larger, err := r.Encode(again); err != nil || string(larger) != "begun" || cap(larger) < 1005 {
		t.Errorf("%q with room for %d, %v", larger, cap(larger), err)
	}
}
