package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/redis/go-redis/v9"
)

// The driver's least for Redis: one call for each of a script that reads and writes its
// row, those of a group in one pipeline.
func startRedis(ctx context.Context, settings ...string) (_ *bench, err error) {
	server, err := testserver.NewRedis(settings...)
	if err != nil {
		return nil, installed(err, "redis-server")
	}
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), Password: server.Password()})
	end := func() error { return errors.Join(client.Close(), server.Close()) }
	script, err := client.ScriptLoad(ctx, `local v = redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], ARGV[1]) return v and 1 or 0`).Result()
	if err != nil {
		return nil, errors.Join(err, end())
	}
	info, err := client.Info(ctx, "server").Result()
	if err != nil {
		return nil, errors.Join(err, end())
	}
	_, version, _ := strings.Cut(info, "redis_version:")
	version, _, _ = strings.Cut(version, "\r")
	wide, err := recordBytes(ctx) // that is all that the store keeps under the key of a contact
	if err != nil {
		return nil, errors.Join(err, end())
	}
	data := value(wide)
	return &bench{
		wide: wide,
		open: func(ctx context.Context, namespace string) (beckon.Store, func() error, error) {
			s, err := redisstore.New(ctx, client, redisstore.WithNamespace(namespace))
			return s, func() error { return nil }, err
		},
		least: func(ctx context.Context, ids []string) error {
			pipe := client.Pipeline()
			for _, id := range ids {
				pipe.EvalSha(ctx, script, []string{"driver:" + id}, data)
			}
			_, err := pipe.Exec(ctx)
			return err
		},
		bytes: func(ctx context.Context) (size int64, err error) {
			info, err := client.Info(ctx, "memory").Result()
			if err == nil {
				_, text, _ := strings.Cut(info, "used_memory_dataset:")
				text, _, _ = strings.Cut(text, "\r")
				size, err = strconv.ParseInt(text, 10, 64)
			}
			return size, err
		},
		holds:   "memory",
		largest: 128, flights: 2, // as redisstore is
		versions: "Redis " + version + " (go-redis " + module("github.com/redis/go-redis/v9") + ")",
		stop:     end,
	}, nil
}
