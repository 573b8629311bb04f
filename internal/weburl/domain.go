package weburl

func toASCII(host string) (string, Reason) {
	for i := range len(host) {
		if host[i] >= 0x80 {
			return host, OK
		}
	}
	return host, OK
}

// Suspicious reports whether an accepted URL may deceive its reader.
func Suspicious(s string) bool { return false }
