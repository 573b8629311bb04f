package fold

import "strings"

// The limits of an email address, by RFC 5321.
const (
	maxEmailLength = 254 // of the whole, in bytes
	maxEmailLocal  = 64
	maxEmailLabel  = 63 // of each label of the domain
)

// EmailSpelling returns an email address as it is kept and shown (E1): in the
// letter case in which it is given, and without quotes that it does not need. It
// is not ok unless addr is a bare addr-spec, as both RFC 5321 and RFC 5322 have
// it: a local part of atoms or in quotes, "@", and a domain of letters, digits
// and hyphens. No name, comment, white space, address literal or letter outside
// ASCII stands in it: a host that has an international domain gives it in its
// ASCII form. Whether the address exists is not asked. It does not allocate for
// an address that has no such quotes.
func EmailSpelling(addr string) (spelling string, ok bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 1 || at > maxEmailLocal || len(addr) > maxEmailLength {
		return "", false
	}
	local, domain := addr[:at], addr[at+1:]
	if !validDomain(domain) {
		return "", false
	}
	switch {
	case isDotAtom(local):
	case local[0] == '"':
		if local, ok = canonicalQuoted(local); !ok {
			return "", false
		}
	default:
		return "", false
	}
	if len(local) != at {
		return local + "@" + domain, true
	}
	return addr, true
}

// Email returns an address with its letters A to Z in lower case.
func Email(address string) string {
	for i := range len(address) {
		if c := address[i]; 'A' <= c && c <= 'Z' {
			return foldASCII(address)
		}
	}
	return address
}

func foldASCII(s string) string {
	out := []byte(s)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return string(out)
}

// EmailDomain returns an address with its domain folded and the local part as it is.
func EmailDomain(address string) string {
	at := strings.LastIndexByte(address, '@') + 1
	if domain := Email(address[at:]); domain != address[at:] {
		return address[:at] + domain
	}
	return address
}

// validDomain judges dotted labels of letters, digits and inner hyphens.
func validDomain(domain string) bool {
	start := 0
	for i := 0; i <= len(domain); i++ {
		if i < len(domain) && domain[i] != '.' {
			if c := domain[i]; c != '-' && !isAlnum(c) {
				return false
			}
			continue
		}
		if i == start || i-start > maxEmailLabel || domain[start] == '-' || domain[i-1] == '-' {
			return false
		}
		start = i + 1
	}
	return true
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// isDotAtom reports whether s is atoms with single dots between them.
func isDotAtom(s string) bool {
	dot := true // as if one stood before s
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.':
			if dot {
				return false
			}
		case !isAlnum(c) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) < 0:
			return false
		}
		dot = c == '.'
	}
	return !dot
}

// canonicalQuoted judges a local part in quotes, and returns it with no quote
// and no backslash but those it needs.
func canonicalQuoted(local string) (string, bool) {
	if len(local) < 2 || local[len(local)-1] != '"' {
		return "", false
	}
	var plain, quoted strings.Builder
	quoted.WriteByte('"')
	inner := local[1 : len(local)-1]
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c == '"' {
			return "", false
		}
		if c == '\\' {
			if i++; i == len(inner) {
				return "", false // the closing quote is escaped
			}
			c = inner[i]
		}
		if c < ' ' || c > '~' {
			return "", false
		}
		if c == '"' || c == '\\' {
			quoted.WriteByte('\\')
		}
		quoted.WriteByte(c)
		plain.WriteByte(c)
	}
	if isDotAtom(plain.String()) {
		return plain.String(), true
	}
	quoted.WriteByte('"')
	return quoted.String(), plain.Len() > 0
}
