package prometheus_test

import (
	"context"
	"log"
	"os"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe/prometheus"
)

// An engine whose metrics are in a registry. A worker gets
// beckonwork.WithObserver(metrics.Outcome).
func Example() {
	ctx := context.Background()
	registry := prom.NewRegistry()
	metrics, err := prometheus.New(registry)
	if err != nil {
		log.Fatal(err)
	}
	engine, err := beckon.New(memstore.New(), beckon.WithObserver(metrics.Observer()))
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "welcome", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("login"),
		Frequency: beckon.Once(), Content: beckon.Content{Body: "Welcome"},
	}}}); err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if _, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"}); err != nil {
			log.Fatal(err)
		}
	}
	families, err := registry.Gather() // as promhttp does for a scrape
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "beckon_sent_total" || f.GetName() == "beckon_held_total" {
			if _, err := expfmt.MetricFamilyToText(os.Stdout, f); err != nil {
				log.Fatal(err)
			}
		}
	}
	// Output:
	// # HELP beckon_held_total Messages held, by reason.
	// # TYPE beckon_held_total counter
	// beckon_held_total{channel="banner",message="welcome",occasion="event",reason="max_reached"} 2
	// # HELP beckon_sent_total Messages sent: decided, and handed to the host or its outbox.
	// # TYPE beckon_sent_total counter
	// beckon_sent_total{channel="banner",message="welcome",occasion="event"} 1
}
