package vet

import (
	"slices"
	"strconv"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/render"
)

// messages looks at the messages of the program.
func (v *vetter) messages() {
	each(v.program, "messages", func(n *ojson.Node, path string) { v.message(n, path, v.root(), false) })
}

// message looks at one message, of a series or of the program.
func (v *vetter) message(n *ojson.Node, path string, within owner, inSeries bool) {
	at := within.owned(text(n, "id"), n)
	event := v.trigger(n.Get("trigger"), path, at)
	v.triggered = event
	before := v.found
	v.pageless = !inSeries && !seesPage(n)
	v.rule(n.Get("audience"), path+".audience", at, "")
	v.pageless = false
	sound := v.found == before
	if goal := n.Get("goal"); goal != nil {
		found := v.found
		v.rule(goal.Get("rule"), path+".goal.rule", at, "")
		if sound && v.found == found {
			v.goal(n.Get("audience"), path+".audience", goal.Get("rule"), path+".goal", at)
		}
	}
	if per := text(n.Member("frequency"), "per"); per != "" {
		v.key(event, per, path+".frequency.per", at)
	}
	v.neverSends(n, path, at, sound, inSeries)
	v.triggered = ""
	v.content(n.Get("content"), path+".content", at, event, n)
	v.windows(n.Member("schedule").Get("windows"), path+".schedule.windows", at)
}

// trigger looks at a trigger, and returns the event whose metadata rules may ask for.
func (v *vetter) trigger(n *ojson.Node, path string, at owner) (event string) {
	if n == nil {
		return ""
	}
	path += ".trigger"
	if event = text(n, "event"); event != "" {
		if known := v.event(event, path+".event", at); known != nil && known.Archived {
			v.add(at, path[:len(path)-len(".trigger")], NeverSends, "the event "+strconv.Quote(event)+" is archived, and triggers nothing", "unarchive it, or trigger by another")
		}
	}
	if name := text(n, "attribute"); name != "" {
		v.attribute(name, path+".attribute", at)
	}
	for _, name := range []string{"enters", "leaves"} {
		v.used[text(n, name)] = true
	}
	if date := n.Get("date"); date != nil && date.Kind == ojson.String {
		v.attribute(date.Text, path+".date", at)
	} else if key := text(date, "metadata"); key != "" {
		v.key(event, key, path+".date.metadata", at)
	}
	v.triggered = event
	v.rule(n.Get("where"), path+".where", at, event)
	v.triggered = ""
	unless := n.Get("unless")
	follower := func(u *ojson.Node, path string) {
		if name := text(u, "event"); name != "" {
			v.event(name, path+".event", at)
			if same := text(u, "same"); same != "" {
				if _, ok := v.key(event, same, path+".same", at); ok {
					v.key(name, same, path+".same", at)
				}
			}
		}
	}
	switch {
	case unless == nil:
	case unless.Kind == ojson.Array:
		for i := range unless.Items {
			follower(&unless.Items[i], path+".unless["+strconv.Itoa(i)+"]")
		}
	default:
		follower(unless, path+".unless")
	}
	return event
}

// goal tells of a goal that all who get the message have reached already.
func (v *vetter) goal(audience *ojson.Node, audiencePath string, goal *ojson.Node, path string, at owner) {
	j := v.judge()
	a, g := v.again(j, audience, audiencePath), v.again(j, goal, path+".rule")
	if a == nil || g == nil || len(g.of) == 0 && g.kind != condition {
		return
	}
	if j.implies(a, g) {
		v.add(at, path, GoalImplied, "all in the audience have reached the goal already, so nobody converts", "ask for something that the audience does not")
	}
}

// neverSends tells of a message that can never go out, or never again. An audience that
// something was told about is not looked at: it is another cause. One of a series goes out
// once a walk, so that no maximum is judged.
func (v *vetter) neverSends(n *ojson.Node, path string, at owner, sound, inSeries bool) {
	for _, says := range []func(*ojson.Node) string{v.closed, v.held} {
		if why := says(n); why != "" {
			v.add(at, path, NeverSends, why, "")
			return
		}
	}
	frequency, audience := n.Member("frequency"), n.Get("audience")
	most := frequency.Get("max")
	if once(n) {
		most = &ojson.Node{Kind: ojson.Number, Text: "1"}
	}
	if inSeries || !sound || most == nil || audience == nil || len(audience.Members) == 0 {
		return
	}
	if frequency.Get("per") != nil {
		return // it allows that many sends of each value, and an audience counts all of them
	}
	body := `{"message":` + quoted(text(n, "id")) + `,"stat":"sent_count","op":"less_than","value":` + most.Text + `}`
	less, err := ojson.ParseString(body, ojson.Limits{})
	if err != nil {
		return
	}
	j := v.judge()
	both := &tree{kind: all, of: []*tree{j.read(audience, path+".audience"), j.read(&less, path+".frequency")}}
	if !can(both, true) {
		v.add(at, path, NeverSends, "the audience asks for as many sends of the message itself as its frequency allows", "raise max, or ask for fewer sends")
	}
}

