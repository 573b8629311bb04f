// Command host stands for a program outside of this repository that uses the
// stores: .ci/run builds it against a release in rehearsal. BECKON_REDIS_URL
// names the Redis server that it uses.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/redis/go-redis/v9"
)

func main() {
	ctx := context.Background()
	file, err := sqlstore.OpenSQLite(ctx, "host.db")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	use(ctx, "sqlstore", file)

	options, err := redis.ParseURL(os.Getenv("BECKON_REDIS_URL"))
	if err != nil {
		log.Fatal("BECKON_REDIS_URL is no address of a Redis server")
	}
	client := redis.NewClient(options)
	defer client.Close()
	server, err := redisstore.New(ctx, client)
	if err != nil {
		log.Fatal(err)
	}
	use(ctx, "redisstore", server)
}

// use sends one message and has the second one held.
func use(ctx context.Context, name string, store beckon.Store) {
	engine, err := beckon.New(store)
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "welcome", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("signed-up"),
		Frequency: &beckon.Frequency{Max: 1}, Content: beckon.Content{Body: "Welcome"},
	}}}); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		res, err := engine.Track(ctx, beckon.Event{Name: "signed-up", UserID: "u1"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: sent %d, held %d\n", name, len(res.Deliveries), len(res.Held()))
	}
}
