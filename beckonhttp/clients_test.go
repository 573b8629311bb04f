package beckonhttp_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"testing"

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
			server := httptest.NewServer(http.StripPrefix("/api", w.door))
			defer server.Close()
			cmd := exec.CommandContext(t.Context(), "node", client+".js", server.URL+"/api", "secret", strconv.FormatInt(start.Unix(), 10))
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if t.Logf("%s", out); err != nil {
				t.Error(err)
			}
		})
	}
}
