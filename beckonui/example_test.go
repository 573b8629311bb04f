package beckonui_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
	"github.com/beckon-go/beckon/memstore"
)

func ExampleHandler() {
	ctx := context.Background()
	text := []byte(`{"messages": [{"id": "upload-ready", "status": "live", "trigger": {"event": "upload-complete"}, "content": {"body": "It is ready"}}]}`)
	days := beckonui.NewDays(time.UTC)
	engine, err := beckon.New(memstore.New(), beckon.WithObserver(days.Observer()))
	if err != nil {
		panic(err)
	}
	program, err := beckon.ParseProgram(text)
	if err != nil {
		panic(err)
	}
	if err := engine.Publish(ctx, program); err != nil {
		panic(err)
	}
	keep := func(context.Context, []byte) error { return nil } // such as to a file
	ui := beckonui.Handler(engine,
		beckonui.WithProgram(beckonui.NewProgram(engine, text, keep)),
		beckonui.WithDays(days),
		beckonui.AllowEdits(func(r *http.Request) bool { user, _, _ := r.BasicAuth(); return user == "editor" }))

	// The handler refuses nobody: the host does.
	mux := http.NewServeMux()
	mux.HandleFunc("/beckon/", func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); subtle.ConstantTimeCompare([]byte(password), []byte("secret")) == 0 {
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "log in", http.StatusUnauthorized)
			return
		}
		ui.ServeHTTP(w, r)
	})

	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/beckon/messages", http.NoBody)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code)
	r.SetBasicAuth("reader", "secret")
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, regexp.MustCompile(`message\?id=[a-z-]*`).FindString(w.Body.String()))
	// Output:
	// 401
	// 200 message?id=upload-ready
}
