package redisstore_test

import (
	"testing"

	"github.com/beckon-go/beckon/internal/oldform"
	"github.com/beckon-go/beckon/store"
)

// Records that an older version wrote are read for what they are.
func TestOldForm(t *testing.T) {
	s := open(t, single(t))
	oldform.GoesOn(t, s, func(t testing.TB, key store.Key, whole, _ []byte) {
		t.Helper()
		record, _ := s.Keys(key)
		const versionSize = 8
		value, err := s.Client().Get(t.Context(), record).Result()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Client().Set(t.Context(), record, value[:versionSize]+string(whole), 0).Err(); err != nil {
			t.Fatal(err)
		}
	})
}
