package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// A process that is killed under load leaves behind all that it had
// acknowledged, nothing in part, and no cap exceeded, round after round on the
// same data.
func TestKilledUnderLoad(t *testing.T) {
	rounds := map[string]int{"sqlite": 200, "postgres": 200, "redis": 50}
	if testing.Short() {
		rounds = map[string]int{"sqlite": 15, "postgres": 15, "redis": 10}
	}
	for _, b := range shared() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := b.at(t)
			store := mustOpen(t, p)
			random := rand.New(rand.NewPCG(1, 2))
			var all found
			acknowledged := 0
			for round := range rounds[b.name] {
				name := fmt.Sprintf("%s-%d", p.Namespace, round)
				k := task{Place: p.named("c" + name), Prefix: name, Contacts: 4, Callers: 8, Events: 10_000, Now: noon().UnixMilli()}
				process := startProcess(t, k)
				process.begin(t)
				said := newAccount()
				said.add(t, process.killAfter(t, random.IntN(40)))
				p.settle(t, "c"+name)
				for _, events := range said.took {
					acknowledged += len(events)
				}
				all.add(said.check(t, store, k))
				all.checkTotals(t, store)
				if t.Failed() {
					t.Fatalf("in round %d", round)
				}
			}
			t.Logf("%d rounds: %d events acknowledged, %d found", rounds[b.name], acknowledged, all.events)
			if acknowledged == 0 || all.events == 0 {
				t.Error("no process did anything")
			}
		})
	}
}

// A crash at any moment between a decision and the word that it was delivered:
// with the outbox each delivery is made, by anyone who finds it when its lease has
// ended; once, unless the crash came between the making and the word.
func TestOutboxOutlivesCrashes(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	for _, b := range shared() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := b.at(t)
			store := mustOpen(t, p)
			random := rand.New(rand.NewPCG(3, 4))
			made, done := map[string]int{}, map[string]bool{}
			unsure := map[string]int{} // crashes after it was made and before that was said
			decided := map[string]bool{}
			note := func(lines []string) {
				for _, line := range lines {
					switch id := line[strings.LastIndexByte(line, ' ')+1:]; {
					case strings.HasPrefix(line, "made "):
						if done[id] {
							t.Errorf("%s was acknowledged and is made again", id)
						}
						made[id]++
						unsure[id]++
					case strings.HasPrefix(line, "done "):
						done[id] = true
						unsure[id]--
					}
				}
			}
			now := noon()
			for round := range rounds {
				now = now.Add(time.Hour) // the leases of before have ended
				name := fmt.Sprintf("%s-%d", p.Namespace, round)
				k := task{Place: p.named("o" + name), Prefix: name, Contacts: 4, Callers: 4, Events: 10_000, Now: now.UnixMilli(), Outbox: true}
				process := startProcess(t, k)
				process.begin(t)
				note(process.killAfter(t, random.IntN(40)))
				p.settle(t, "o"+name)
				for id := range newAccount().check(t, store, k).ids {
					decided[id] = true
				}
				// A worker takes over, and is killed as well; then two at once end.
				now = now.Add(time.Hour)
				worker := k
				worker.Now, worker.Work = now.UnixMilli(), true
				process = startProcess(t, worker)
				process.begin(t)
				if n := random.IntN(6); round%2 == 0 {
					lines, crashed := process.killIfRunning(t, n)
					note(lines)
					if crashed {
						p.settle(t, "o"+name)
					}
				} else {
					note(process.wait(t))
				}
				worker.Now = now.Add(time.Hour).UnixMilli()
				first, second := startProcess(t, worker), startProcess(t, worker)
				first.begin(t)
				second.begin(t)
				note(first.wait(t))
				note(second.wait(t))
				now = now.Add(time.Hour)
				engine, err := worker.engine(store)
				if err != nil {
					t.Fatal(err)
				}
				for d, err := range engine.Outbox(t.Context()) {
					t.Errorf("round %d: after all workers ended, %s is in the outbox: %v", round, d.ID, err)
				}
				for id := range decided {
					if n := made[id]; n < 1 || n > 1+unsure[id] {
						t.Errorf("round %d: %s was made %d times; %d crashes left open whether it was", round, id, n, unsure[id])
					}
				}
				if t.Failed() {
					t.FailNow()
				}
			}
			again := 0
			for _, n := range made {
				if n > 1 {
					again++
				}
			}
			t.Logf("%d deliveries decided, %d of them made twice or more after a crash that left it open", len(decided), again)
			if len(decided) == 0 {
				t.Error("nothing was decided")
			}
		})
	}
}
