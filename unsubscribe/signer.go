package unsubscribe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

// MinKeyLength is how many bytes a key has at least.
const MinKeyLength = 32

// What [Signer.Check] returns for a token that it does not accept. Tell them apart by
// [errors.Is].
var (
	// ErrBad is returned for a token that no key of the signer has signed, or that is none.
	ErrBad = errors.New("unsubscribe: the token is not one of ours")
	// ErrExpired is returned for a token whose time is over.
	ErrExpired = errors.New("unsubscribe: the token has expired")
)

// A Subject is what a token says: who refuses what.
type Subject struct {
	// Contact is who unsubscribes. A token keeps the identity that decides, which is the
	// first that is given (E1), and no other.
	Contact beckon.Identity
	// From is what the contact refuses, as [beckon.Engine.Unsubscribe] takes it: "email",
	// "push" or "sms", one tag of these, such as "email:promo", or a topic of the program
	// (C6, D11). Whether the program has the topic shows when the link is followed.
	From string
	// Expires is when the token ends, in whole seconds: what is less than a second is cut
	// off. Zero means never, which is what laws about mail ask for that want an old link to
	// work. Else let it work for 30 days at least.
	Expires time.Time
}

// A Signer makes tokens and checks them. It is safe for concurrent use. The zero Signer has no
// key: it makes no token and accepts none.
type Signer struct {
	// Functions, since a key must not be printed with the signer.
	macs []func() hash.Hash
}

// NewSigner returns a signer with one or more keys, each of [MinKeyLength] random bytes or
// more. The first one signs, and a token that any of them has signed is accepted. So a new
// key goes in front of the old one, which stays as long as links are to work that it signed:
// without an expiry, that is for good. The keys are copied. The error says which key is too
// short, or that there is none.
func NewSigner(keys ...[]byte) (*Signer, error) {
	if len(keys) == 0 {
		return nil, errors.New("unsubscribe: a signer has one key at least")
	}
	s := &Signer{}
	for i, key := range keys {
		if len(key) < MinKeyLength {
			return nil, fmt.Errorf("unsubscribe: key %d has %d bytes, expected %d or more", i+1, len(key), MinKeyLength)
		}
		own := strings.Clone(string(key))
		s.macs = append(s.macs, func() hash.Hash { return hmac.New(sha256.New, []byte(own)) })
	}
	return s, nil
}

// Token returns the token of a subject: letters, digits, "-" and "_", as many as a URL may
// have (with a user_id of 10 bytes and "email", 68). The same subject has the same token as long as
// the first key is the same. The error says what is wrong with the subject.
func (s *Signer) Token(sub Subject) (string, error) {
	if s == nil || len(s.macs) == 0 {
		return "", errors.New("unsubscribe: the signer has no key: use NewSigner")
	}
	token, err := appendSubject(nil, sub)
	if err != nil {
		return "", err
	}
	return encoding.EncodeToString(append(token, sign(s.macs[0], token)...)), nil
}

// Check returns what a token says that this signer has made, or another one with one of its
// keys. Contact has one identity. The error is [ErrBad], or, at the instant of Expires and
// later, [ErrExpired]. The token may be any text. Nothing of it is believed before its
// signature has been compared, in a time that does not tell how much of it was right.
func (s *Signer) Check(token string, now time.Time) (Subject, error) {
	if s == nil || len(token) > maxToken || strings.ContainsAny(token, "\r\n") { // the decoder passes these by
		return Subject{}, ErrBad
	}
	data, err := encoding.DecodeString(token)
	if err != nil || len(data) < sha256.Size {
		return Subject{}, ErrBad
	}
	data, mac := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	ours := false
	for _, m := range s.macs {
		ours = hmac.Equal(sign(m, data), mac) || ours
	}
	if !ours {
		return Subject{}, ErrBad
	}
	sub, ok := parseSubject(data)
	switch {
	case !ok:
		return Subject{}, ErrBad
	case !sub.Expires.IsZero() && !now.Before(sub.Expires):
		return Subject{}, ErrExpired
	}
	return sub, nil
}

// encoding is strict: each token has one spelling.
//
//nolint:gochecknoglobals // a constant that the language has no form for
var encoding = base64.RawURLEncoding.Strict()

// maxToken is more than the longest token has.
const maxToken = 8192

// sign returns what proves a token. What it signs begins with a text of its own: the key may
// sign other things elsewhere.
func sign(mac func() hash.Hash, data []byte) []byte {
	m := mac()
	m.Write([]byte("beckon unsubscribe " + strconv.Itoa(version) + "\x00"))
	m.Write(data)
	return m.Sum(nil)
}
