package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/beckon-go/beckon"
)

const (
	mostImported = 50_000
	grouped      = 256 // rows that the floor commits together
)

// importContacts imports contacts that are not known, from JSON lines. No other row finds
// them by their wave or note. The floor is what the driver upserts in the same database,
// 1 KB for each of them.
func importContacts(ctx context.Context, w *world) (ours, floor float64, err error) {
	n := min(w.contacts, mostImported)
	w.imports++
	var text bytes.Buffer
	for i := range n {
		fmt.Fprintf(&text, `{"user_id":"import-%d-%08d","email":"import-%d-%08d@example.com","name":"Somebody Number %d","companies":[{"company_id":%q}],`+
			`"attributes":{"note":"a text of some length that hardly anybody sees, with a number: %d","plan":%q,"seats":%d,"wave":"i%d","extra_0":%d,"extra_1":%d,"extra_2":%d,"extra_3":%d}}`+"\n",
			w.imports, i, w.imports, i, i, company(i/perCompany), i, []string{"free", "pro", "team"}[i%3], i%50, i%waves, 0, i, 2*i, 3*i)
	}
	began := time.Now()
	for f, err := range w.engine.Import(ctx, beckon.ImportLines(&text)) {
		if err = errors.Join(err, f.Err); err != nil {
			return 0, 0, err
		}
	}
	ours = rate(n, began)
	if w.version[0] == 'S' {
		floor, err = upsertsSQLite(ctx, w, n)
	} else {
		floor, err = upsertsPostgres(ctx, w, n)
	}
	return ours, floor, err
}

func upsertsSQLite(ctx context.Context, w *world, n int) (_ float64, err error) {
	dir, err := os.MkdirTemp("", "beckon-scale-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := url.URL{Scheme: "file", Path: filepath.Join(dir, "floor.db"), RawQuery: url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)"}}.Encode()}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "CREATE TABLE floor (id TEXT PRIMARY KEY, data BLOB NOT NULL)"); err != nil {
		return 0, err
	}
	insert, err := db.PrepareContext(ctx, "INSERT INTO floor (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data")
	if err != nil {
		return 0, err
	}
	data, began := make([]byte, 1<<10), time.Now()
	for i := 0; i < n; {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return 0, err
		}
		for k := 0; k < grouped && i < n; k, i = k+1, i+1 {
			if _, err := tx.StmtContext(ctx, insert).ExecContext(ctx, contact(i), data); err != nil {
				return 0, errors.Join(err, tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return 0, err
		}
	}
	return rate(n, began), insert.Close()
}

func upsertsPostgres(ctx context.Context, w *world, n int) (_ float64, err error) {
	table := "floor_" + strconv.Itoa(w.imports)
	if _, err := w.db.ExecContext(ctx, "CREATE TABLE "+table+" (id text PRIMARY KEY, data bytea NOT NULL)"); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, second(w.db.ExecContext(ctx, "DROP TABLE "+table))) }()
	insert, err := w.db.PrepareContext(ctx, "INSERT INTO "+table+" (id, data) SELECT unnest($1::text[]), unnest($2::bytea[]) ON CONFLICT (id) DO UPDATE SET data = excluded.data")
	if err != nil {
		return 0, err
	}
	data, began := make([]byte, 1<<10), time.Now()
	for i := 0; i < n; {
		var ids []string
		var rows [][]byte
		for ; len(ids) < grouped && i < n; i++ {
			ids, rows = append(ids, contact(i)), append(rows, data)
		}
		if _, err := insert.ExecContext(ctx, ids, rows); err != nil {
			return 0, err
		}
	}
	return rate(n, began), insert.Close()
}

func second[T any](_ T, err error) error { return err }
