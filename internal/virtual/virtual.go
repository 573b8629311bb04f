// Package virtual marks the stores of what never happens, such as those of a replay.
package virtual

// A Store is what a store may also be: then nothing on it is real. An engine over it has no
// outbox and no workers, and tells no observer and no log of the host, whatever its options
// say.
type Store interface {
	// Virtual does nothing.
	Virtual()
}
