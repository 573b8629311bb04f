package beckonhttp_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

// TestClients runs clients that exist against the door, as they are. BECKON_CLIENTS names
// a folder with testdata/clients and its node_modules, as the step clients of .ci/run makes
// one; without it there is nothing to run.
func TestClients(t *testing.T) {
	dir := os.Getenv("BECKON_CLIENTS")
	if dir == "" {
		t.Skip("BECKON_CLIENTS names no folder with the clients: see .ci/run clients")
	}
	for _, client := range []string{"v7", "v5", "v2"} {
		t.Run(client, func(t *testing.T) {
			w := restWorld(t, beckonhttp.WithKnownContacts())
			visitor := beckon.Event{Name: "looked", AnonymousID: "visitor-" + client}
			if _, err := w.engine.Track(t.Context(), visitor); err != nil {
				t.Fatal(err)
			}
			w.runClient(dir, client, "/api")
		})
	}
	t.Run("segment", func(t *testing.T) {
		w := segmentWorld(t)
		w.runClient(dir, "segment", "/segment")
		u1 := beckon.Identity{UserID: "u1"}
		want := []event{{"order completed", start.Add(-time.Second), "[{price 9.99 EUR} {order_id 7}]"}}
		if diff := cmp.Diff(want, w.events(u1)); diff != "" {
			t.Error(diff)
		}
		if c := w.contact(beckon.Identity{AnonymousID: "v1"}); c.UserID != "u1" || c.Email != "a@b.example" || len(c.Companies) != 1 {
			t.Errorf("%+v", c)
		}
	})
}

// runClient runs a client against the door at a prefix.
func (w *world) runClient(dir, client, prefix string) {
	w.t.Helper()
	server := httptest.NewServer(http.StripPrefix(prefix, w.door))
	defer server.Close()
	cmd := exec.CommandContext(w.t.Context(), "node", client+".js", server.URL+prefix, "secret", strconv.FormatInt(start.Unix(), 10))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if w.t.Logf("%s", out); err != nil {
		w.t.Error(err)
	}
}
