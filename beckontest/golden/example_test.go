package golden_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/beckontest/golden"
)

// A test of a program's first minute, whose decisions stand in
// testdata/first-minute.golden.
func ExampleDecisions() {
	TestFirstMinute := func(t *testing.T) {
		kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
			ID: "ready", Status: beckon.Live, Trigger: beckon.On("upload"), Frequency: &beckon.Frequency{Every: beckon.Hours(1)},
			Content: beckon.Content{Body: "Ready"},
		}}})
		upload := beckon.Event{Name: "upload", UserID: "u1"}
		golden.Decisions(t, "first-minute", kit.Track(upload), kit.Advance(time.Minute).Track(upload))
	}
	_ = TestFirstMinute // in a test file of yours: func TestFirstMinute(t *testing.T)
}

// A test package that writes other files, too, asks for the flag.
func ExampleUpdate() {
	if golden.Update() {
		fmt.Println("written")
		return
	}
	fmt.Println("compared")
	// Output: compared
}
