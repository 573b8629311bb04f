package conformance

import "testing"

// Eight processes race for the same caps: each is taken exactly as often as it
// allows, and every event of every process counts, in the contacts and in the
// totals.
func TestProcessesRaceForOneCap(t *testing.T) {
	const processes = 8
	events := 60
	if testing.Short() {
		events = 20
	}
	for _, b := range shared() {
		t.Run(b.name, func(t *testing.T) {
			p := b.at(t)
			store := mustOpen(t, p)
			k := task{Place: p, Prefix: p.Namespace, Contacts: 5, Callers: 4, Events: events, Now: noon().UnixMilli()}
			var all []*process
			for range processes {
				all = append(all, startProcess(t, k))
			}
			for _, process := range all { // they are all ready
				process.begin(t)
			}
			said := newAccount()
			for _, process := range all {
				said.add(t, process.wait(t))
			}
			got := said.check(t, store, k)
			got.checkTotals(t, store)
			want := found{events: processes * k.Callers * events, capped: limit * k.Contacts, fourth: k.Contacts}
			if got.events != want.events || got.capped != want.capped || got.fourth != want.fourth || len(said.sent) != want.capped+want.fourth {
				t.Errorf("%d events, %d and %d sends, %d returned; want %d, %d and %d", got.events, got.capped, got.fourth, len(said.sent), want.events, want.capped, want.fourth)
			}
			for who, took := range said.took {
				if len(took) == 0 {
					t.Errorf("%s took nothing", who)
				}
			}
			t.Logf("%d processes, %d events", processes, got.events)
		})
	}
}
