package conformance

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// An exchange is a request that a test of beckonhttp made, and its answer.
type exchange struct {
	Method, URL  string
	Header       http.Header
	Body         string
	Status       int
	AnswerHeader http.Header
	Answer       string
}

// TestOpenAPI compares what the tests of beckonhttp say to the handlers, and what these
// answer, with docs/openapi.yaml. An answer must be as described, whatever it is; a request
// that was not refused must be as described, too; and every operation that is described
// must have been asked for.
func TestOpenAPI(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	list := record(t)
	asked := map[*openapi3.Operation]bool{}
	for i := range list {
		x := &list[i]
		r, err := http.NewRequestWithContext(t.Context(), x.Method, x.URL, strings.NewReader(x.Body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = x.Header
		if kind := r.Header.Get("Content-Type"); x.Body != "" && (kind == "" || strings.HasSuffix(kind, "+json")) {
			r.Header.Set("Content-Type", "application/json") // which these are taken for
		}
		route, params, err := router.FindRoute(r)
		if err != nil {
			if x.Status != http.StatusNotFound && x.Status != http.StatusMethodNotAllowed && x.Status != http.StatusUnauthorized && x.Status != http.StatusForbidden && x.Method != http.MethodOptions {
				t.Errorf("%s %s is not described, and is answered %d", x.Method, x.URL, x.Status)
			}
			continue
		}
		in := &openapi3filter.RequestValidationInput{
			Request: r, PathParams: params, Route: route,
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
		}
		if x.Status < http.StatusBadRequest {
			asked[route.Operation] = true
			if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil {
				t.Errorf("%s %s %s was taken, and is not as described: %v", x.Method, x.URL, x.Body, err)
			}
		}
		out := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: in, Status: x.Status, Header: x.AnswerHeader,
			Body: io.NopCloser(strings.NewReader(x.Answer)), Options: in.Options,
		}
		if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
			t.Errorf("%s %s is answered %d %s, which is not as described: %v", x.Method, x.URL, x.Status, x.Answer, err)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if !asked[op] {
				t.Errorf("no test asks for %s %s with success", method, path)
			}
		}
	}
	if len(list) < 200 {
		t.Errorf("only %d exchanges", len(list))
	}
}

// record runs the tests of beckonhttp and returns what they exchanged.
func record(t *testing.T) (list []exchange) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "exchanges")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-short", "github.com/beckon-go/beckon/beckonhttp")
	cmd.Env = append(os.Environ(), "BECKON_EXCHANGES="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() {
		var x exchange
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		list = append(list, x)
	}
	return list
}
