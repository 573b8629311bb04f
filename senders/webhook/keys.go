package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a webhook.
const (
	HeaderID        = "Webhook-Id"        // the delivery's ID, the same in each try
	HeaderTimestamp = "Webhook-Timestamp" // when this try was made, in seconds since 1970
	HeaderSignature = "Webhook-Signature" // one signature by each key, apart by spaces
)

// How long a key is, in bytes.
const (
	MinKeyLength = 24
	MaxKeyLength = 64
)

// Tolerance is how far the time of a webhook may be from that of its receiver.
const Tolerance = 5 * time.Minute

const (
	keyPrefix = "whsec_"
	scheme    = "v1,"
	maxHeader = 4096 // bytes of signatures that are read
)

// What [Keys.Verify] returns. Tell them apart by [errors.Is].
var (
	// ErrSignature is returned for what none of the keys has signed, or what has no
	// signature.
	ErrSignature = errors.New("webhook: none of our keys has signed it")
	// ErrTime is returned for what was signed too long ago, or in the future: it may be a
	// copy that somebody sends again.
	ErrTime = errors.New("webhook: it was signed more than five minutes from now")
)

// Keys are one or more secrets that a sender and its receivers share. A sender signs with
// each, and a receiver accepts what one of its own has signed. So a key is replaced in three
// steps, in this order: the receiver takes the new one beside the old one, the sender
// replaces it, the receiver drops the old one; or the sender signs with both for as long as
// its receivers need. Keys are safe for concurrent use. The zero Keys accept nothing.
type Keys struct {
	// Functions, since a key must not be printed.
	macs []func() hash.Hash
}

// ParseKeys reads one or more keys as the specification writes them: "whsec_" and base64 of
// 24 to 64 random bytes. One is made by
//
//	echo whsec_$(openssl rand -base64 32)
//
// The error says which key is wrong, and quotes none.
func ParseKeys(secrets ...string) (Keys, error) {
	var k Keys
	if len(secrets) == 0 {
		return k, errors.New("webhook: expected one key at least")
	}
	for i, secret := range secrets {
		text, found := strings.CutPrefix(secret, keyPrefix)
		key, err := base64.StdEncoding.DecodeString(text)
		if !found || err != nil || len(key) < MinKeyLength || len(key) > MaxKeyLength {
			return Keys{}, fmt.Errorf("webhook: key %d must be %q and base64 of %d to %d bytes", i+1, keyPrefix, MinKeyLength, MaxKeyLength)
		}
		k.macs = append(k.macs, func() hash.Hash { return hmac.New(sha256.New, key) })
	}
	return k, nil
}

// sign returns the value of the header of signatures.
func (k Keys) sign(id, timestamp string, body []byte) string {
	var b strings.Builder
	for i, mac := range k.macs {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(scheme)
		b.WriteString(base64.StdEncoding.EncodeToString(signature(mac, id, timestamp, body)))
	}
	return b.String()
}

func signature(mac func() hash.Hash, id, timestamp string, body []byte) []byte {
	m := mac()
	m.Write([]byte(id + "." + timestamp + "."))
	m.Write(body)
	return m.Sum(nil)
}

// Verify checks what a receiver got: the headers of the request, its body as it was read,
// byte for byte, and the receiver's time. Limit the body while you read it, by
// [http.MaxBytesReader]. Nil means that one of the keys has signed it within [Tolerance] of
// now. The error is [ErrSignature] or [ErrTime].
//
// A delivery may come several times, and comes again for some days while nobody answers with
// a status of 2xx: remember the ID in the header [HeaderID].
func (k Keys) Verify(header http.Header, body []byte, now time.Time) error {
	id, timestamp, list := header.Get(HeaderID), header.Get(HeaderTimestamp), header.Get(HeaderSignature)
	if id == "" || strings.Contains(id, ".") || len(list) > maxHeader {
		return ErrSignature
	}
	seconds, err := strconv.ParseUint(timestamp, 10, 40)
	if err != nil {
		return ErrSignature
	}
	ours := false
	for text := range strings.SplitSeq(list, " ") {
		text, known := strings.CutPrefix(text, scheme) // others are of later schemes
		given, err := base64.StdEncoding.DecodeString(text)
		if !known || err != nil {
			continue
		}
		for _, mac := range k.macs {
			ours = hmac.Equal(signature(mac, id, timestamp, body), given) || ours
		}
	}
	if !ours {
		return ErrSignature
	}
	if apart := now.Sub(time.Unix(int64(seconds), 0)); apart > Tolerance || apart < -Tolerance {
		return ErrTime
	}
	return nil
}
