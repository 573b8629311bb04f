// Package perkey keeps what frequencies count for each value of a metadata key by itself
// (F7): rows by message, in each the values in the order of their use. Lists that come in
// are not changed where a record may hold them: the outer one is the caller's own, each
// list of values is replaced.
package perkey

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/store"
)

// A List is what a contact has, by message.
type List []store.MessageValues

func (l List) search(message string) (int, bool) {
	return slices.BinarySearchFunc(l, message, func(m store.MessageValues, id string) int { return strings.Compare(m.Message, id) })
}

// values returns the values of a message, for reading.
func (l List) values(message string) []store.ValueSends {
	if i, found := l.search(message); found {
		return l[i].Values
	}
	return nil
}

// Row returns what is known of a value. It is latest if it was the last to be used, or
// is not known: then there is nothing to write when it is used again.
func (l List) Row(message string, value [16]byte) (row store.ValueSends, latest bool) {
	values := l.values(message)
	for i := range values {
		if values[i].Value == value {
			return values[i], i == len(values)-1
		}
	}
	return store.ValueSends{Value: value}, true
}

// Put returns the list with a row in it that was just used, and of its message so many
// values at most: the least recently used are forgotten first. One whose Count is 0 is
// not remembered.
func (l List) Put(message string, row store.ValueSends, most int) List {
	i, found := l.search(message)
	if !found {
		l = slices.Insert(l, i, store.MessageValues{Message: message})
	}
	values, known := l[i].Values, false
	list := make([]store.ValueSends, 0, len(values)+1)
	for _, v := range values {
		if v.Value == row.Value {
			known = true
			continue
		}
		list = append(list, v)
	}
	if row.Count > 0 {
		list = append(list, row)
	}
	if over := len(list) - most; over > 0 && !known { // a merge may have brought more, which stay until then
		list = list[over:]
	}
	return l.set(i, list)
}

// set replaces the values of a message. One that has none is left out.
func (l List) set(i int, values []store.ValueSends) List {
	if len(values) == 0 {
		return slices.Delete(l, i, i+1)
	}
	l[i].Values = values
	return l
}

// each returns the list with fn called for each row of a message, which it may change and
// reports whether it has. The rows of the list itself stay as they are.
func (l List) each(message string, fn func(*store.ValueSends) bool) (_ List, changed bool) {
	i, found := l.search(message)
	if !found {
		return l, false
	}
	values := slices.Clone(l[i].Values)
	for k := range values {
		if fn(&values[k]) {
			changed = true
		}
	}
	if !changed {
		return l, false
	}
	return l.set(i, slices.DeleteFunc(values, func(v store.ValueSends) bool { return v.Count == 0 })), true
}

// Forget returns the list when a send, made at an instant, leaves the log of sends: its
// number is known no more, its instant is.
func (l List) Forget(message string, number uint32, at int64) (List, bool) {
	return l.each(message, func(v *store.ValueSends) bool {
		if !without(v, number) {
			return false
		}
		v.Prior = max(v.Prior, at)
		return true
	})
}

// Redate returns the list when a send is set to a later instant.
func (l List) Redate(message string, number uint32, at int64) (List, bool) {
	return l.each(message, func(v *store.ValueSends) bool {
		if v.Last >= at || !slices.Contains(v.Numbers, number) {
			return false
		}
		v.Last = at
		return true
	})
}

// SetBack returns the list when what lies ahead of now, as ahead says, is set to it (F6).
func (l List) SetBack(message string, now int64, ahead func(at int64) bool) (List, bool) {
	return l.each(message, func(v *store.ValueSends) bool {
		last, prior := ahead(v.Last), ahead(v.Prior)
		if last {
			v.Last = now
		}
		if prior {
			v.Prior = now
		}
		return last || prior
	})
}

// Release returns the list when a send is taken back. made returns the instant of a send
// of the message that is still there.
func (l List) Release(message string, number uint32, made func(number uint32) int64) (List, bool) {
	return l.each(message, func(v *store.ValueSends) bool {
		if !without(v, number) {
			return false
		}
		v.Count--
		v.Last = v.Prior
		for _, n := range v.Numbers {
			v.Last = max(v.Last, made(n))
		}
		return true
	})
}

// without takes a number out of a row, and reports whether it was there.
func without(v *store.ValueSends, number uint32) bool {
	i := slices.Index(v.Numbers, number)
	if i < 0 {
		return false
	}
	v.Numbers = slices.Concat(v.Numbers[:i], v.Numbers[i+1:])
	return true
}

// Merge returns the list of two contacts that have become one. from is that of the one
// that was taken in, whose numbers were raised by so much. No value is forgotten: the
// order of use is that of the last sends.
func Merge(into, from List, raised func(message string) uint32) List {
	out := slices.Clone(into)
	for _, m := range from {
		i, found := out.search(m.Message)
		if !found {
			out = slices.Insert(out, i, store.MessageValues{Message: m.Message})
		}
		values := slices.Clone(out[i].Values)
		for _, v := range m.Values {
			v.Numbers = slices.Clone(v.Numbers)
			for k := range v.Numbers {
				v.Numbers[k] += raised(m.Message)
			}
			at := slices.IndexFunc(values, func(x store.ValueSends) bool { return x.Value == v.Value })
			if at < 0 {
				values = append(values, v)
				continue
			}
			x := &values[at]
			x.Count += v.Count
			x.Last, x.Prior = max(x.Last, v.Last), max(x.Prior, v.Prior)
			x.Numbers = slices.Concat(x.Numbers, v.Numbers)
		}
		slices.SortStableFunc(values, func(a, b store.ValueSends) int { return cmp.Compare(a.Last, b.Last) })
		out[i].Values = values
	}
	return out
}
