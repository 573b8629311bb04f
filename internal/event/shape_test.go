package event

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/beckon-go/beckon/value"
)

// shapeOf returns the shape of a body that has nothing wrong with it; nil if it has.
func shapeOf(body string) *Shape {
	var d Decoder
	known := d.DecodeString(body)
	if warnings, errs := d.Event.Validate(time.Time{}, known); len(warnings)+len(errs) > 0 {
		return nil
	}
	return Learn(body, &d.Event, nil, nil)
}

// shaped decodes a body that may have a shape, and reports whether it has.
func shaped(body string, s *Shape) (Event, Options) {
	var d Decoder
	d.Read(nil, strings.NewReader(body))
	known := d.DecodeRead(s)
	return d.Event, known
}

// sameAsWhole compares what is decoded by a shape with what is decoded in full, and what is
// found wrong with both.
func sameAsWhole(t *testing.T, body string, s *Shape) (has bool) {
	t.Helper()
	got, known := shaped(body, s)
	whole, inFull := shaped(body, nil)
	if inFull.Shape != nil {
		t.Fatal("a body has no shape that nobody knows")
	}
	now := time.Unix(1_800_000_000, 0)
	gotWarnings, gotFaults := got.Validate(now, known)
	wantWarnings, wantFaults := whole.Validate(now, inFull)
	if !reflect.DeepEqual(got, whole) || !reflect.DeepEqual(gotWarnings, wantWarnings) || !reflect.DeepEqual(gotFaults, wantFaults) {
		t.Errorf("%s\nby the shape of %s\n%+v %v %v\nin full\n%+v %v %v", body, s.name, got, gotWarnings, gotFaults, whole, wantWarnings, wantFaults)
	}
	return known.Shape != nil
}

// plainBody is usualBody without the field that is none.
var plainBody = strings.Replace(usualBody, `,"extra_field":"0123456"`, "", 1)

// What a body has that has the shape of plainBody, and what it has not.
func TestShape(t *testing.T) {
	shape := shapeOf(plainBody)
	replaced := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(plainBody) }
	for _, c := range []struct {
		name, body string
		has        bool
	}{
		{"the same", plainBody, true},
		{"other values", replaced("holiday-2026.mp4", "a.mp4", "1234567", "-1.5e3", "true", "false", "u-4711", "u"), true},
		{"text beyond ASCII", replaced("holiday-2026.mp4", "Füße 日本"), true},
		{"escapes", replaced("holiday-2026.mp4", `a\"b\\\u00e9\n`), true},
		{"a space before a value", replaced(`"public":true`, `"public": true`), true},
		{"a link in place of a text", replaced("holiday-2026.mp4", "https://example.com/a"), true},
		{"no text", replaced("holiday-2026.mp4", ""), true},
		{"no user", replaced("u-4711", ""), true},
		{"a blank user", replaced("u-4711", "  "), true},
		{"a user that is too long", replaced("u-4711", strings.Repeat("u", 2000)), true},
		{"a source that is none", replaced("javascript", "paper"), true},
		{"a time that is too far ahead", replaced("1389913941", "99999999999"), true},
		{"a time that is none", replaced("1389913941", "1.5"), true},
		{"a text that is too long", replaced("Summer", strings.Repeat("s", 70000)), true},
		{"an array", replaced("12.75", "[1,2]"), true},
		{"another rich link", replaced("TX18", "TX19"), true},
		{"a rich link with more in it", replaced(`"value":"TX18"`, `"value":"TX18","more":1`), true},
		{"money without a currency", replaced(`,"currency":"eur"`, ""), true},
		{"a number for a user", replaced(`"u-4711"`, "4711"), true},
		{"a broken number for a user", replaced(`"u-4711"`, "4711.5"), true},
		{"another name", replaced("upload-complete", "upload-completed"), false},
		{"another field", replaced("event_id", "company_id"), false},
		{"a broken user, and another field", replaced(`"u-4711"`, "4711.5", "event_id", "company_id"), false},
		{"another key", replaced("file_name", "filename"), false},
		{"a key more", replaced(`"public":true`, `"public":true,"private":false`), false},
		{"a key less", replaced(`"public":true,`, ``), false},
		{"another order", `{"user_id":"u","event_name":"upload-complete"}`, false},
		{"a number in place of a text", replaced(`"holiday-2026.mp4"`, "12"), true},
		{"a text in place of a number", replaced("1234567", `"many"`), true},
		{"null", replaced("12.75", "null"), true},
		{"a number that is none", replaced("12.75", "12.75x"), false},
		{"a number with two points", replaced("12.75", "12.7.5"), false},
		{"a leading zero", replaced("12.75", "012"), false},
		{"a word that is none", replaced("true", "truth"), false},
		{"half a word", replaced("true", "tru"), false},
		{"a text without an end", replaced(`holiday-2026.mp4"`, "holiday"), false},
		{"a control", replaced("holiday-2026.mp4", "a\x01b"), false},
		{"bytes that are not UTF-8", replaced("holiday-2026.mp4", "a\xffb"), true},
		{"half a pair", replaced("holiday-2026.mp4", `\ud800`), true},
		{"a user that is not UTF-8", replaced("u-4711", "\xff"), true},
		{"as deep as may be", replaced("12.75", nestedIn(MaxDepth-2)), true},
		{"too deep", replaced("12.75", nestedIn(MaxDepth-1)), false},
		{"a user as deep as may be", replaced(`"u-4711"`, nestedIn(MaxDepth-1)), false}, // decoded in full it is no worse
		{"a user that is too deep", replaced(`"u-4711"`, nestedIn(MaxDepth)), false},
		{"something behind it", plainBody + " {}", false},
		{"a space behind it", plainBody + " ", false},
		{"half of it", plainBody[:len(plainBody)/2], false},
		{"nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if has := sameAsWhole(t, c.body, shape); has != c.has {
				t.Errorf("has the shape: %v, want %v", has, c.has)
			}
		})
	}
}

