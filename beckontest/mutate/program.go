package mutate

import (
	"encoding/json"
	"maps"
	"slices"
)

// mutants are the edits of a program that make mutants of it.
type mutants struct{ edits []edit }

func (m *mutants) add(path []any, value any, what string) {
	m.edits = append(m.edits, edit{path: path, value: value, what: what})
}

func (m *mutants) drop(path []any, what string) {
	m.edits = append(m.edits, edit{path: path, remove: true, what: what})
}

// whole adds the mutants of a rule that may be left out.
func (m *mutants) whole(in object, name string, path []any) {
	if r, is := in[name].(object); is && len(r) > 0 {
		m.drop(to(path, name), "the rule is dropped")
		m.rule(r, to(path, name))
	}
}

// of adds the mutants of a program, in the order of its parts.
func (m *mutants) of(p object) {
	segments, _ := p["segments"].(object) // it may be left out, as all below
	for _, name := range slices.Sorted(maps.Keys(segments)) {
		m.part(segments[name], []any{"segments", name})
	}
	each(p["caps"], []any{"caps"}, func(c object, path []any) {
		m.drop(path, "a cap is dropped")
		m.limit(c, path)
		m.span(c["within"], to(path, "within"), "a window")
	})
	each(p["quiet_hours"], []any{"quiet_hours"}, func(q object, path []any) {
		m.drop(path, "quiet hours are dropped")
		m.windows(q, path)
	})
	if hours, is := p["office_hours"].(object); is {
		m.windows(hours, []any{"office_hours"})
	}
	each(p["messages"], []any{"messages"}, m.message)
	each(p["series"], []any{"series"}, func(s object, path []any) {
		if entry, is := s["entry"].(object); is {
			m.whole(entry, "audience", to(path, "entry"))
			if t, is := entry["trigger"].(object); is {
				m.whole(t, "where", to(path, "entry", "trigger"))
			}
		}
		m.whole(s, "exit", path)
		m.goal(s, path)
		m.flag(s, "reenter", path)
		each(s["blocks"], to(path, "blocks"), func(b object, path []any) {
			m.span(b["wait"], to(path, "wait"), "a wait")
			m.span(b["within"], to(path, "within"), "a time-out")
			m.part(b["rule"], to(path, "rule"))
			if message, is := b["message"].(object); is {
				m.message(message, to(path, "message"))
			}
		})
	})
}

// each calls fn for each object of a list.
func each(v any, path []any, fn func(object, []any)) {
	all, _ := v.(list) // it may be left out
	for i := range all {
		if one, is := all[i].(object); is {
			fn(one, to(path, i))
		}
	}
}

func (m *mutants) message(x object, path []any) {
	if t, is := x["trigger"].(object); is {
		at := to(path, "trigger")
		m.whole(t, "where", at)
		m.span(t["offset"], to(at, "offset"), "an offset")
		switch unless := t["unless"].(type) {
		case object:
			m.drop(to(at, "unless"), "what must not follow is dropped")
			m.span(unless["within"], to(at, "unless", "within"), "a deadline")
		case list:
			for i := range unless {
				m.drop(to(at, "unless", i), "what must not follow is dropped")
			}
		}
	}
	m.whole(x, "audience", path)
	if f, is := x["frequency"].(object); is {
		m.limit(f, to(path, "frequency"))
		m.span(f["every"], to(path, "frequency", "every"), "a distance")
		for _, name := range []string{"max", "per", "wait"} {
			if f[name] != nil {
				m.drop(to(path, "frequency", name), "a frequency's "+name+" is dropped")
			}
		}
	}
	if s, is := x["schedule"].(object); is {
		at := to(path, "schedule")
		m.drop(at, "the schedule is dropped")
		m.windows(s, at)
		m.flag(s, "contact_timezone", at)
		m.flag(s, "office_hours", at)
		for _, name := range []string{"start", "stop"} {
			if s[name] != nil {
				m.drop(to(at, name), "the "+name+" is dropped")
			}
		}
		if s["outside"] == "hold" {
			m.add(to(at, "outside"), "drop", "what is held is dropped")
		}
	}
	m.goal(x, path)
	for _, name := range []string{"transactional", "exempt_from_caps"} {
		m.flag(x, name, path)
	}
}

func (m *mutants) goal(x object, path []any) {
	if g, is := x["goal"].(object); is {
		m.part(g["rule"], to(path, "goal", "rule"))
		m.span(g["within"], to(path, "goal", "within"), "a goal's span")
	}
}

// limit adds the numbers beside a maximum.
func (m *mutants) limit(x object, path []any) {
	n, is := x["max"].(json.Number)
	if !is {
		return
	}
	for _, by := range []int64{1, -1} {
		if beside, ok := plus(n, by); ok {
			m.add(to(path, "max"), beside, "a maximum is another")
		}
	}
}

// windows adds hours without each window, on every day, and that end when they begin to.
func (m *mutants) windows(x object, path []any) {
	each(x["windows"], to(path, "windows"), func(w object, at []any) {
		m.drop(at, "a window is dropped")
		if w["days"] != nil {
			m.drop(to(at, "days"), "a window is on every day")
		}
		if w["from"] != "00:00" {
			m.add(to(at, "from"), "00:00", "a window begins at midnight")
		}
		if w["to"] != "24:00" {
			m.add(to(at, "to"), "24:00", "a window ends at midnight")
		}
	})
}

// flag takes a switch back.
func (m *mutants) flag(x object, name string, path []any) {
	if x[name] == true {
		m.add(to(path, name), false, name+" is off")
	}
}
