package event

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKeyFault(t *testing.T) {
	for key, sound := range map[string]bool{
		"order_total": true, "Größe": true, "a b-c": true, strings.Repeat("é", 255): true,
		"": false, "a.b": false, "$x": false, "a\tb": false, strings.Repeat("é", 256): false,
	} {
		if message := KeyFault(key); (message == "") != sound {
			t.Errorf("%q: %q", key, message)
		}
	}
}

// What is told at a glance is told with care, too.
func TestPlainKeysHaveNoFault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z0-9_ .$-]*`)).Draw(t, "key")
		if PlainKey(key) && KeyFault(key) != "" {
			t.Fatal(KeyFault(key))
		}
	})
}
