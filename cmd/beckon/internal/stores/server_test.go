package stores

import (
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Several hosts are a cluster, in each form, with the user and the password of the URL.
func TestRedisAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rest           string
		addresses      []string
		user, password string
		cluster        bool
	}{
		{"h:1", []string{"h:1"}, "", "", false},
		{"h:1,g:2", []string{"h:1", "g:2"}, "", "", true},
		{"redis://u:p@h:1/3", []string{"h:1"}, "u", "p", false},
		{"redis://h", []string{"h:6379"}, "", "", false},
		{"redis://u:p%40@h:1,g:2", []string{"h:1", "g:2"}, "u", "p@", true},
		{"rediss://u:p@h:1,g:2,f:3/?dial_timeout=1s", []string{"h:1", "g:2", "f:3"}, "u", "p", true},
		{"redis://u:p@h:1?addr=g:2", []string{"h:1", "g:2"}, "u", "p", true},
		{"redis://u:p@[::1]:1,g:2", []string{"[::1]:1", "g:2"}, "u", "p", true},
	} {
		server, err := redisAt(c.rest)
		if err != nil {
			t.Errorf("%s: %v", c.rest, err)
			continue
		}
		client := server.client()
		_, cluster := client.(*redis.ClusterClient)
		if !slices.Equal(server.addresses, c.addresses) || server.user != c.user || server.password != c.password || cluster != c.cluster {
			t.Errorf("%s: %q, %q, %q, a cluster %t", c.rest, server.addresses, server.user, server.password, cluster)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}
