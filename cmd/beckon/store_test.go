package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/store/readonly"
)

const (
	storeProgram = `{"messages":[{"id":"welcome","channel":"email","status":"live","trigger":{"event":"signed-up"},"content":{"subject":"Hello","body":"Hello"}},{"id":"news","channel":"push","status":"live","trigger":{"event":"published"},"content":{"body":"News"}}]}`
	storeSteps   = `{"at":"2026-03-02T09:00:00Z","contact":{"user_id":"u1"}}
{"at":"2026-03-02T09:00:00Z","track":{"event_name":"signed-up","user_id":"u1"}}
{"at":"2026-03-02T09:07:00Z","track":{"event_name":"published","user_id":"u1"}}
{"at":"2026-03-02T09:10:00Z","give_up":"news"}`
)

// calls runs the command again and again, and wants a status and a part of what it prints.
func calls(t *testing.T, list []struct {
	args   []string
	status int
	want   string
},
) {
	t.Helper()
	for _, c := range list {
		var stdout, stderr bytes.Buffer
		if status := run(c.args, &stdout, &stderr); status != c.status || !strings.Contains(stdout.String()+stderr.String(), c.want) {
			t.Errorf("%v: status %d, want %d and %q in\n%s%s", c.args, status, c.status, c.want, &stdout, &stderr)
		}
	}
}

// What looks into SQLite looks into the servers.
func TestServers(t *testing.T) {
	t.Parallel()
	program := files(t, storeProgram)[0]
	for name, start := range map[string]func(testing.TB, ...string) string{"postgres": testserver.Postgres, "redis": testserver.Redis} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := start(t)
			if err := fillStore(address, storeProgram, storeSteps); err != nil {
				t.Fatal(err)
			}
			backup := filepath.Join(t.TempDir(), "backup")
			moved := "sqlite:" + filepath.Join(t.TempDir(), "moved.db")
			calls(t, []struct {
				args   []string
				status int
				want   string
			}{
				{[]string{"messages", "-store", address, "-program", program}, passed, "welcome  email    live    2026-03-02 09:00:00     1     0"},
				{[]string{"contact", "-store", address, "u1"}, passed, "the address bounced"},
				{[]string{"why", "-store", address, "-program", program, "u1", "welcome"}, passed, "welcome sends"},
				{[]string{"outbox", "-store", address}, passed, "welcome"},
				{[]string{"check", "-store", address}, passed, "all is well"},
				{[]string{"dump", "-store", address, backup}, passed, "3 events"[1:]},
				{[]string{"restore", "-store", moved, backup}, passed, "restored"},
				{[]string{"check", "-store", moved}, passed, "all is well"},
				{[]string{"outbox", "-store", address, "-dead", "-discard", "all"}, passed, "1 dead letter: dropped"},
				{[]string{"outbox", "-store", address, "-dead"}, passed, "nothing was given up"},
				{[]string{"check", "-store", address, "-namespace", "other"}, map[string]int{"postgres": passed, "redis": unable}[name], ""},
			})
		})
	}
}

