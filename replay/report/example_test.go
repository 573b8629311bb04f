package report_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/replay"
	"github.com/beckon-go/beckon/replay/report"
)

func ExamplePage_WriteHTML() {
	recording := `{"at":"2026-03-02T09:00:00Z","track":{"event_name":"bought","user_id":"u1"}}`
	program := beckon.Program{Messages: []beckon.Message{{ID: "thank-you", Status: beckon.Live, Trigger: beckon.On("bought"), Content: beckon.Content{Body: "Thank you"}}}}
	result, err := replay.Run(context.Background(), program, replay.Lines(strings.NewReader(recording)))
	if err != nil {
		fmt.Println(err)
		return
	}
	var out strings.Builder
	page := report.Page{Report: result, First: "live.json"}
	err = page.WriteHTML(&out)
	fmt.Println(strings.Contains(out.String(), "It sends 1 message to 1 contact."), err)
	// Output: true <nil>
}
