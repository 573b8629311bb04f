package vet

import "github.com/beckon-go/beckon/internal/ojson"

// caps tells of caps that no message falls under.
func (v *vetter) caps() {
	met := map[reach]bool{} // by a message
	meet := func(m *ojson.Node) {
		for _, x := range reaches(m) {
			met[x] = true
		}
	}
	each(v.program, "messages", func(m *ojson.Node, _ string) { meet(m) })
	each(v.program, "series", func(s *ojson.Node, _ string) {
		each(s, "blocks", func(b *ojson.Node, _ string) {
			if m := b.Get("message"); m != nil {
				meet(m)
			}
		})
	})
	each(v.program, "caps", func(c *ojson.Node, path string) {
		if !met[reachOf(c)] {
			v.add(v.root().owned(text(c, "id"), c), path, UnusedCap, "no message falls under the cap", "")
		}
	})
}

// A reach is which messages a cap concerns; empty: any.
type reach struct{ channel, tag string }

func reachOf(c *ojson.Node) reach { return reach{text(c, "channel"), text(c, "tag")} }

// reaches returns those of the caps that hold a message.
func reaches(m *ojson.Node) []reach {
	flag := func(name string, otherwise bool) bool {
		if n := m.Get(name); n != nil && n.Kind == ojson.Bool {
			return n.Bool
		}
		return otherwise
	}
	own := text(m, "channel")
	if own == "" {
		own = "chat"
	}
	if !flag("limited_by_caps", !flag("exempt_from_caps", false)) {
		return nil
	}
	list := []reach{{}, {channel: own}}
	if tags := m.Get("tags"); tags != nil {
		for _, t := range tags.Items {
			list = append(list, reach{tag: t.Text}, reach{own, t.Text})
		}
	}
	return list
}

// unusedSegments tells of segments that nothing names.
func (v *vetter) unusedSegments() {
	eachMember(v.segments, func(name string, n *ojson.Node) {
		if !v.used[name] {
			v.add(v.root().owned(name, n), segmentPath(name), UnusedSegment, "nothing uses the segment", "")
		}
	})
}