// alter changes a file of SQLite behind the store's back.
func alter(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is damaged is found, and all else is read.
func TestCheckFinds(t *testing.T) {
	t.Parallel()
	program := files(t, storeProgram)[0]
	for _, c := range []struct{ name, statement, want, replay string }{
		{"a record", "UPDATE beckon_records SET state = x'00ff' WHERE kind = 1", `damaged: user "u1": `, `each step was refused: "beckon check" tells what in the store is damaged`},
		{"a message", "UPDATE beckon_records SET state = x'00ff' WHERE kind = 7 AND id = CAST('welcome' AS BLOB)", `damaged: message "welcome": `, "2 steps, 0 refused"},
		{"an event", "UPDATE beckon_events SET data = x'00ff' WHERE seq = 1", `damaged: user "u1": `, "refused  first step  its error\n1        0           an event cannot be read: user"},
		{"an index", "UPDATE beckon_records SET next_pending = NULL", "index: the index of what is pending has 0 contacts, the records have 1", "2 steps, 0 refused"},
	} {
		path := filepath.Join(t.TempDir(), "a.db")
		if err := fillStore("sqlite:"+path, storeProgram, storeSteps); err != nil {
			t.Fatal(err)
		}
		alter(t, path, c.statement)
		calls(t, []struct {
			args   []string
			status int
			want   string
		}{
			{[]string{"check", "-store", "sqlite:" + path}, failed, c.want},
			{[]string{"check", "-store", "sqlite:" + path, "-json"}, failed, `"findings":1}`},
			{[]string{"replay", "-store", "sqlite:" + path, "-program", program, "-due", "0s", "-sweep", "0s"}, passed, c.replay},
		})
	}
}

// A contact that was merged into one that is gone leads nowhere; one whose other half is there
// does not.
func TestCheckLeadsNowhere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	address := "sqlite:" + path
	if err := fillStore(address, storeProgram, storeSteps); err != nil {
		t.Fatal(err)
	}
	at, err := stores.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	s, closeStore, err := stores.Open(t.Context(), at, "", stores.Write)
	if err != nil {
		t.Fatal(err)
	}
	e, err := beckon.New(s, beckon.WithOutbox(), beckon.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	for visitor, user := range map[string]string{"v 1": "lost", "v 2": "kept"} {
		who := beckon.Identity{AnonymousID: visitor}
		if _, err := e.Visit(t.Context(), beckon.Visit{AnonymousID: visitor}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Merge(t.Context(), who, beckon.Identity{UserID: user}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(e.Close(), closeStore()); err != nil {
		t.Fatal(err)
	}
	type asked = []struct {
		args   []string
		status int
		want   string
	}
	calls(t, asked{{[]string{"check", "-store", address}, passed, "all is well"}})
	alter(t, path, "DELETE FROM beckon_records WHERE kind = 1 AND id = CAST('lost' AS BLOB)")
	calls(t, asked{
		{[]string{"check", "-store", address}, failed, `leads_nowhere: visitor "v 1": it was merged into user "lost", which is not there`},
		{[]string{"check", "-store", address, "-json"}, failed, `"findings":1}`},
		{[]string{"check", "-store", address, "-json"}, failed, `"code":"leads_nowhere","kind":"visitor","key":"v 1"`},
	})
}

// Tables of an older version are left to the application; those of a newer one are refused.
func TestOtherVersions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	if err := fillStore("sqlite:"+path, storeProgram, storeSteps); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{"1": "the tables have version 1", "99": "version 99", "0": "there is no store"} {
		alter(t, path, "UPDATE beckon_schema SET version = "+version)
		for _, verb := range []string{"check", "messages"} {
			calls(t, []struct {
				args   []string
				status int
				want   string
			}{{[]string{verb, "-store", "sqlite:" + path}, unable, want}})
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		var have string
		if err := db.QueryRow("SELECT version FROM beckon_schema").Scan(&have); err != nil || have != version {
			t.Errorf("version %s is now %s: %v", version, have, err)
		}
		_ = db.Close()
	}
}

// A store that is opened for reading refuses to be written to.
func TestOpenForReading(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "a.db")
	if err := fillStore(address, storeProgram, storeSteps); err != nil {
		t.Fatal(err)
	}
	a, err := stores.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for use, refused := range map[stores.Use]bool{stores.Read: true, stores.Write: false} {
		s, closeStore, err := stores.Open(t.Context(), a, "", use)
		if err != nil {
			t.Fatal(err)
		}
		e, err := beckon.New(s)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Update(t.Context(), beckon.Contact{UserID: "u9"})
		if got := errors.Is(err, beckon.Code(readonly.ErrReadOnly)); got != refused {
			t.Errorf("use %d: refused %t: %v", use, got, err)
		}
		if err := closeStore(); err != nil {
			t.Error(err)
		}
	}
}

// The beginning of an id that several dead letters share says too little.
func TestOutboxAmbiguous(t *testing.T) {
	t.Parallel()
	address := "sqlite:" + filepath.Join(t.TempDir(), "a.db")
	var steps []string
	for i := range 17 { // more than there are digits
		steps = append(steps, fmt.Sprintf(`{"at":"2026-03-02T09:00:00Z","track":{"event_name":"published","user_id":"u%d"}}`, i))
	}
	steps = append(steps, `{"at":"2026-03-02T09:10:00Z","give_up":"news"}`)
	if err := fillStore(address, storeProgram, strings.Join(steps, "\n")); err != nil {
		t.Fatal(err)
	}
	ambiguous := false
	for _, digit := range "0123456789abcdef" {
		var stdout, stderr bytes.Buffer
		status := run([]string{"outbox", "-store", address, "-dead", "-discard", string(digit)}, &stdout, &stderr)
		ambiguous = ambiguous || status == unable && strings.Contains(stderr.String(), "say more of it")
	}
	if !ambiguous {
		t.Error("no beginning of an id was refused")
	}
}
