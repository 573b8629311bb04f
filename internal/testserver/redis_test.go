package testserver

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
)

// A server takes commands when it has started, none when it was killed, and
// again at the same address when it was started anew, with what it had to
// keep; afterwards nothing of it is left.
func TestRedisServer(t *testing.T) {
	s := StartRedis(t, "appendonly=yes", "appendfsync=always")
	address := s.URL()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(u.Host, "127.0.0.1:") {
		t.Errorf("it listens at %s", u.Host)
	}
	if secret, _ := u.User.Password(); secret != s.Password() {
		t.Errorf("the password of the URL is %q, want %q", secret, s.Password())
	}
	answers := func() bool { // it, and not who may have taken its port meanwhile: the password is its own
		got, err := s.Command("PING")
		return err == nil && got == "+PONG"
	}
	if got, err := s.Command("SET kept 1"); err != nil || got != "+OK" {
		t.Fatalf("SET: %q, %v", got, err)
	}
	for _, end := range []func() error{s.Kill, s.Stop} {
		if !answers() {
			t.Fatal("it has started, but takes no connection")
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if answers() {
			t.Error("it was ended, but takes connections")
		}
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Command("GET kept"); err != nil || got != "1" || s.URL() != address {
			t.Errorf("it came back as %s with %q, %v", s.URL(), got, err)
		}
	}
	if _, err := s.Command("NONSENSE"); err == nil {
		t.Error("an unknown command is no error")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if answers() {
		t.Error("it was closed, but takes connections")
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}
}

// Every node of a cluster has its slots and sends clients to the others.
func TestRedisCluster(t *testing.T) {
	c := StartRedisCluster(t)
	moved := 0
	for _, node := range c.Nodes {
		if _, err := node.Command("SET key 1"); err != nil {
			if !strings.HasPrefix(err.Error(), "-MOVED ") {
				t.Errorf("SET: %v", err)
			}
			moved++
		}
		if !strings.Contains(c.URL(), url.QueryEscape(node.Addr())) && !strings.Contains(c.URL(), node.Addr()) {
			t.Errorf("%s does not name %s", c.URL(), node.Addr())
		}
	}
	if moved != len(c.Nodes)-1 {
		t.Errorf("%d of %d nodes do not have the key", moved, len(c.Nodes))
	}
}

// A replica takes the place of its master, of one that is alive and of one that was killed, and has
// what that had; one that was cut off has not.
func TestReplicatedRedisCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("six servers take their time to start")
	}
	c := StartReplicatedRedisCluster(t)
	for i := range c.Nodes {
		master, replica := c.Nodes[i], c.Replicas[i]
		key := ""
		for n := 0; key == ""; n++ {
			if _, err := master.Command(fmt.Sprint("SET key", n, " 1")); err == nil {
				key = fmt.Sprint("key", n)
			}
		}
		if err := c.Caught(i); err != nil {
			t.Fatal(err)
		}
		want := "1"
		if i == 2 {
			if err := c.CutOff(i); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := master.Command("SET " + key + " 2"); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			if want = "2"; c.Caught(i) != nil {
				t.Fatal("it does not catch up")
			}
		}
		if i > 0 {
			if err := master.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.TakeOver(i); err != nil {
			t.Fatal(err)
		}
		if c.Nodes[i] != replica || c.Replicas[i] != master {
			t.Errorf("node %d has not changed places", i)
		}
		if got, err := replica.Command("GET " + key); err != nil || got != want {
			t.Errorf("node %d says %q, %v; want %q", i, got, err, want)
		}
	}
}

// Where the environment names a server, none is started.
func TestRedisFromEnvironment(t *testing.T) {
	const named = "redis://somewhere/0"
	t.Setenv(RedisURL, named)
	var shared SharedRedis
	if got := []string{Redis(t), shared.URL(t)}; got[0] != named || got[1] != named {
		t.Errorf("got %v", got)
	}
	if shared.server != nil {
		t.Error("a server was started")
	}
	if err := shared.Close(); err != nil {
		t.Error(err)
	}
	if err := new(SharedRedisCluster).Close(); err != nil {
		t.Error(err)
	}
}
