package beckon

import (
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// nameFaults notes beside each path the id of what it lies in: a message, also one of
// a series, else the series or the cap. Indices are for programs; people look
// for ids.
func nameFaults(l fault.List, p *Program) {
	for _, e := range l {
		if e.Path != "" && e.ID == "" {
			e.ID = p.idAt(e.Path)
		}
	}
}

// idAt returns the id of what a path lies in; empty if there is none.
func (p *Program) idAt(path string) string {
	list, i, rest := splitPath(path)
	switch {
	case list == "messages" && i < len(p.Messages):
		return p.Messages[i].ID
	case list == "caps" && i < len(p.Caps):
		return p.Caps[i].ID
	case list == "series" && i < len(p.Series):
		s := &p.Series[i]
		if list, i, rest = splitPath(rest); list == "blocks" && i < len(s.Blocks) && strings.HasPrefix(rest, "message") {
			if m := s.Blocks[i].Message; m != nil && m.ID != "" {
				return m.ID
			}
		}
		return s.ID
	}
	return ""
}

// splitPath takes the first list and index off a path: messages[17].frequency
// is messages, 17 and frequency. Without an index, the list is empty.
func splitPath(path string) (list string, index int, rest string) {
	list, tail, _ := strings.Cut(path, "[")
	number, rest, closed := strings.Cut(tail, "]")
	index, err := strconv.Atoi(number)
	if !closed || err != nil || index < 0 || strings.Contains(list, ".") {
		return "", 0, ""
	}
	return list, index, strings.TrimPrefix(rest, ".")
}
