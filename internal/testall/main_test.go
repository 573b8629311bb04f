package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/testserver"
)

// A store without a server has one line, which says how to include it.
func TestReport(t *testing.T) {
	t.Setenv(testserver.ServersEnv, "none")
	for _, c := range []struct{ postgres, redis, want string }{
		{"", "", "left out: the store on PostgreSQL: install its server (Debian: apt-get install postgresql) or set BECKON_POSTGRES_URL\n" +
			"left out: the store on Redis: install its server (Debian: apt-get install redis-server) or set BECKON_REDIS_URL\n"},
		{"postgres://localhost/", "", "left out: the store on Redis: install its server (Debian: apt-get install redis-server) or set BECKON_REDIS_URL\n"},
		{"postgres://localhost/", "redis://localhost/", "all stores were tested: memory, SQLite, PostgreSQL, Redis\n"},
	} {
		t.Setenv(testserver.PostgresURL, c.postgres)
		t.Setenv(testserver.RedisURL, c.redis)
		var out strings.Builder
		report(&out, testserver.Missing())
		if got := out.String(); got != "\n"+c.want+"All is well. This ran the short tests; bash .ci/run runs every test.\n" {
			t.Errorf("PostgreSQL at %q, Redis at %q: it prints\n%s", c.postgres, c.redis, got)
		}
		if got := slices.Contains(packages(testserver.Missing()), "./redisstore/..."); got != (c.redis != "") {
			t.Errorf("Redis at %q: the tests of its store are run: %t", c.redis, got)
		}
	}
}

// What tells how to test names this command; .ci/run takes it from the README.
func TestCommandIsDocumented(t *testing.T) {
	for _, file := range []string{"README.md", "CONTRIBUTING.md", "Makefile"} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "go run ./internal/testall") {
			t.Errorf("%s does not say how the tests are run", file)
		}
	}
}

// Each package that a program imports is tested, a new one too, and no other. What imports
// testing is for tests: no program has it.
func TestLibrary(t *testing.T) {
	list, err := exec.Command("go", "list", "-f", "{{.Name}} {{.ImportPath}} {{len .TestGoFiles}} {{len .XTestGoFiles}} {{join .Imports \" \"}}", "../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/beckon-go/beckon"
	found := 0
	for line := range strings.Lines(string(list)) {
		f := strings.Fields(line)
		path := "." + strings.TrimPrefix(f[1], module)
		if f[0] == "main" || strings.Contains(path, "/internal/") || f[2]+f[3] == "00" || slices.Contains(f[4:], "testing") {
			continue
		}
		found++
		if !slices.Contains(library, path) {
			t.Errorf("the tests of %s are not run", f[1])
		}
	}
	if found != len(library)-1 { // the SQL store is another module
		t.Errorf("%d packages are imported, %d are tested", found, len(library)-1)
	}
}
