package plan

import (
	"maps"
	"sync"

	"github.com/beckon-go/beckon/internal/suggest"
)

// Near finds what an unknown id was probably meant to be. Each index is made when it is first
// asked for; the plan must not change then. Only the Near of [Plan.NewNear] has any.
type Near struct {
	Messages, OneOffs, Series func() *suggest.Index
}

// NewNear returns the Near of a plan.
func (p *Plan) NewNear() Near {
	return Near{
		Messages: sync.OnceValue(func() *suggest.Index { return suggest.NewIndex(maps.Keys(p.ByID)) }),
		Series:   sync.OnceValue(func() *suggest.Index { return suggest.NewIndex(maps.Keys(p.SeriesByID)) }),
		OneOffs: sync.OnceValue(func() *suggest.Index {
			return suggest.NewIndex(func(yield func(string) bool) {
				for id, m := range p.ByID {
					if m.Mode == OneOff && m.Series == nil && !yield(id) {
						return
					}
				}
			})
		}),
	}
}
