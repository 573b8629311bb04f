package main

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/sqlstore"
)

// openStore opens the store that a flag names, and returns how to close it.
func openStore(ctx context.Context, name string) (beckon.Store, func() error, error) {
	kind, rest, _ := strings.Cut(name, ":")
	remote := strings.Contains(rest, "//")
	switch {
	case name == "memory":
		return memstore.New(), func() error { return nil }, nil
	case kind == "sqlite" && rest != "":
		s, err := sqlstore.OpenSQLite(ctx, rest)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case remote && (kind == "postgres" || kind == "postgresql"):
		s, err := sqlstore.OpenPostgres(ctx, address(name, "postgres:"))
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case remote && (kind == "redis" || kind == "rediss"):
		o, err := redis.ParseURL(address(name, "redis:"))
		if err != nil { // which quotes the address, with its password
			return nil, nil, errors.New("-store: the address of Redis cannot be parsed")
		}
		client := redis.NewClient(o)
		s, err := redisstore.New(ctx, client)
		if err != nil {
			_ = client.Close() // nothing was sent that matters
			return nil, nil, err
		}
		return s, client.Close, nil
	}
	return nil, nil, errors.New("-store must be memory, sqlite:FILE, postgres:URL or redis:URL")
}

// address returns the URL in a name: postgres:postgres://… is the same as postgres://….
func address(name, prefix string) string {
	if rest := strings.TrimPrefix(name, prefix); strings.Contains(rest, "://") {
		return rest
	}
	return name
}
