package observe

import "sync"

// MaxNames is how many names [Names] keeps unless it is told otherwise. Each is some time
// series of a metrics system.
const MaxNames = 200

// Other is what stands for all names past the limit.
const Other = "other"

// Names keeps the number of time series within a limit: the first names, as many as Max
// says, stand for themselves, and [Other] for all others. It is for IDs of messages of a
// program. Composed ones (Decision.Composed) have as many IDs as the host likes: they are
// Other. Names of events, contacts and their addresses are no labels at all:
// anybody makes as many of them as they like, and they may be personal.
//
// The zero Names keeps MaxNames. It is safe for concurrent use, and must not be copied once
// it is used.
type Names struct {
	Max int // zero or less is MaxNames

	mu   sync.RWMutex
	kept map[string]struct{}
}

// Of returns the name, or Other if there are too many.
func (n *Names) Of(name string) string {
	n.mu.RLock()
	_, known := n.kept[name]
	n.mu.RUnlock()
	if known {
		return name
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.kept[name]; known {
		return name
	}
	most := n.Max
	if most <= 0 {
		most = MaxNames
	}
	if len(n.kept) >= most {
		return Other
	}
	if n.kept == nil {
		n.kept = make(map[string]struct{})
	}
	n.kept[name] = struct{}{}
	return name
}
