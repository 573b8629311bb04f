package main

import (
	"strings"
	"testing"
)

// An address that cannot be used is not told with its password.
func TestStoreErrors(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"redis://app:s3cret@h:port", "redis:redis://app:s3cret@h/x/y", "rediss://app:s3cret%zz@h", "postgres://app:s3cret@h:port/d",
		"postgres://app:s3cret@127.0.0.1:1/d?connect_timeout=1", "mysql://app:s3cret@h/d", "app:s3cret@h",
	} {
		_, _, err := openStore(t.Context(), name)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
