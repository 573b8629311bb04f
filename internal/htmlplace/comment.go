package htmlplace

import "strings"

// openComment begins a comment behind a "<" at i, where a "!", a "?" or a "/"
// stands that begins no tag. Where parsers differ about the comment, nothing
// behind it can be placed.
func (s *Scanner) openComment(text string, i int) int {
	rest := text[i:]
	s.state, s.bogus = stateComment, true
	switch {
	case strings.HasPrefix(rest, "!-->"), strings.HasPrefix(rest, "!--->"):
		// For the standard it ends at once, for others at the next "-->".
		s.lost = "behind a comment that parsers do not end at the same place"
		return i
	case strings.HasPrefix(rest, "!--"):
		s.bogus = false
		return i + len("!--")
	case hasPrefixFold(rest, "![cdata["):
		// A comment up to ">", or text up to "]]>".
		s.lost = "behind a CDATA section"
		return i
	}
	return i + 1
}

// comment reads up to the end of a comment. What cannot be read whole, because a
// value stands within, takes no value.
func (s *Scanner) comment(text string, i int) int {
	mark := "-->"
	if s.bogus {
		mark = ">"
	}
	data, _, closed := strings.Cut(text[i:], mark)
	switch {
	case strings.IndexByte(data, 0) >= 0:
		s.lost = "after a NUL character"
	case !s.bogus && strings.Contains(data, "--!>"):
		s.lost = "behind a comment that parsers do not end at the same place"
	case s.bogus && strings.IndexByte(data, '<') >= 0:
		s.lost = `behind a "<" in a tag that is none`
	case s.noscript && strings.IndexByte(data, '<') >= 0:
		// With scripts enabled, what stands within noscript is no comment.
		s.lost = `after a "<" in a comment within noscript`
	case closed && !s.bogus && !s.balanced(data):
		s.lost = "behind a conditional comment that leaves a tag or an element open"
	}
	if !closed {
		return len(text)
	}
	s.state = stateText
	return i + len(data) + len(mark)
}

// balanced reports whether a comment leaves a mail client that reads the content
// of conditional comments where it leaves all others. Outlook does:
//
//	<!--[if mso]> content <![endif]-->
//
// A comment without content, such as <!--[if !mso]><!-->, only begins or ends what
// is no comment for others. It is scanned as it stands.
func (s *Scanner) balanced(data string) bool {
	data = strings.TrimLeft(data, " \t\n\f\r")
	if !hasPrefixFold(data, "[if") {
		return true
	}
	_, content, found := strings.Cut(data, "]>")
	if !found {
		return false
	}
	if end := strings.LastIndex(content, "<!["); end >= 0 && hasPrefixFold(content[end:], "<![endif]") {
		content = content[:end]
	} else if content = strings.Trim(content, " \t\n\f\r"); content == "" || content == "<!" || content == "<!--" {
		return true
	} else {
		return false
	}
	inside := *s
	inside.state = stateText
	inside.Literal(content)
	return inside.lost == "" && inside.state == stateText && inside.noscript == s.noscript && inside.foreign == s.foreign
}

// InComment reports whether the scanner stands in a comment.
func (s *Scanner) InComment() bool { return s.lost == "" && s.state == stateComment }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
