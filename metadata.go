package beckon

// A Field is one key of an event's metadata with its value.
type Field struct {
	Key   string
	Value Value
}

// Fields is an event's metadata, in the order sent (M1).
type Fields []Field

// Get gives the value under key, whatever the case of its letters (M2), and
// whether there is one among the first MaxMetadataKeys.
func (f Fields) Get(key string) (Value, bool) {
	for _, x := range f {
		if x.Key == key {
			return x.Value, true
		}
	}
	return Value{}, false
}
