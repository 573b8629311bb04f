package render

import "strings"

// maxStray is how many "<" that open no tag an HTML template may have.
// html/template looks at all the rest of a template for each of them, so
// that without a bound its time would grow with the square of the size.
const maxStray = 1000

// maxScriptHoles is how many "${" the fixed text of an HTML template may have.
// html/template remembers all that are open, again for each of them, and what is in
// a script shows no variable of ours anyway.
const maxScriptHoles = 1000

// scriptHole returns the byte offset in the source of the first "${" too many, or -1.
func scriptHole(segments []segment) int {
	count := 0
	for _, s := range segments {
		for i := 0; ; i += 2 {
			next := strings.Index(s.text[i:], "${")
			if next < 0 {
				break
			}
			i += next
			if count++; count > maxScriptHoles {
				return s.start + i
			}
		}
	}
	return -1
}

// strayLess returns the byte offset in the source of the first "<" too many
// that opens no tag, or -1. It may count some that html/template does not
// mind, in a script, say.
func strayLess(segments []segment) int {
	count := 0
	inside := "" // title or textarea, in which no tag opens
	for _, s := range segments {
		for i := 0; i < len(s.text); i++ {
			next := strings.IndexByte(s.text[i:], '<')
			if next < 0 {
				break
			}
			i += next
			rest := s.text[i+1:]
			switch {
			case inside != "" && hasPrefixFold(rest, "/"+inside):
				inside = ""
				continue
			case inside == "" && opensMarkup(rest):
				for _, name := range []string{"title", "textarea"} {
					if hasPrefixFold(rest, name) {
						inside = name
					}
				}
				continue
			}
			if count++; count > maxStray {
				return s.start + i
			}
		}
	}
	return -1
}

// opensMarkup reports whether what follows a "<" makes it a tag or a comment.
func opensMarkup(rest string) bool {
	rest, end := strings.CutPrefix(rest, "/")
	return rest != "" && ('a' <= rest[0]|0x20 && rest[0]|0x20 <= 'z') || !end && strings.HasPrefix(rest, "!--")
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