// content looks at what a message says.
func (v *vetter) content(n *ojson.Node, path string, at owner, event string, message *ojson.Node) {
	if n == nil {
		n = &ojson.Node{}
	}
	if text(message, "channel") == "email" && text(n, "subject") == "" {
		v.add(at, path+".subject", EmailWithoutSubject, "a mail without a subject", "say what it is about")
	}
	if text(n, "format") == "text" && render.LooksLikeHTML(text(n, "body")) {
		v.add(at, path+".body", HTMLInText, "the body looks like HTML and goes out as text", `set format to "html"`)
	}
	templates := []string{"subject", "body", "text"}
	hold := text(n, "missing") == "hold"
	for _, name := range templates {
		v.template(text(n, name), path+"."+name, at, event, hold)
	}
	for _, name := range []string{"data", "parameters"} {
		eachMember(n.Get(name), func(key string, value *ojson.Node) {
			source := value.Text
			if name == "parameters" {
				source = "{{ " + source + " }}"
			}
			v.template(source, fault.JoinPath(path+"."+name, key), at, event, hold || name == "parameters")
		})
	}
}

// template looks at the variables of a template, and tells of each kind of fault once.
func (v *vetter) template(source, path string, at owner, event string, hold bool) {
	told := map[string]bool{}
	once := func(code string, tell func()) {
		if !told[code] {
			before := len(v.findings)
			tell()
			told[code] = len(v.findings) > before
		}
	}
	for _, x := range render.Mentioned(source) {
		switch x.Namespace {
		case render.Event:
			if v.events == nil || event == "" || v.events[canonical(event)] == nil {
				continue
			}
			known, ok := v.events[canonical(event)].Keys[foldKey(x.Key)]
			if !ok {
				once(UnknownMetadata, func() { v.key(event, x.Key, path, at) })
				continue
			}
			if known.Declared && !known.Required && !x.Fallback && !hold {
				once(MissingFallback, func() {
					v.add(at, path, MissingFallback, "event."+x.Key+" may be missing, and then nothing stands in its place", `write {{ event.`+x.Key+` | fallback: "…" }}, require the key, or set missing to "hold"`)
				})
			}
		case render.User:
			once(UnknownAttribute, func() { v.attribute(x.Key, path, at) })
		}
	}
}

// series looks at the series of the program.
func (v *vetter) series() {
	each(v.program, "series", func(n *ojson.Node, path string) {
		at := v.root().owned(text(n, "id"), n)
		entry := n.Member("entry")
		v.trigger(entry.Get("trigger"), path+".entry", at)
		before := v.found
		v.rule(entry.Get("audience"), path+".entry.audience", at, "")
		v.rule(n.Get("exit"), path+".exit", at, "")
		if goal := n.Get("goal"); goal != nil {
			v.rule(goal.Get("rule"), path+".goal.rule", at, "")
			if v.found == before {
				v.goal(entry.Get("audience"), path+".entry.audience", goal.Get("rule"), path+".goal", at)
			}
		}
		blocks := n.Get("blocks")
		if blocks == nil {
			return
		}
		for i := range blocks.Items {
			b, place := &blocks.Items[i], path+".blocks["+strconv.Itoa(i)+"]"
			v.rule(b.Get("rule"), place+".rule", at, "")
			if m := b.Get("message"); m != nil {
				v.message(m, place+".message", at, true)
			}
			eachMember(b.Member("update").Get("attributes"), func(name string, _ *ojson.Node) {
				v.updated(name, fault.JoinPath(place+".update.attributes", name), at)
			})
		}
		v.blocks(blocks.Items, path, at)
		if v.chatty(n, path) {
			v.add(at, path, ChattySeries, "each event can begin a walk that mails at once", "set reenter_after or max_entries, or wait before the mail")
		}
	})
}

// chatty reports whether each event can begin a walk that mails, and ends, without a wait.
func (v *vetter) chatty(n *ojson.Node, path string) bool {
	reenter := n.Get("reenter")
	if reenter == nil || !reenter.Bool || n.Member("entry").Get("trigger") == nil || n.Get("reenter_after") != nil || n.Get("max_entries") != nil {
		return false
	}
	blocks := n.Get("blocks").Items
	for i := range blocks {
		m := blocks[i].Get("message")
		if m != nil && text(m, "channel") == "email" && !v.bounded(m) && passes(blocks, i) && v.recurs(n.Get("entry"), path+".entry", text(m, "id")) {
			return true
		}
	}
	return false
}

// passes reports whether a walk can pass a block, and end, without a wait.
func passes(blocks []ojson.Node, through int) bool {
	places := map[string]int{}
	for i := range blocks {
		places[text(&blocks[i], "id")] = i
	}
	type place struct {
		block  int
		passed bool
	}
	seen := map[place]bool{}
	var ends func(id string, passed bool) bool
	ends = func(id string, passed bool) bool {
		i, known := places[id]
		if !known {
			return passed // the end of the walk
		}
		if seen[place{i, passed}] {
			return false
		}
		seen[place{i, passed}] = true
		b := &blocks[i]
		passed = passed || i == through
		switch {
		case b.Get("wait") != nil && text(b, "wait") != "0s", b.Get("wait_until") != nil:
			return false
		case b.Get("exit") != nil:
			return passed
		case b.Get("rule") != nil:
			return ends(text(b, "yes"), passed)
		case b.Get("split") != nil:
			ways := b.Get("split").Items
			return slices.ContainsFunc(ways, func(w ojson.Node) bool { return ends(text(&w, "next"), passed) })
		}
		return ends(text(b, "next"), passed)
	}
	return ends(text(&blocks[0], "id"), false)
}
