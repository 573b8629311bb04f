package ojson

import "strings"

// Name takes the name of the member that Next found, and the colon after it.
func (s *Scanner) Name() string {
	name, ok := s.TakeText()
	if !ok {
		name = s.Text()
	}
	if s.pos < len(s.src) && s.src[s.pos] == ':' {
		s.pos++
		return name
	}
	s.colon()
	return name
}

// TakeText takes a string if it is the next character on, plain ASCII to its end and can
// be shared, as most are. Otherwise it takes nothing.
func (s *Scanner) TakeText() (text string, ok bool) {
	begin := s.pos + 1
	if begin >= len(s.src) || s.src[begin-1] != '"' || !s.share {
		return "", false
	}
	end := PlainEnd(s.src, begin)
	if end < 0 {
		return "", false
	}
	s.start, s.pos = s.pos, end+1
	return s.src[begin:end], true
}

// TakeExact takes what stands next, whatever it is, if it is exactly this.
func (s *Scanner) TakeExact(what string) bool {
	if !strings.HasPrefix(s.src[s.pos:], what) {
		return false
	}
	s.pos += len(what)
	return true
}

// AtEnd reports whether everything was taken.
func (s *Scanner) AtEnd() bool { return s.pos == len(s.src) }

func (s *Scanner) colon() {
	s.space()
	if s.pos >= len(s.src) || s.src[s.pos] != ':' {
		s.unexpected("':'")
		return
	}
	s.pos++
}

// Text takes a string.
func (s *Scanner) Text() string {
	if text, ok := s.TakeText(); ok {
		return text
	}
	if s.Kind() != String {
		s.unexpected("a string")
		return ""
	}
	raw, escaped := s.quoted()
	if s.err != nil {
		return ""
	}
	if escaped {
		return unescape(raw)
	}
	if !s.share {
		return strings.Clone(raw)
	}
	return raw
}

// Literal takes a number, as it was written.
func (s *Scanner) Literal() string {
	if s.Kind() != Number {
		s.unexpected("a number")
		return ""
	}
	s.number()
	if s.err != nil {
		return ""
	}
	if raw := s.src[s.start:s.pos]; s.share {
		return raw
	} else {
		return strings.Clone(raw)
	}
}

// Bool takes true or false.
func (s *Scanner) Bool() bool {
	switch s.Kind() {
	case Bool:
		if s.src[s.pos] == 't' {
			return s.word("true")
		}
		s.word("false")
	default:
		s.unexpected("true or false")
	}
	return false
}

// Null takes null.
func (s *Scanner) Null() {
	if s.Kind() != Null {
		s.unexpected("null")
		return
	}
	s.word("null")
}

func (s *Scanner) word(w string) bool {
	if !strings.HasPrefix(s.src[s.pos:], w) {
		s.fail(Syntax, s.pos, "a word that is neither true, false nor null")
		return false
	}
	s.start = s.pos
	s.pos += len(w)
	return true
}
