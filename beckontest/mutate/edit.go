package mutate

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// object and list are JSON.
type (
	object = map[string]any
	list   = []any
)

// An edit changes one place of a program's document.
type edit struct {
	path   []any // names and places in lists
	value  any
	remove bool // in place of value
	what   string
}

// to returns a path that leads on from another.
func to(path []any, steps ...any) []any { return append(slices.Clone(path), steps...) }

// text returns a path as faults have it.
func text(path []any) string {
	var b strings.Builder
	for _, step := range path {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

// apply returns a document with an edit made. The old one stays as it is, and shares what
// is not on the way.
func apply(doc any, path []any, e *edit) any {
	if len(path) == 0 {
		return e.value
	}
	last := len(path) == 1 && e.remove
	switch step := path[0].(type) {
	case string:
		was, _ := doc.(object) // nil: the edit adds a member to nothing
		now := make(object, len(was))
		for k, v := range was {
			if k != step || !last {
				now[k] = v
			}
		}
		if !last {
			now[step] = apply(now[step], path[1:], e)
		}
		return now
	default:
		i, _ := step.(int)   // a path has names and places
		was, _ := doc.(list) // it was a list when the path was made
		now := slices.Clone(was)
		if last {
			return slices.Delete(now, i, i+1)
		}
		now[i] = apply(now[i], path[1:], e)
		return now
	}
}

// program makes a program of a document. The error is why it cannot be published.
func program(ctx context.Context, doc any) (p beckon.Program, err error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return p, err
	}
	if p, err = beckon.ParseProgram(data); err != nil {
		return p, err
	}
	_, err = scenario.NewPlayer(ctx, p, time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC))
	return p, err
}
