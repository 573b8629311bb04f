package benchmarks

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// scenarioGrowths are of scenarios, whose files stand on one line here.
func scenarioGrowths() []growth {
	return []growth{
		{"held-of-a-step", 0, 0, growScenarioHeld},
		{"differences-of-a-step", 0, 0, growScenarioDifferences},
		{"misspelt-names-of-a-step", 0, 0, growScenarioMisspelt},
		{"deliveries-of-a-step", 0, 0, growScenarioDeliveries},
		{"deliveries-of-a-step-missing", 0, 0, growScenarioMissing},
		{"scenarios-that-fail", upToThousand, 0, growScenarios},
	}
}

// played runs a file of scenarios. Each has so many differences.
func played(tb testing.TB, file string, differences int) func() {
	return func() {
		list, err := scenario.Parse([]byte(file))
		check(tb, err)
		for i := range list {
			r := list[i].Run(context.Background())
			if len(r.Differences) != differences {
				tb.Fatalf("%d differences", len(r.Differences))
			}
			for _, d := range r.Differences {
				if d.Line != 1 || d.Column < 2 {
					tb.Fatal(d.Place("a"))
				}
			}
		}
	}
}

// growthScenario is a scenario whose one event n messages listen to.
func growthScenario(tb testing.TB, p beckon.Program, want string) string {
	program, err := json.Marshal(p)
	check(tb, err)
	return `{"name":"same","program":` + string(program) + `,"steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"go","user_id":"u"},"want":{` + want + `}}]}`
}

// growthHeld has n messages that are held, and a want for each.
func growthHeld(tb testing.TB, n int, want func(i int, id string) string) string {
	p := beckon.Program{Messages: growthMessages(n)}
	wants := make([]string, n)
	for i := range p.Messages {
		p.Messages[i].Audience = beckon.User("plan").Is("pro")
		wants[i] = want(i, p.Messages[i].ID)
	}
	return growthScenario(tb, p, `"held":{`+strings.Join(wants, ",")+`}`)
}

func growScenarioHeld(tb testing.TB, n int) func() {
	return played(tb, growthHeld(tb, n, func(_ int, id string) string { return `"` + id + `":"audience"` }), 0)
}

func growScenarioDifferences(tb testing.TB, n int) func() {
	return played(tb, growthHeld(tb, n, func(_ int, id string) string { return `"` + id + `":"throttled"` }), n)
}

// growScenarioMisspelt wants n messages that there are not, in place of the n that are held.
func growScenarioMisspelt(tb testing.TB, n int) func() {
	return played(tb, growthHeld(tb, n, func(i int, _ string) string { return fmt.Sprintf(`"misspelt-%d":"audience"`, i) }), 2*n)
}

// growthDeliveries has n messages that go out, and n wants.
func growthDeliveries(tb testing.TB, n int, want func(i int) string) string {
	wants := make([]string, n)
	for i := range wants {
		wants[i] = want(i)
	}
	return growthScenario(tb, beckon.Program{Messages: growthMessages(n)}, `"sent":[`+strings.Join(wants, ",")+`]`)
}

// growScenarioDeliveries wants what is sent, the last first.
func growScenarioDeliveries(tb testing.TB, n int) func() {
	return played(tb, growthDeliveries(tb, n, func(i int) string { return fmt.Sprintf(`{"user_id":"u","message":"m%05d"}`, n-1-i) }), 0)
}

// growScenarioMissing wants one message again and again, which is sent once.
func growScenarioMissing(tb testing.TB, n int) func() {
	// one more: it is said that others came
	return played(tb, growthDeliveries(tb, n, func(int) string { return `{"message":"m00001"}` }), 2*(n-1))
}

// growScenarios has n scenarios with one name and one difference each.
func growScenarios(tb testing.TB, n int) func() {
	one := growthScenario(tb, beckon.Program{Messages: growthMessages(1)}, `"duplicate":true`)
	return played(tb, "["+strings.TrimSuffix(strings.Repeat(one+",", n), ",")+"]", 1)
}