// nestedIn returns so many arrays, each in the one before it.
func nestedIn(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// Of a body that has not the shape after all, nothing is left of what was seen of it: here the
// number of fields of its page that are none; only some of them are looked at.
func TestShapeIsNotHadAtItsEnd(t *testing.T) {
	shape := shapeOf(`{"event_name":"a","user_id":"u","page":null,"event_id":"e"}`)
	odd := strings.Repeat(`"other":0,`, maxStrays-1)
	for _, body := range []string{
		`{"event_name":"a","user_id":"u","page":{` + odd + `"seconds":1},"event_id":"e"}`,
		`{"event_name":"a","user_id":"u","page":{` + odd + `"seconds":1},"eventId":"e"}`,
	} {
		sameAsWhole(t, body, shape)
	}
}

// Which bodies have a shape that others can have.
func TestLearn(t *testing.T) {
	for body, learned := range map[string]bool{
		plainBody:                          true,
		usualBody:                          false,
		`{"event_name":"a","user_id":"u"}`: true,
		`{"event_name":"a","id":"c","import":true}`:                                               true,
		` {"event_name":"a","user_id":"u"}`:                                                       false, // nobody would look for it
		`{"user_id":"u","event_name":"a"}`:                                                        false,
		`{"event_name":"a","user_id":4711}`:                                                       true,
		`{"event_name":"a","user_id":"u","page":{"url":"https://example.com"}}`:                   true,
		`{"event_name":"a","user_id":"u","context":{}}`:                                           false,
		`{"event_name":"a","user_id":"u","metadata":null}`:                                        false,
		`{"event_name":"a","user_id":"u","metadata":{"price":{"amount":1,"currency":"eur"}}}`:     true,
		`{"event_name":"a","user_id":"u","metadata":{}}`:                                          true,
		`{"event_name":"a","user_id":"u","metadata":{"n":1}}`:                                     true,
		`{"event_name":"a","user_id":"u","event_id":"` + strings.Repeat("e", maxShapeBody) + `"}`: false,
		`{"event_name":"a","user_id":"u","metadata":{` + manyKeys(value.MaxMetadataKeys+1) + `}}`: false,
		`{"event_name":"a","user_id":"u","metadata":{` + manyKeys(value.MaxMetadataKeys) + `}}`:   true,
	} {
		var d Decoder
		d.DecodeString(body)
		s := Learn(body, &d.Event, nil, nil)
		if got := len(s.parts) > 0; got != learned {
			t.Errorf("%.100s: %v, want %v", body, got, learned)
		} else if has := sameAsWhole(t, body, s); has != learned {
			t.Errorf("%.100s: it has its own shape: %v", body, has)
		}
	}
}

func manyKeys(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"k%d":%d`, i, i)
	}
	return strings.Join(keys, ",")
}

// The shape is of the metadata as the event has them: not of what was dropped.
func TestLearnOfOtherMetadata(t *testing.T) {
	for _, fields := range []value.Fields{
		nil,
		{{Key: "a", Value: value.Number(1)}},
		{{Key: "b", Value: value.Number(1)}, {Key: "a", Value: value.Number(1)}},
		{{Key: "a", Value: value.Number(1)}, {Key: "b", Value: value.Number(1)}, {Key: "c", Value: value.Number(1)}},
	} {
		ev := Event{Name: "x", UserID: "u", Metadata: fields}
		if s := Learn(`{"event_name":"x","user_id":"u","metadata":{"a":1,"b":1}}`, &ev, nil, nil); len(s.parts) > 0 {
			t.Errorf("%v: a shape that the event has not", fields)
		}
	}
}

// Bodies of many shapes cost little more than those of none: after eight in a row that do not have
// it only every eighth is compared, until one has it.
func TestShapeIsTriedLess(t *testing.T) {
	odd := `{"event_name":"upload-complete","user_id":"u"}`
	for missed, want := range map[int]int{0: 0, 7: 0, 8: 0, 9: 7, 15: 1, 16: 0, 100: 4} {
		s := shapeOf(plainBody)
		for range missed {
			shaped(odd, s)
		}
		n := 0
		for ; n < 10 && !sameAsWhole(t, plainBody, s); n++ {
			continue
		}
		if n != want {
			t.Errorf("after %d that had another shape %d were not compared, want %d", missed, n, want)
		}
		for range 3 * triedEach {
			if !sameAsWhole(t, plainBody, s) {
				t.Errorf("after %d that had another shape, and one that had it, not all are compared", missed)
			}
		}
	}
}

// Another shape is learned when eight bodies in a row do not have it, then after sixteen, and
// so on: what has none costs less and less.
func TestShapeIsReplaced(t *testing.T) {
	var s *Shape
	if !s.Learns() {
		t.Error("the first shape is learned at once")
	}
	odd := `{"event_name":"upload-complete","user_id":"u"}`
	ev := decoded(t, plainBody)
	s = Learn(plainBody, &ev, nil, nil)
	for _, want := range []int{8, 16, 32} {
		for range want - 1 {
			shaped(odd, s)
		}
		for range triedEach { // that have it, and one is compared: they were not in a row
			shaped(plainBody, s)
		}
		if s.Learns() {
			t.Error("bodies that were not in a row are counted")
		}
		n := 0
		for ; !s.Learns(); n++ {
			shaped(odd, s)
		}
		if n != want {
			t.Errorf("learned after %d, want %d", n, want)
		}
		s = Learn(plainBody, &ev, nil, s)
	}
	for range 64 {
		s = Learn(plainBody, &ev, nil, s)
	}
	if s.patience != maxPatience {
		t.Errorf("a patience of %d, want %d", s.patience, maxPatience)
	}
}

// Keys and kinds are those that a definition was asked about, or nobody says so.
func TestKnownKinds(t *testing.T) {
	shape := shapeOf(plainBody)
	for body, want := range map[string]bool{
		plainBody: true,
		strings.Replace(plainBody, "Summer", "https://example.com/a", 1): false, // a link
	} {
		if _, known := shaped(body, shape); known.Known.Has(KnownKinds) != want {
			t.Errorf("%s: %v, want %v", body, !want, want)
		}
	}
}

// An event that has texts of its own does not change when the memory of its body does.
func TestOwn(t *testing.T) {
	for body, owned := range map[string]bool{
		plainBody: true,
		`{"event_name":"a","id":"i","email":"e@example.com","anonymous_id":"n","company_id":"c","event_id":"v","source":"rest","user_id":"u"}`: true,
		`{"event_name":"a","user_id":"u"}`:                                                      true,
		`{"event_name":"a","user_id":"u","metadata":{` + manyKeys(50) + `}}`:                    true,
		`{"event_name":"a","user_id":"u","metadata":{"t":"` + strings.Repeat("é", 3000) + `"}}`: true, // of a large body all are copies
		`{"event_name":"a","user_id":"\u00fc"}`:                                                 true,
		`{"event_name":"a","user_id":"u","page":{"url":"https://example.com"}}`:                 false,
		`{"event_name":"a","user_id":"u","userId":"u"}`:                                         false, // a stray
		`{"event_name":"a","user_id":1.5}`:                                                      false,
	} {
		for _, s := range []*Shape{nil, shapeOf(body)} {
			var d Decoder
			room := d.Read(make([]byte, 0, 8), strings.NewReader(body))
			known := d.DecodeRead(s)
			if known.Borrowed != body {
				t.Errorf("%.60s: borrowed %q", body, known.Borrowed)
			}
			if got := d.Event.Own(known.Borrowed); got != owned {
				t.Errorf("%.60s: own %v, want %v", body, got, owned)
			}
			if !owned {
				continue
			}
			for i := range room[:cap(room)] {
				room[:cap(room)][i] = '#'
			}
			if want, _ := judgedAsIs(body); !reflect.DeepEqual(d.Event, want) {
				t.Errorf("%.60s:\n%+v\nwant\n%+v", body, d.Event, want)
			}
		}
	}
}

// judgedAsIs returns the event of a body as it is decoded.
func judgedAsIs(body string) (Event, Options) {
	var d Decoder
	known := d.DecodeString(body)
	return d.Event, known
}

// A body that cannot be read is refused as by Decode, and memory is used again.
func TestRead(t *testing.T) {
	long := strings.Repeat(" ", MaxBytes+1)
	for _, r := range []func() io.Reader{
		func() io.Reader { return nil },
		func() io.Reader { return strings.NewReader("") },
		func() io.Reader { return strings.NewReader(long) },
		func() io.Reader { return io.MultiReader(strings.NewReader(long)) },
		func() io.Reader { return io.MultiReader(strings.NewReader(usualBody)) },
		func() io.Reader { return strings.NewReader(usualBody) },
	} {
		var got, want Decoder
		got.Read(make([]byte, 3, 5), r())
		known := got.DecodeRead(shapeOf(`{"event_name":"a","user_id":"u"}`))
		inFull := want.Decode(r())
		if !reflect.DeepEqual(got.Event, want.Event) || known.Known&^KnownKinds != inFull.Known {
			t.Errorf("%+v %v\nwant %+v %v", got.Event, known.Known, want.Event, inFull.Known)
		}
	}
}

// Memory that a reader has failed on is not used again, whatever it had read.
func TestReadThatFails(t *testing.T) {
	broken := errors.New("broken")
	for _, r := range []io.Reader{
		iotest.ErrReader(broken),
		io.MultiReader(strings.NewReader(usualBody), iotest.ErrReader(broken)),
		iotest.DataErrReader(io.MultiReader(strings.NewReader("{}"), iotest.ErrReader(broken))),
	} {
		var d Decoder
		if room := d.Read(make([]byte, 0, 512), r); room != nil {
			t.Errorf("memory of %d bytes is used again", cap(room))
		}
		if d.DecodeRead(nil); len(d.Event.Found.Faults) != 1 {
			t.Errorf("%v", d.Event.Found.Faults)
		}
	}
}

// Whatever the shape and whatever the body: it is decoded as in full.
func FuzzShape(f *testing.F) {
	f.Add(plainBody, strings.Replace(plainBody, "holiday", "Füße", 1))
	f.Add(plainBody, strings.Replace(plainBody, "12.75", "12.7.5", 1))
	f.Add(`{"event_name":"a","user_id":"u"}`, `{"event_name":"a","user_id":"\ud800"}`)
	f.Add(`{ "event_name":"a" , "id" : "u" }`, `{"event_name":"a","id":"u"}`)
	f.Add(`{"event_name":"a","email":"e@example.com","import":true,"created_at":1}`, `{"event_name":"a","email":"none","import":false,"created_at":1e400}`)
	f.Add(`{"event_name":"a","user_id":"u","metadata":{"end_date":1}}`, `{"event_name":"a","user_id":" ","metadata":{"end_date":1.5}}`)
	f.Add(`{"event_name":"a","metadata":{"a":"b"},"user_id":"u"}`, `{"event_name":"a","metadata":{"a":"b","user_id":"u"}}`)
	f.Fuzz(func(t *testing.T, learned, body string) {
		s := shapeOf(learned)
		if s == nil {
			return
		}
		if !sameAsWhole(t, learned, s) && len(s.parts) > 0 {
			t.Errorf("%q has not the shape that was learned of it", learned)
		}
		sameAsWhole(t, body, s)
	})
}
