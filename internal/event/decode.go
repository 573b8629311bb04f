package event

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// Decode reads one posted event into d.Event. The decoder is a new one. What is wrong
// with the body itself is in the event's faults: not JSON, types, fields twice. What is
// wrong with the event that it says is for [Event.Validate] to find, as with an event
// built in Go.
//
// The options are what Validate may take for granted of this event.
func (d *Decoder) Decode(r io.Reader) Options {
	body, err := ojson.ReadBody(r, MaxBytes)
	if err != nil {
		d.Event.Found.Faults.First(bodyFault(err))
		return Options{Known: KnownDecoded}
	}
	return d.DecodeString(body)
}

// Read is the first half of [Decoder.Decode]: it reads the body, into room, which it returns,
// or into larger memory if that is too small. Of this memory the texts of the event will be
// parts, until [Event.Own] has given it its own: in the options the body is Borrowed. After an
// error it returns nil: a reader that gave up, say at its deadline, may write to room later.
func (d *Decoder) Read(room []byte, r io.Reader) []byte {
	if text, ok := r.(*ojson.Text); ok { // nobody ever writes to it
		d.body, d.failed = ojson.ReadBody(text, MaxBytes)
		return room
	}
	room, d.failed = ojson.ReadBodyInto(room, r, MaxBytes)
	d.body, d.borrows = unsafe.String(unsafe.SliceData(room), len(room)), true
	if d.failed != nil {
		return nil
	}
	return room
}

// LeadName returns the event's name if the body that was read begins with it, as most do; else
// nothing.
func (d *Decoder) LeadName() string { return leadName(d.body) }

// DecodeRead is the second half: it decodes the body that was read. s is the shape that it
// may have, by its name; nil if none is known. If it has it, that is in the options.
func (d *Decoder) DecodeRead(s *Shape) (known Options) {
	switch {
	case d.failed != nil:
		d.Event.Found.Faults.First(bodyFault(d.failed))
		known.Known = KnownDecoded
	case s != nil && s.of(d):
		known.Known, known.Shape = (KnownDecoded|KnownName|KnownKinds|knownTexts|knownSound|knownUsual)&^d.doubts, s
	default:
		known = d.DecodeString(d.body)
	}
	if d.borrows {
		known.Borrowed = d.body
	}
	return known
}

// DecodeString is [Decoder.Decode] of a body that is at hand.
func (d *Decoder) DecodeString(body string) Options {
	if len(body) > MaxBytes {
		d.Event.Found.Faults.Add(fault.ErrBodyTooLarge, "", "the body has more than "+strconv.Itoa(MaxBytes)+" bytes")
		return Options{Known: KnownDecoded}
	}
	d.Init(body, MaxDepth, true)
	switch kind := d.Kind(); kind {
	case ojson.Object:
		d.event()
		d.End()
	default:
		d.Skip()
		d.End()
		if d.Err() == nil {
			d.Event.Found.Faults.Add(fault.ErrTypeInvalid, "", "an event must be an object, got "+kind.String())
		}
	}
	if err := d.Err(); err != nil {
		d.Event.Found.Faults.First(bodyFault(err))
	}
	return Options{Known: (KnownDecoded | knownSound | knownUsual) &^ d.doubts}
}

// bodyFault returns the error of a body that could not be read whole. It has no
// field, which is how Validate knows.
func bodyFault(err error) (code fault.Code, field, message string) {
	var e *ojson.Error
	switch {
	case !errors.As(err, &e):
		// The reader's error may hold anything, so it is quoted like input.
		return fault.ErrJSONInvalid, "", "the body could not be read: " + fault.Quote(err.Error())
	case e.Reason == ojson.TooLarge:
		code = fault.ErrBodyTooLarge
	case e.Reason == ojson.NotUTF8:
		code = fault.ErrTextNotUTF8
	default:
		code = fault.ErrJSONInvalid
	}
	return code, "", e.Error()
}

// A Decoder takes an event out of a body in one pass, without building
// a tree of it.
type Decoder struct {
	ojson.Scanner
	Event  Event
	Room   value.Fields // memory for the metadata, to be written over; nil: it has its own
	node   ojson.Node   // the metadata value at hand, its memory used again and again
	doubts Known        // what of the metadata needs a closer look

	unknown int // fields that are not known, so far

	body    string // that was read
	borrows bool   // it is in memory that is used again
	failed  error  // why it could not be read
}

// An eventField is a field of the posted document.
type bodyField uint16

const (
	fieldEventName bodyField = 1 << iota
	fieldCreatedAt
	fieldUserID
	fieldID
	fieldEmail
	fieldAnonymousID
	fieldEventID
	fieldCompanyID
	fieldImport
	fieldSource
	fieldPage
	fieldMetadata
	fieldPageURL
	fieldPageSeconds
)

// bodyFieldNamed returns a field by its exact name, 0 if it is not known.
func bodyFieldNamed(name string) bodyField {
	switch name {
	case "event_name":
		return fieldEventName
	case "created_at":
		return fieldCreatedAt
	case "user_id":
		return fieldUserID
	case "id":
		return fieldID
	case "email":
		return fieldEmail
	case "anonymous_id":
		return fieldAnonymousID
	case "event_id":
		return fieldEventID
	case "company_id":
		return fieldCompanyID
	case "import":
		return fieldImport
	case "source":
		return fieldSource
	case "page":
		return fieldPage
	case "metadata":
		return fieldMetadata
	}
	return 0
}

// pageFieldNamed is bodyFieldNamed for the object under "page".
func pageFieldNamed(name string) bodyField {
	switch name {
	case "url":
		return fieldPageURL
	case "seconds":
		return fieldPageSeconds
	}
	return 0
}

