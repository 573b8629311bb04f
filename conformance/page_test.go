package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A newcomer who copies docs/choosing-a-store.md gets programs that build, in a
// module of the newcomer's own, and that do what the page says: on SQLite, then
// on PostgreSQL after the move, and from memory to a file.
func TestChoosingAStore(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	const page = "../docs/choosing-a-store.md"
	var code, texts []string
	for _, m := range regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$").FindAllStringSubmatch(read(t, page), -1) {
		switch m[1] {
		case "go":
			code = append(code, m[2])
		case "text":
			texts = append(texts, m[2])
		}
	}
	if len(code) != 3 || len(texts) != 2 {
		t.Fatalf("%s shows %d Go blocks and %d that are printed", page, len(code), len(texts))
	}
	dir := newcomer(t)
	write(t, filepath.Join(dir, "app", "main.go"), code[0])
	write(t, filepath.Join(dir, "move", "main.go"), code[1])
	write(t, filepath.Join(dir, "shop", "shop.go"), code[2])
	write(t, filepath.Join(dir, "shop", "shop_test.go"), saved)
	try := func(env string, args ...string) (string, error) {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", env)
		var stderr strings.Builder // where the go command tells of downloads
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			return string(out) + stderr.String(), err
		}
		return string(out), nil
	}
	does := func(want, env string, args ...string) {
		t.Helper()
		if got, err := try(env, args...); err != nil || got != want {
			t.Fatalf("%s prints\n%s\n%v, want\n%s", args[0], got, err, want)
		}
	}
	none := "DATABASE_URL="
	if out, err := try(none, "go", "build", "-o", filepath.Join(dir, "bin")+"/", "./app", "./move"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := try(none, "go", "test", "-v", "./shop"); err != nil || !strings.Contains(out, "--- PASS: TestSave") {
		t.Errorf("%v\n%s", err, out)
	}
	app, move := filepath.Join(dir, "bin", "app"), filepath.Join(dir, "bin", "move")
	does("send welcome\n", none, app)
	does(texts[0], none, app)
	database := "DATABASE_URL=" + emptyDatabase(t)
	does(texts[1], database, move)
	does(texts[0], database, app)
	if got, err := try(database, move); err == nil || !strings.Contains(got, "store_not_empty") {
		t.Errorf("a second move gives\n%s\n%v", got, err)
	}
}

// saved is a test of what the page shows last.
const saved = `package shop

import (
	"path/filepath"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/sqlstore"
)

func TestSave(t *testing.T) {
	memory, path := memstore.New(), filepath.Join(t.TempDir(), "beckon.db")
	track := func(s beckon.Store, want int) {
		t.Helper()
		engine, err := beckon.New(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
			ID: "welcome", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("signed-up"),
			Frequency: &beckon.Frequency{Every: beckon.Days(1)}, Content: beckon.Content{Body: "Welcome"},
		}}}); err != nil {
			t.Fatal(err)
		}
		res, err := engine.Track(t.Context(), beckon.Event{Name: "signed-up", UserID: "u1"})
		if err != nil || len(res.Deliveries) != want {
			t.Errorf("%d deliveries, %v, want %d", len(res.Deliveries), err, want)
		}
	}
	track(memory, 1)
	if err := save(t.Context(), memory, path); err != nil {
		t.Fatal(err)
	}
	file, err := sqlstore.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	track(file, 0)
}
`

// newcomer makes a module that requires those of this repository, with what they
// require, so that nothing has to be looked up on the network.
func newcomer(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod := strings.Replace(read(t, "go.mod"), "module github.com/beckon-go/beckon/conformance\n", "module example.com/shop\n", 1)
	write(t, filepath.Join(dir, "go.mod"), strings.ReplaceAll(mod, "=> ../", "=> "+root+string(filepath.Separator)))
	write(t, filepath.Join(dir, "go.sum"), read(t, "go.sum"))
	return dir
}

// emptyDatabase makes a database for one test and returns its URL: the page's
// programs know of no namespaces.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	address := postgresServer.URL(t)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("beckon_page_%d", os.Getpid())
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background() // that of the test has ended
		_, err := conn.Exec(ctx, "DROP DATABASE "+name)
		if err := errors.Join(err, conn.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("the server's address cannot be parsed")
	}
	u.Path = "/" + name
	return u.String()
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
