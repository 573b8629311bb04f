package wire

import (
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A Summary is what is counted of one event name.
type Summary struct {
	Name        string
	Count       uint64
	First, Last int64 // Unix seconds
}

// Summaries reads the member event_summaries: one object, or an array of them.
func Summaries(n *ojson.Node, faults *fault.List) (list []Summary) {
	const name = "event_summaries"
	v := n.Get(name)
	switch {
	case v != nil && v.Kind == ojson.Object:
		return []Summary{summary(v, name+"[0].", faults)}
	case v == nil || v.Kind != ojson.Array:
		faults.Add(fault.ErrTypeInvalid, name, "must be an object or an array of objects")
		return nil
	}
	for i := range v.Items {
		path := name + "[" + strconv.Itoa(i) + "]"
		if v.Items[i].Kind != ojson.Object {
			faults.Add(fault.ErrTypeInvalid, path, "must be an object, got "+v.Items[i].Kind.String())
			continue
		}
		list = append(list, summary(&v.Items[i], path+".", faults))
	}
	return list
}

func summary(n *ojson.Node, path string, faults *fault.List) (s Summary) {
	seen := make(map[string]bool, len(n.Members))
	given := func(name string) bool { v := n.Get(name); return v != nil && v.Kind != ojson.Null }
	for i := range n.Members {
		m := &n.Members[i]
		if seen[m.Name] {
			faults.Add(fault.ErrJSONInvalid, path+fieldOf("", m.Name), "is there twice")
			continue
		}
		seen[m.Name] = true
		switch m.Name {
		case "event_name", "name":
			if m.Value.Kind == ojson.String {
				s.Name = m.Value.Text
			} else {
				faults.Add(fault.ErrTypeInvalid, path+m.Name, "must be a string, got "+m.Value.Kind.String())
			}
		case "count":
			count, err := strconv.ParseUint(m.Value.Text, 10, 63)
			if m.Value.Kind != ojson.Number || err != nil {
				faults.Add(fault.ErrTypeInvalid, path+m.Name, "must be a whole number from 0")
			}
			s.Count = count
		case "first":
			if given("first") {
				s.First = instant(&m.Value, path+m.Name, faults)
			}
		case "last":
			if given("last") {
				s.Last = instant(&m.Value, path+m.Name, faults)
			}
		}
	}
	switch {
	case !given("first") && !given("last"):
		if s.Count > 0 {
			faults.Add(fault.ErrCreatedAtInvalid, path+"first", "is missing: first or last must say when it happened")
		}
	case !given("first"):
		s.First = max(s.Last, 0) // what is wrong is last
	case !given("last"):
		s.Last = s.First
	}
	return s
}

// instant reads Unix seconds, or RFC 3339 as a summary is read.
func instant(n *ojson.Node, path string, faults *fault.List) int64 {
	switch n.Kind {
	case ojson.Number:
		if sec, err := strconv.ParseInt(n.Text, 10, 64); err == nil {
			return sec
		}
	case ojson.String:
		if at, err := time.Parse(time.RFC3339, n.Text); err == nil {
			return at.Unix()
		}
	}
	faults.Add(fault.ErrCreatedAtInvalid, path, "must be whole Unix seconds, or a time as 2026-01-05T09:00:00Z")
	return 0
}
