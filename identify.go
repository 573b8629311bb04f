package beckon

import (
	"crypto/sha256"

	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
)

// identify finds the event's identity, by which a repeat is known (E7): its
// id, whatever the name; else, if its time was given, name, second and the
// metadata that counts. One with neither is always new.
func (d *decision) identify(canonical string) {
	var scratch [512]byte
	switch {
	case d.in.event.id != "":
		d.in.hash, d.in.hashed = hash16(scratch[:], "id", d.in.event.id), true
	case d.in.event.dated:
		body := d.reused.text[:0]
		fields := d.in.event.fields
		for i := range fields {
			key := fold.Key(fields[i].Key)
			body = appendUint32(body, len(key))
			body = append(body, key...)
			body = peek.Of(&fields[i].Value).AppendIdentity(body)
		}
		d.reused.text = body
		var at [8]byte
		for i := range at {
			at[i] = byte(d.in.event.created >> (8 * i))
		}
		d.in.hash, d.in.hashed = hash16(scratch[:], "at", canonical, string(at[:]), string(body)), true
	}
}

func appendUint32(b []byte, n int) []byte {
	return append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// hash16 is the hash behind delivery ids, repeats and control groups: SHA-256,
// cut to 16 bytes, over parts that carry their length, so that no two lists of
// parts run together.
func hash16(scratch []byte, parts ...string) [16]byte {
	b := scratch[:0]
	for _, p := range parts {
		n := len(p)
		b = append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}
