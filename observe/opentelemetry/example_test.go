package opentelemetry_test

import (
	"context"
	"fmt"
	"log"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe/opentelemetry"
)

// An engine whose metrics go to a meter provider. A worker gets telemetry.Sender of each
// sender, and beckonwork.WithObserver(telemetry.Outcome).
func Example() {
	ctx := context.Background()
	reader := metric.NewManualReader() // in a program: a reader that exports
	telemetry, err := opentelemetry.New(opentelemetry.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))))
	if err != nil {
		log.Fatal(err)
	}
	engine, err := beckon.New(memstore.New(), beckon.WithObserver(telemetry.Observer()))
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "welcome", Channel: beckon.Banner, Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Welcome"},
	}}}); err != nil {
		log.Fatal(err)
	}
	if _, err := engine.Track(ctx, beckon.Event{Name: "login", UserID: "u1"}); err != nil {
		log.Fatal(err)
	}
	var all metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &all); err != nil {
		log.Fatal(err)
	}
	for _, m := range all.ScopeMetrics[0].Metrics {
		if sum, is := m.Data.(metricdata.Sum[int64]); is && m.Name == "beckon.sent.messages" {
			p := sum.DataPoints[0]
			message, _ := p.Attributes.Value("beckon.message")
			fmt.Println(m.Name, message.AsString(), p.Value, m.Unit)
		}
	}
	// Output:
	// beckon.sent.messages welcome 1 {message}
}
