package perkey

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/store"
)

func key(n int) (k [16]byte) { k[0] = byte(n); return k }

// Against lists that are told everything: rows, their order of use, and that no list of
// values that was handed in is written to (F7, F4).
func TestListAgainstModel(t *testing.T) {
	type send struct {
		value, number int
		at            int64
		kept          bool // in the log
	}
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 4).Draw(t, "most")
		var list List
		var sends []send
		var order []int
		number := 0
		made := func(n uint32) int64 {
			for _, s := range sends {
				if s.number == int(n) {
					return s.at
				}
			}
			return 0
		}
		alive := func(v int) bool { return slices.ContainsFunc(sends, func(s send) bool { return s.value == v }) }
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			held, before := snapshot(list), list
			at := int64(rapid.IntRange(1, 100).Draw(t, "at"))
			switch what := rapid.IntRange(0, 4).Draw(t, "what"); {
			case what < 3 || len(sends) == 0:
				v := rapid.IntRange(0, 5).Draw(t, "value")
				row, latest := list.Row("m", key(v))
				if want := !slices.Contains(order, v) || order[len(order)-1] == v; latest != want {
					t.Fatalf("%d: latest is %v", step, latest)
				}
				number++
				row.Count++
				row.Last = max(row.Last, at)
				row.Numbers = append(slices.Clone(row.Numbers), uint32(number))
				list = slices.Clone(list).Put("m", row, most)
				sends = append(sends, send{v, number, at, true})
				order = append(slices.DeleteFunc(order, func(x int) bool { return x == v }), v)
				for len(order) > most {
					sends = slices.DeleteFunc(sends, func(s send) bool { return s.value == order[0] })
					order = order[1:]
				}
			default:
				i := rapid.IntRange(0, len(sends)-1).Draw(t, "which")
				s := sends[i]
				if what == 3 {
					if list, _ = slices.Clone(list).Forget("m", uint32(s.number), s.at); s.kept {
						sends[i].kept = false
					}
					break
				}
				var changed bool
				list, changed = slices.Clone(list).Release("m", uint32(s.number), made)
				if changed != s.kept {
					t.Fatalf("%d: released %v", step, changed)
				}
				if s.kept {
					sends = slices.Delete(sends, i, i+1)
				}
				order = slices.DeleteFunc(order, func(v int) bool { return !alive(v) })
			}
			if !reflect.DeepEqual(held, snapshot(before)) {
				t.Fatalf("%d: what was there has changed", step)
			}
			var want []store.ValueSends
			for _, v := range order {
				row := store.ValueSends{Value: key(v)}
				for _, s := range sends {
					if s.value != v {
						continue
					}
					row.Count++
					row.Last = max(row.Last, s.at)
					if s.kept {
						row.Numbers = append(row.Numbers, uint32(s.number))
					} else {
						row.Prior = max(row.Prior, s.at)
					}
				}
				want = append(want, row)
			}
			got := snapshot(list)["m"]
			if len(got) != len(want) {
				t.Fatalf("%d: %+v, want %+v", step, got, want)
			}
			for i := range want {
				got[i].Numbers, want[i].Numbers = slices.Clip(got[i].Numbers), slices.Clip(want[i].Numbers)
				if g, w := got[i], want[i]; g.Value != w.Value || g.Count != w.Count || g.Last != w.Last || g.Prior != w.Prior || !slices.Equal(g.Numbers, w.Numbers) {
					t.Fatalf("%d: %+v, want %+v", step, got[i], want[i])
				}
			}
		}
	})
}

func snapshot(l List) map[string][]store.ValueSends {
	out := map[string][]store.ValueSends{}
	for _, m := range l {
		for _, v := range m.Values {
			v.Numbers = slices.Clone(v.Numbers)
			out[m.Message] = append(out[m.Message], v)
		}
	}
	return out
}

// C2: a merge adds what both have, in the order of the last sends, and forgets nothing,
// however many values there are. The next value that comes makes it as many as may be.
func TestMerge(t *testing.T) {
	a := List{{Message: "m", Values: []store.ValueSends{{Value: key(1), Count: 2, Last: 50, Prior: 10, Numbers: []uint32{2}}, {Value: key(2), Count: 1, Last: 20, Numbers: []uint32{3}}}}}
	b := List{
		{Message: "k", Values: []store.ValueSends{{Value: key(9), Count: 1, Last: 5, Numbers: []uint32{1}}}},
		{Message: "m", Values: []store.ValueSends{{Value: key(3), Count: 1, Last: 30, Numbers: []uint32{1}}, {Value: key(1), Count: 1, Last: 40, Prior: 12, Numbers: []uint32{2}}}},
	}
	raised := func(message string) uint32 { return map[string]uint32{"m": 3}[message] }
	got := Merge(a, b, raised)
	want := List{
		{Message: "k", Values: []store.ValueSends{{Value: key(9), Count: 1, Last: 5, Numbers: []uint32{1}}}},
		{Message: "m", Values: []store.ValueSends{
			{Value: key(2), Count: 1, Last: 20, Numbers: []uint32{3}},
			{Value: key(3), Count: 1, Last: 30, Numbers: []uint32{4}},
			{Value: key(1), Count: 3, Last: 50, Prior: 12, Numbers: []uint32{2, 5}},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
	if len(a[0].Values) != 2 || b[1].Values[0].Numbers[0] != 1 {
		t.Errorf("the merge has changed what it joined: %+v, %+v", a, b)
	}
	used, _ := got.Row("m", key(2))
	if got = got.Put("m", used, 2); len(got[1].Values) != 3 {
		t.Errorf("the use of a known value has made others forgotten: %+v", got)
	}
	if got = got.Put("m", store.ValueSends{Value: key(4), Count: 1}, 2); len(got[1].Values) != 2 || got[1].Values[0].Value != key(2) {
		t.Errorf("a new value leaves %+v", got)
	}
}

// F6, and sends that are set to a later instant.
func TestInstants(t *testing.T) {
	l := List{{Message: "m", Values: []store.ValueSends{{Value: key(1), Count: 2, Last: 50, Prior: 40, Numbers: []uint32{2}}, {Value: key(2), Count: 1, Last: 20, Numbers: []uint32{3}}}}}
	back, changed := slices.Clone(l).SetBack("m", 30, func(at int64) bool { return at > 30 })
	if v := back[0].Values; !changed || v[0].Last != 30 || v[0].Prior != 30 || v[1].Last != 20 || v[1].Prior != 0 {
		t.Errorf("set back: %+v", back)
	}
	if _, changed := back.SetBack("m", 30, func(at int64) bool { return at > 30 }); changed {
		t.Error("set back twice")
	}
	if _, changed := l.SetBack("other", 0, func(int64) bool { return true }); changed {
		t.Error("another message was set back")
	}
	later, changed := slices.Clone(l).Redate("m", 3, 60)
	if v := later[0].Values; !changed || v[0].Last != 50 || v[1].Last != 60 {
		t.Errorf("set to a later instant: %+v", later)
	}
	if _, changed := l.Redate("m", 2, 50); changed {
		t.Error("the same instant is a change")
	}
	if _, changed := l.Redate("m", 9, 90); changed {
		t.Error("a number that is not there was set")
	}
	if l[0].Values[0].Last != 50 || l[0].Values[1].Last != 20 {
		t.Errorf("the list itself has changed: %+v", l)
	}
}
