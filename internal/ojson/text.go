package ojson

import "io"

// A Text is a reader of a text. [ReadBody] takes it as it is, without a copy.
type Text struct{ text string }

// Reset has the reader read text from its beginning.
func (t *Text) Reset(text string) { t.text = text }

// Read implements [io.Reader].
func (t *Text) Read(p []byte) (int, error) {
	if t.text == "" {
		return 0, io.EOF
	}
	n := copy(p, t.text)
	t.text = t.text[n:]
	return n, nil
}

// rest takes all that is left, as ReadBody does.
func (t *Text) rest(limit int) (string, error) {
	if len(t.text) > limit {
		return "", tooLarge(limit)
	}
	text := t.text
	t.text = ""
	return text, nil
}
