package beckontest_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// t stands for the test's own testing.TB: it prints what a test would report.
type reporter struct{ testing.TB }

func (reporter) Helper()                  {}
func (reporter) Context() context.Context { return context.Background() }

func (reporter) Errorf(format string, args ...any) {
	line, _, _ := strings.Cut(fmt.Sprintf(format, args...), "\n")
	fmt.Println("failed:", line)
}

func (r reporter) Fatalf(format string, args ...any) { r.Errorf(format, args...) }

func uploadReady() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "upload-ready", Status: beckon.Live, Trigger: beckon.On("upload-complete"),
		Frequency: &beckon.Frequency{Every: beckon.Hours(1)}, Content: beckon.Content{Body: "Ready"},
	}}}
}

// A rule set's unit test is a table of instants and outcomes.
func ExampleNew() {
	var t testing.TB = reporter{} // in a test: its *testing.T
	kit := beckontest.New(t, uploadReady())
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{0, "sent"}, {20 * time.Minute, "throttled"}, {61 * time.Minute, "sent"}} {
		kit.At(start.Add(c.after))
		kit.Track(beckon.Event{Name: "upload-complete", UserID: "u1"}).Want("upload-ready", c.want)
	}
	fmt.Println(kit.Totals("upload-ready").Sent, "sent")
	// Output:
	// 2 sent
}

// Assertions return the outcome for the next one; one that fails lets the test
// go on.
func ExampleOutcome_Want() {
	var t testing.TB = reporter{} // in a test: its *testing.T
	kit := beckontest.New(t, uploadReady())
	kit.Track(beckon.Event{Name: "upload-complete", UserID: "u1"}).
		WantSent("upload-ready").
		WantBody("upload-ready", "Ready")
	kit.Advance(time.Minute)
	kit.Track(beckon.Event{Name: "upload-complete", UserID: "u1"}).
		WantHeld("upload-ready", beckon.ReasonThrottled).
		WantRetryAt("upload-ready", beckontest.Epoch().Add(time.Hour)).
		Want("upload-ready", "sent")
	// Output:
	// failed: Track upload-complete at 2000-01-01T00:01:00Z: upload-ready: got throttled, want sent
}

// Refusals are wanted with their codes.
func ExampleKit_TrackErr() {
	var t testing.TB = reporter{} // in a test: its *testing.T
	kit := beckontest.New(t, uploadReady())
	kit.TrackErr(beckon.Event{Name: "upload-complete"}, beckon.ErrContactMissing)
	kit.TrackErr(beckon.Event{}, beckon.ErrEventNameMissing)
	// Output:
	// failed: got errors ["contact_missing" "event_name_missing"], want ["event_name_missing"]
}

// Rule sets in files are tested from files: one line runs them all.
func ExampleScenarios() {
	TestRules := func(t *testing.T) { beckontest.Scenarios(t, os.DirFS("testdata"), "*.json") }
	_ = TestRules // in a test file of yours: func TestRules(t *testing.T)
}

// The program that the host builds in Go is tested from files that need none.
func ExampleScenariosFor() {
	TestRules := func(t *testing.T) {
		beckontest.ScenariosFor(t, uploadReady(), os.DirFS("testdata"), "*.json")
	}
	_ = TestRules // in a test file of yours: func TestRules(t *testing.T)
}

// A contact that was exported in production becomes a fixture, without who it is.
func ExampleMask() {
	ctx := context.Background()
	var t testing.TB = reporter{}                  // in a test: its *testing.T
	production := beckontest.New(t, uploadReady()) // stands for your engine
	production.Update(beckon.Contact{UserID: "ada", Email: "ada@lovelace.example", Attributes: beckon.Attributes{"plan": beckon.String("pro"), "seats": beckon.Number(7)}})
	production.Track(beckon.Event{Name: "upload-complete", UserID: "ada"})
	export, _, err := production.Engine.Export(ctx, beckon.Identity{UserID: "ada"})
	if err != nil {
		fmt.Println(err)
		return
	}

	masked := beckontest.Mask(export, beckontest.Keep("plan"), beckontest.MaskKey([]byte("a secret")))
	fmt.Println(masked.Identity.UserID, masked.Attributes["plan"], masked.Attributes["seats"])

	kit := beckontest.New(t, uploadReady())
	who := kit.Load(masked)
	kit.Advance(time.Minute)
	kit.Track(beckon.Event{Name: "upload-complete", UserID: who.UserID}).Want("upload-ready", "throttled")
	// Output:
	// user-c4778efefc35 pro 7
}
