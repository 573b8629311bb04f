package store

// A MessageValues is what is known of a message whose frequency counts for each value
// of a metadata key by itself (F7).
type MessageValues struct {
	Message string
	Values  []ValueSends // the least recently used first; a list that a record holds is never modified
}

// A ValueSends counts the sends of one message for one value of a key.
type ValueSends struct {
	Value   [16]byte // a hash of the key and the value
	Count   uint32   // of sends that were not released, and of decisions for the control group
	Last    int64    // Unix milliseconds of the latest of them
	Prior   int64    // the latest of them that is not of Numbers; 0 if none
	Numbers []uint32 // of sends in Record.SendLog, by their Sequence
}

func codeMessageValues(c *coder, m *MessageValues) {
	c.text(&m.Message)
	list(c, &m.Values, leastValueSends, codeValueSends)
}

func codeValueSends(c *coder, v *ValueSends) {
	c.hash(&v.Value)
	c.uint32(&v.Count)
	c.int64(&v.Last)
	c.int64(&v.Prior)
	list(c, &v.Numbers, 1, (*coder).uint32)
}

// The fewest bytes that one takes.
const (
	leastMessageValues = 2
	leastValueSends    = 20
)
