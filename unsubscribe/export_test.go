package unsubscribe

// ParseSubject is what reads a token whose signature is right.
var ParseSubject = parseSubject
