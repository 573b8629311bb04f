package consent

import "context"

type signedKey struct{}

// Signed returns the context of a call that refuses what the host has signed once: a topic
// of it is noted although the program does not have it, or not yet (C6).
func Signed(ctx context.Context) context.Context { return context.WithValue(ctx, signedKey{}, true) }

// IsSigned reports whether a context is one of Signed.
func IsSigned(ctx context.Context) bool { return ctx.Value(signedKey{}) != nil }
