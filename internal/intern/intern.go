// Package intern reads interned names.
package intern

import "unique"

// Text returns the text of an interned name; that of the zero handle, which only a
// record that no engine made has, is empty.
func Text(h unique.Handle[string]) string {
	if h == (unique.Handle[string]{}) {
		return ""
	}
	return h.Value()
}