// member takes the name of a member. It returns the field if the caller is to
// read the value; else the member has been skipped, with an error if it is a
// known one in other letter case or for the second time, and none if it is not
// known. prefix stands before the name in errors.
func (d *Decoder) member(named func(string) bodyField, prefix string, seen *bodyField) bodyField {
	name := d.Name()
	field := named(name)
	if field != 0 && *seen&field == 0 {
		*seen |= field
		return field
	}
	message := ""
	if field != 0 {
		message = "is there twice"
	} else if folded := fold.Key(name); named(folded) != 0 {
		message = "must be written " + strconv.Quote(folded) + ", got " + fault.Quote(name)
		name = folded
	}
	d.Skip()
	_, bad := d.TakeBadText()
	switch {
	case d.Err() != nil:
	case message != "":
		d.Event.Found.Faults.Add(fault.ErrJSONInvalid, prefix+name, message)
	case bad:
		field := prefix + fault.Shown(name)
		if field == "" {
			field = `""`
		}
		d.Event.Found.Faults.Add(fault.ErrTextNotUTF8, field, "is not valid UTF-8")
	default:
		d.stray(prefix, name)
	}
	return 0
}

func (d *Decoder) event() {
	var seen bodyField
	d.Enter()
	for d.Next() {
		field := d.member(bodyFieldNamed, "", &seen)
		if field == 0 {
			continue
		}
		d.value(field)
		d.TakeBadText() // of a known text, validate sees it
	}
}

// value takes the value of a field of the event.
func (d *Decoder) value(field bodyField) {
	e := &d.Event
	switch field {
	case fieldEventName:
		d.text(&e.Name, "event_name")
	case fieldCreatedAt:
		d.createdAt()
	case fieldUserID:
		d.identifier(&e.UserID, "user_id")
	case fieldID:
		d.identifier(&e.ID, "id")
	case fieldEmail:
		d.identifier(&e.Email, "email")
	case fieldAnonymousID:
		d.identifier(&e.AnonymousID, "anonymous_id")
	case fieldEventID:
		d.identifier(&e.EventID, "event_id")
	case fieldCompanyID:
		d.identifier(&e.CompanyID, "company_id")
	case fieldImport:
		if d.expect(ojson.Bool, "import") {
			e.Import = d.Bool()
		}
	case fieldSource:
		d.text((*string)(&e.Source), "source")
	case fieldPage:
		d.page()
	case fieldMetadata:
		d.metadata()
	}
}

// expect reports whether a value of the kind comes next. If not it is skipped,
// and is an error unless it is null, which is as if the field were absent.
func (d *Decoder) expect(kind ojson.Kind, field string) bool {
	got := d.Kind()
	if got == kind {
		return true
	}
	if d.Skip(); got != ojson.Null && d.Err() == nil {
		d.Event.Found.Faults.Add(fault.ErrTypeInvalid, field, "must be "+kind.String()+", got "+got.String())
	}
	return false
}

func (d *Decoder) text(dst *string, field string) {
	if text, ok := d.TakeText(); ok {
		*dst = text
	} else if d.expect(ojson.String, field) {
		*dst = d.Text()
	}
}

// identifier takes a string, or an integer as its digits (E1).
func (d *Decoder) identifier(dst *string, field string) {
	if text, ok := d.TakeText(); ok {
		*dst = text
		return
	}
	if d.Kind() != ojson.Number {
		d.text(dst, field)
		return
	}
	switch literal := d.Literal(); {
	case d.Err() != nil:
	case identity.IsInteger(literal):
		*dst = literal
	default:
		d.Event.Found.Faults.Add(fault.ErrTypeInvalid, field, identity.NumberFault(literal))
	}
}

// createdAt takes the time of the event. All that is not a whole number of
// seconds, text included, is one error: the value is wrong, whatever its type.
func (d *Decoder) createdAt() {
	kind := d.Kind()
	if kind != ojson.Number {
		if d.Skip(); kind != ojson.Null && d.Err() == nil {
			d.Event.Found.Faults.Add(fault.ErrCreatedAtInvalid, "created_at", "must be Unix seconds, a number, got "+kind.String())
		}
		return
	}
	literal := d.Literal()
	if d.Err() != nil {
		return
	}
	sec, message := unixSeconds(literal)
	switch {
	case message != "":
		d.Event.Found.Faults.Add(fault.ErrCreatedAtInvalid, "created_at", message+", got "+fault.Quote(literal))
	case sec != 0:
		d.Event.CreatedAt = time.Unix(sec, 0).UTC()
	}
}

func (d *Decoder) page() {
	if !d.expect(ojson.Object, "page") {
		return
	}
	p := new(store.Page)
	d.Event.Page = p
	var seen bodyField
	d.Enter()
	for d.Next() {
		switch d.member(pageFieldNamed, "page.", &seen) {
		case fieldPageURL:
			d.text(&p.URL, "page.url")
		case fieldPageSeconds:
			if d.expect(ojson.Number, "page.seconds") {
				p.Seconds = value.NumberLiteral(d.Literal())
			}
		}
		d.TakeBadText()
	}
}

// HasName reports whether a body is an object that has an event_name.
func HasName(body string) bool {
	const name = "event_name"
	if !strings.Contains(body, name) && !strings.Contains(body, `\u`) { // most contacts
		return false
	}
	var s ojson.Scanner
	if s.Init(body, MaxDepth, true); s.Kind() != ojson.Object {
		return false
	}
	for s.Enter(); s.Next(); s.Skip() {
		if s.Name() == name {
			return true
		}
	}
	return false
}
