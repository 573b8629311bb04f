package beckon_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// workloadRecords returns what a store keeps of the persons.
func workloadRecords(tb testing.TB, persons ...*workload.Person) []*store.Record {
	tb.Helper()
	list := make([]*store.Record, len(persons))
	for i, p := range persons {
		kept, id := memstore.New(), fmt.Sprint("u", i)
		if err := p.Store(kept, id); err != nil {
			tb.Fatal(err)
		}
		if err := kept.Read(context.Background(), []store.Key{{Kind: store.KindUser, ID: id}}, func(rec *store.Record) (err error) {
			list[i], err = store.DecodeRecord(store.AppendRecord(nil, rec))
			return err
		}); err != nil {
			tb.Fatal(err)
		}
	}
	return list
}

// The rules of the workload say what the same rules say that are written out
// by hand.
func TestWorkloadAgrees(t *testing.T) {
	persons := workload.Persons(60)
	for _, c := range workload.Rules() {
		judge := beckon.CompileAlone(t, c.Rule.Beckon(), workload.Start())
		for i, rec := range workloadRecords(t, persons...) {
			if got, want := judge(rec), c.Limit(persons[i], workload.Start().Unix()); got != want {
				t.Errorf("%s, person %d: %v, want %v", c.Name, i, got, want)
			}
		}
	}
}

// BenchmarkWorkload judges rules without a decision around them. The module
// benchmarks puts it beside the limit and the peers.
func BenchmarkWorkload(b *testing.B) {
	for _, c := range workload.Rules() {
		judge, rec := beckon.CompileAlone(b, c.Rule.Beckon(), workload.Start()), workloadRecords(b, c.Matching())[0]
		measureWorkload(b, c.Name+"/beckon-rule", func(n int) {
			for range n {
				if !judge(rec) {
					b.Fatal("it does not hold")
				}
			}
		})
	}
	const size = 1024
	judge, records := beckon.CompileAlone(b, workload.Rules()[1].Rule.Beckon(), workload.Start()), workloadRecords(b, workload.Persons(size)...)
	measureWorkload(b, "mixed/beckon-rule", func(n int) { // nothing is trained on one contact
		held := 0
		for i := range n {
			if judge(records[i%size]) {
				held++
			}
		}
		if n > size && held == 0 {
			b.Fatal("it holds for nobody")
		}
	})
}

// measureWorkload reports processor time too, as the module benchmarks does.
func measureWorkload(b *testing.B, name string, run func(n int)) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		begin := workload.ProcessorTime()
		run(b.N)
		if used := workload.ProcessorTime() - begin; used > 0 {
			b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
		}
	})
}
