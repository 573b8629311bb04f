package event

import (
	"unsafe"

	"github.com/beckon-go/beckon/internal/peek"
)

// Own reports whether nothing of the event lies in a borrowed body any more: it has copied
// those texts that do. They are few: names that the program knows have been put in the
// place of the same ones before. An event with a page, or about which there is something to
// say, is left as it is: then the body is no longer to be used again.
func (e *Event) Own(body string) bool {
	if e.Page != nil || len(e.Found.Faults)+len(e.Found.strays) > 0 {
		return false
	}
	// No append, and no function that adds: either would have the event outlive the call.
	var texts [16]*string
	n, size := 0, 0
	for _, t := range [...]*string{&e.Name, &e.UserID, &e.ID, &e.Email, &e.AnonymousID, &e.EventID, &e.CompanyID, (*string)(&e.Source)} {
		if liesIn(body, *t) {
			texts[n], n, size = t, n+1, size+len(*t)
		}
	}
	for i := range e.Metadata {
		f := &e.Metadata[i]
		if n+2 > len(texts) {
			copyOut(texts[:n], size)
			n, size = 0, 0
		}
		if liesIn(body, f.Key) {
			texts[n], n, size = &f.Key, n+1, size+len(f.Key)
		}
		if t := &peek.Of(&f.Value).Str; liesIn(body, *t) {
			texts[n], n, size = t, n+1, size+len(*t)
		}
	}
	copyOut(texts[:n], size)
	return true
}

// liesIn reports whether a text is a part of the body: of its memory.
func liesIn(body, text string) bool {
	from := uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(body)))
	return from < uintptr(len(body)) && text != ""
}

// copyOut puts copies in the place of texts, in one piece of memory of the size of all.
func copyOut(texts []*string, size int) {
	if size == 0 {
		return
	}
	own := make([]byte, size)
	text := unsafe.String(&own[0], size) // a part of it is read once it is written
	at := 0
	for _, t := range texts {
		n := copy(own[at:], *t)
		*t = text[at : at+n]
		at += n
	}
}
