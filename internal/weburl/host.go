package weburl

import (
	"net/netip"
	"strings"
)

// checkHost judges a host that is not empty.
func checkHost(host string) Reason {
	if host[0] == '[' {
		return checkIPv6(host)
	}
	if strings.IndexByte(host, '%') >= 0 {
		var ok bool
		if host, ok = decode(host); !ok {
			return Host
		}
	}
	for i := range len(host) {
		if forbidden(host[i]) {
			return Host
		}
	}
	return checkDomain(host)
}

// checkIPv6 judges a host in brackets. A zone, as in fe80::1%eth0, is not
// part of a URL.
func checkIPv6(host string) Reason {
	inner, closed := strings.CutSuffix(host[1:], "]")
	if !closed || strings.IndexByte(inner, '%') >= 0 {
		return IPAddress
	}
	if addr, err := netip.ParseAddr(inner); err != nil || !addr.Is6() {
		return IPAddress
	}
	return OK
}

// forbidden reports whether an ASCII character cannot stand in a domain.
func forbidden(c byte) bool {
	return c <= ' ' || c == 0x7f || strings.IndexByte("#/:<>?@[\\]^|%", c) >= 0
}

// decode returns the host with its percent escapes decoded; a bare percent sign
// is none, and forbidden. It allocates: such hosts are rare.
func decode(host string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(host); i++ {
		c := host[i]
		if c == '%' {
			if i+2 >= len(host) {
				return "", false
			}
			hi, lo := unhex(host[i+1]), unhex(host[i+2])
			if hi < 0 || lo < 0 {
				return "", false
			}
			c = byte(hi<<4 | lo)
			i += 2
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// checkDomain judges a decoded host: a domain, or an IPv4 address in any of
// the forms that browsers read as one.
func checkDomain(host string) Reason {
	ascii, r := toASCII(host)
	if r != OK {
		return r
	}
	if len(ascii) == 0 {
		return NoHost
	}
	if endsInNumber(ascii) && !validIPv4(ascii) {
		return IPAddress
	}
	return OK
}

// endsInNumber reports whether browsers read a domain as an IPv4 address:
// whether its last label, except for one that a trailing dot leaves empty, is a
// number. One of decimal digits is, also if it is no valid octal, as 09.
func endsInNumber(host string) bool {
	last := lastLabel(host)
	if len(last) == 0 {
		return false
	}
	digits := true
	for i := range len(last) {
		if last[i] < '0' || last[i] > '9' {
			digits = false
		}
	}
	if digits {
		return true
	}
	_, ok := ipv4Number(last)
	return ok
}

// lastLabel returns the last label, or the one before a trailing dot.
func lastLabel(host string) string {
	end := len(host)
	if end > 0 && host[end-1] == '.' {
		end--
	}
	start := end
	for start > 0 && host[start-1] != '.' {
		start--
	}
	return host[start:end]
}

// validIPv4 judges one to four numbers, each decimal, octal (0…) or
// hexadecimal (0x…); all but the last are a byte, the last is the rest.
func validIPv4(host string) bool {
	if host[len(host)-1] == '.' {
		host = host[:len(host)-1]
	}
	for parts := 1; ; parts++ {
		end := 0
		for end < len(host) && host[end] != '.' {
			end++
		}
		n, ok := ipv4Number(host[:end])
		if !ok || parts > 4 {
			return false
		}
		if end == len(host) {
			return n < 1<<(8*(5-parts))
		}
		if n > 255 {
			return false
		}
		host = host[end+1:]
	}
}

// ipv4Number reads one number of an IPv4 address; great ones saturate.
func ipv4Number(part string) (n uint64, ok bool) {
	if len(part) == 0 {
		return 0, false
	}
	base := 10
	switch {
	case len(part) >= 2 && part[0] == '0' && (part[1] == 'x' || part[1] == 'X'):
		base, part = 16, part[2:]
	case len(part) >= 2 && part[0] == '0':
		base, part = 8, part[1:]
	}
	for i := range len(part) {
		d := unhex(part[i])
		if d < 0 || d >= base {
			return 0, false
		}
		if n = n*uint64(base) + uint64(d); n > 1<<32 {
			n = 1 << 32
		}
	}
	return n, true
}
