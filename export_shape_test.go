package beckon

import "github.com/beckon-go/beckon/internal/event"

// ShapeIsCovered reports whether the shape of the last posted bodies of an event is known to be
// covered by what is remembered of the event's definition.
func ShapeIsCovered(e *Engine, name string) bool {
	concerns := e.states.Load().Plan.Events[name]
	shape, _ := concerns.Shape.Load().(*event.Shape)
	return shape != nil && shape.Covering.Load() == concerns.Defined.Load()
}
