package event

import (
	"strings"
	"unsafe"

	"github.com/beckon-go/beckon/internal/peek"
)

// Own reports whether nothing of the event lies in a borrowed body any more: it has copied
// those texts that do, into one piece of memory. They are few: names that the program knows
// have been put in the place of the same ones before. An event with a page, or about which
// there is something to say, is left as it is: then the body is no longer to be used again.
func (e *Event) Own(body string) bool {
	if e.Page != nil || len(e.Found.Faults)+len(e.Found.strays) > 0 {
		return false
	}
	texts := [...]*string{&e.Name, &e.UserID, &e.ID, &e.Email, &e.AnonymousID, &e.EventID, &e.CompanyID, (*string)(&e.Source)}
	size := 0
	for _, t := range texts {
		size += sizeWithin(body, *t)
	}
	for i := range e.Metadata {
		f := &e.Metadata[i]
		size += sizeWithin(body, f.Key) + sizeWithin(body, peek.Of(&f.Value).Str)
	}
	if size == 0 {
		return true
	}
	var own strings.Builder
	own.Grow(size)
	for _, t := range texts {
		takeOut(&own, body, t)
	}
	for i := range e.Metadata {
		f := &e.Metadata[i]
		takeOut(&own, body, &f.Key)
		takeOut(&own, body, &peek.Of(&f.Value).Str)
	}
	return true
}

// sizeWithin returns the size of a text that lies in a body, and 0 for any other.
func sizeWithin(body, text string) int {
	if lies(body, text) {
		return len(text)
	}
	return 0
}

// lies reports whether a text is a part of the body: of its memory.
func lies(body, text string) bool {
	from := uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(body)))
	return text != "" && from < uintptr(len(body))
}

// takeOut copies a text that lies in a body behind what own has, and puts the copy in its
// place.
func takeOut(own *strings.Builder, body string, text *string) {
	if lies(body, *text) {
		from := own.Len()
		own.WriteString(*text)
		*text = own.String()[from:]
	}
}
