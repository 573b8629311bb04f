package redisstore

import (
	"crypto/sha256"
	"encoding/binary"
	"net/url"
	"strconv"

	"github.com/beckon-go/beckon/store"
)

// Where things are. Everything of a record, its place in every index and its
// share of the totals are under keys with one hash tag, that of its
// partition: {namespace:partition.nonce}. They are in one hash slot, so one
// script can change them together. Behind the tag comes one letter:
//
//	r<kind>:<id>   string      a version of 8 bytes, then the record
//	e<kind>:<id>   sorted set  the record's events: time, sequence, the event
//	k<kind>        sorted set  ids of all records of the kind
//	d              sorted set  when something is due: time, kind, id
//	p              sorted set  when a lease ends: time, kind marked, id, 255, channels of 2 bytes
//	m              sorted set  records being merged: kind, id
//	x              sorted set  contacts by email: 16 bytes of the folded address' hash, kind, id
//	t:<message>    hash        counts by name
//
// Sorted sets have the score 0 throughout and are in the order of their
// members' bytes: scores are floating-point numbers, and not exact.
//
// The form is persisted; what changes it takes another format number.
type layout struct {
	meta string   // the key that says how the others are made
	tags []string // of the partitions
}

// slots is how many hash slots Redis Cluster has.
const slots = 16384

// newLayout makes the layout of a namespace, which is escaped: it contains
// neither colon nor brace afterwards.
func newLayout(namespace string, partitions int) *layout {
	l := &layout{meta: metaKey(namespace), tags: make([]string, partitions)}
	for p := range l.tags {
		l.tags[p] = tag(url.QueryEscape(namespace), p, partitions)
	}
	return l
}

func metaKey(namespace string) string { return "{" + url.QueryEscape(namespace) + ":meta}" }

// tag makes the hash tag of a partition. The nonce is the first that puts it
// into the partition's even share of the slots, so that masters with equal
// shares of slots have equal shares of partitions.
func tag(namespace string, p, partitions int) string {
	start := namespace + ":" + strconv.Itoa(p) + "."
	before := crc16(0, start)
	for nonce := 0; ; nonce++ {
		end := strconv.Itoa(nonce)
		if slot := int(crc16(before, end)) % slots; slot*partitions/slots == p {
			return "{" + start + end + "}"
		}
	}
}

// crc16 is the checksum by which Redis Cluster chooses slots (CRC-16/XMODEM).
func crc16(sum uint16, s string) uint16 {
	for i := range len(s) {
		sum ^= uint16(s[i]) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// tag returns the hash tag of a record's partition.
func (l *layout) tag(key store.Key) string { return l.tags[l.partOf(key)] }

// partOf returns the partition that a record is in, which never changes: it is FNV-1a
// over the kind and the id, its halves folded.
func (l *layout) partOf(key store.Key) int {
	const offset, prime = 14695981039346656037, 1099511628211
	h := (offset ^ uint64(key.Kind)) * prime
	for i := range len(key.ID) {
		h = (h ^ uint64(key.ID[i])) * prime
	}
	h ^= h >> 32
	return int(h % uint64(len(l.tags)))
}

func recordKey(tag string, key store.Key) string { return named(tag, 'r', key) }
func eventsKey(tag string, key store.Key) string { return named(tag, 'e', key) }
func kindKey(tag string, kind store.Kind) string { return tag + "k" + strconv.Itoa(int(kind)) }
func totalsKey(tag, message string) string       { return tag + "t:" + message }

// Keys of the indices, behind the tag.
const (
	dueKey     = "d"
	pendingKey = "p"
	movingKey  = "m"
	emailKey   = "x"
)

// named makes a key of an id: the kind is a number, so the first colon behind
// the tag ends it, whatever the id contains.
func named(tag string, letter byte, key store.Key) string {
	b := make([]byte, 0, len(tag)+len(key.ID)+5)
	b = append(append(b, tag...), letter)
	b = strconv.AppendUint(b, uint64(key.Kind), 10)
	return string(append(append(b, ':'), key.ID...))
}

// facets are what of a record is indexed. The zero facets are in no index.
type facets struct {
	due      int64
	pending  int64
	channels store.ChannelSet // of what is pending
	email    string
	moving   bool
}

func facetsOf(r *store.Record) facets {
	f := facets{pending: r.NextPending()}
	if f.pending != 0 {
		f.channels = r.PendingChannels()
	}
	if r.Profile != nil {
		f.due, f.email, f.moving = r.NextDue(), r.Email(), !r.Profile.Moving.IsZero()
	}
	return f
}

// appendInstant appends a number so that bytes compare as the numbers do.
func appendInstant(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(n)^1<<63)
}

// Members of the indices end with the record's kind and id.

func appendKey(b []byte, key store.Key) string {
	return string(append(append(b, byte(key.Kind)), key.ID...))
}

func timeMember(at int64, key store.Key) string {
	return appendKey(appendInstant(make([]byte, 0, 9+len(key.ID)), at), key)
}

// A member of the index of leases says on which channels something is pending, so that
// who asks for others need not read the record. Its kind is marked: format 2 had members
// without channels, which are found as ever and go with the next change. No id has the
// byte before the channels, which is above all that ids have: so they do not change where
// the member stands among those of other records.
const (
	marked       = 0x80 // on the kind
	channelsMark = 0xff
	channelsSize = 3 // with the mark
)

func leaseMember(at int64, channels store.ChannelSet, key store.Key) string {
	b := appendInstant(make([]byte, 0, instantSize+1+len(key.ID)+channelsSize), at)
	b = append(append(b, byte(key.Kind)|marked), key.ID...)
	return string(binary.BigEndian.AppendUint16(append(b, channelsMark), uint16(channels)))
}

func movingMember(key store.Key) string { return appendKey(nil, key) }

func emailMember(email string, key store.Key) string {
	return appendKey([]byte(emailHash(email)), key)
}

// emailHash stands for an address: of one length, and not to be read by those
// who see keys only. Two that share one are told apart by their records.
func emailHash(email string) string {
	sum := sha256.Sum256([]byte(email))
	return string(sum[:emailHashSize])
}

const (
	emailHashSize = 16
	instantSize   = 8
)

// eventPlace is what an event's member in the log begins with.
func eventPlace(at int64, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(appendInstant(make([]byte, 0, 16), at), seq)
}

const eventPlaceSize = 16

// placeOf returns the mark that a member of the log begins with. Of one that is cut
// short, and so is before all that begins as it does, it returns the mark before.
func placeOf(member string) store.EventCursor {
	var b [eventPlaceSize]byte
	if n := copy(b[:], member); n < len(b) {
		for i := len(b) - 1; i >= 0; i-- {
			if b[i]--; b[i] != 0xff {
				break
			}
		}
	}
	return store.EventCursor{At: int64(binary.BigEndian.Uint64(b[:]) ^ 1<<63), Seq: binary.BigEndian.Uint64(b[instantSize:])}
}
