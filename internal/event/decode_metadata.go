package event

import (
	"slices"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/weburl"
	"github.com/beckon-go/beckon/value"
)

// metadata takes the metadata in order, every key of it. What follows the
// first MaxMetadataKeys has no value, as it will be dropped; only text that is
// not UTF-8 is noted there (M1).
func (d *Decoder) metadata() {
	if d.Kind() != ojson.Object && (d.emptyArray() || !d.expect(ojson.Object, "metadata")) {
		return
	}
	if d.Room != nil {
		if fields := d.fields(d.Room[:0]); len(fields) > 0 {
			d.Event.Metadata = fields
		}
		return
	}
	var few [12]value.Field
	if fields := d.fields(few[:0]); len(fields) > 0 {
		d.Event.Metadata = append(make(value.Fields, 0, len(fields)), fields...)
	}
}

// fields takes the members of the object that comes next as fields, behind the given ones.
func (d *Decoder) fields(fields value.Fields) value.Fields {
	var keys keySet
	d.Enter()
	for d.Next() {
		key := d.Name()
		d.TakeBadText() // of a key, validate sees it
		if len(fields) == cap(fields) {
			fields = slices.Grow(fields, 1)
		}
		fields = fields[:len(fields)+1]
		f := &fields[len(fields)-1] // written in its place: an append would make it elsewhere first
		f.Key, f.Value = key, value.Value{}
		v := peek.Of(&f.Value)
		if len(fields) <= value.MaxMetadataKeys {
			d.metadataValue(key, v)
		} else {
			d.Skip()
		}
		d.judgeValue(v)
		if len(fields) > value.MaxMetadataKeys || !PlainKey(key) || keys.mayHave(key) && twinOf(fields, len(fields)-1) >= 0 {
			d.doubts |= knownSound | knownUsual
		}
	}
	return fields
}

// judgeValue judges a value that was taken: here it is at hand.
func (d *Decoder) judgeValue(v *repr.Value) {
	if _, bad := d.TakeBadText(); bad {
		*v = repr.Invalid(fault.ErrTextNotUTF8, "is not valid UTF-8")
	}
	if !v.Plain() { // text that came so far is UTF-8
		d.doubts |= knownSound | knownUsual
	}
}

// emptyArray takes the next value if it is an empty array, which PHP's clients
// send for an empty object (M4). Otherwise it takes nothing.
func (d *Decoder) emptyArray() bool {
	if d.Kind() != ojson.Array {
		return false
	}
	mark := d.Mark()
	d.Enter()
	if d.Err() == nil && !d.Next() && d.Err() == nil {
		return true
	}
	d.Rewind(mark)
	return false
}

// metadataValue takes the next value into v, without a node where it needs
// none.
func (d *Decoder) metadataValue(key string, v *repr.Value) {
	if text, ok := d.TakeText(); ok { // as most are: its kind need not be told first
		d.textValue(key, text, v)
		return
	}
	switch d.Kind() {
	case ojson.String:
		if text := d.Text(); d.Err() == nil {
			d.textValue(key, text, v)
		}
	case ojson.Number:
		if literal := d.Literal(); d.Err() == nil {
			v.SetNumber(key, literal)
		}
	case ojson.Bool:
		if b := d.Bool(); d.Err() == nil {
			*v = repr.Bool(b)
		}
	case ojson.Object:
		if d.usualObject(v) || d.Err() != nil {
			return
		}
		fallthrough
	default:
		// Three members are enough to tell that there are not exactly two.
		if d.Shallow(&d.node, 3); d.Err() == nil {
			*v = repr.DecodeMetadataValue(key, &d.node)
			d.doubts |= knownUsual
		}
	}
}

func (d *Decoder) textValue(key, text string, v *repr.Value) {
	if !v.SetText(key, text) {
		d.doubts |= knownUsual
	}
}

// usualObject takes the next value into v if it is a rich link or money with
// its members in the usual order. Otherwise it takes nothing.
func (d *Decoder) usualObject(v *repr.Value) bool {
	mark := d.Mark()
	d.Enter()
	if d.Next() {
		switch d.Name() {
		case "url":
			url, ok := d.usualText()
			from := d.Offset() + 1
			if ok && d.Next() && d.Name() == "value" {
				title, ok := d.usualText()
				to := d.Offset() + 1 + len(title)
				if ok && !d.Next() && d.Err() == nil {
					if code, _ := repr.TextFault(title); code == "" && weburl.Plain(url) {
						// The two are the ends of a part of the body, if they
						// were written without escapes.
						*v = repr.RichLinkIn(d.Part(from, to), url, title)
					}
					if v.IsUnknown() {
						*v = repr.RichLink(url, title)
						d.doubts |= knownUsual
					}
					return true
				}
			}
		case "amount":
			if d.Kind() != ojson.Number {
				break
			}
			if amount := d.Literal(); d.Next() && d.Name() == "currency" {
				if currency, ok := d.usualText(); ok && !d.Next() && d.Err() == nil {
					*v = repr.MonetaryLiteral(amount, currency)
					if v.Exp == 0 { // there may be no minor unit
						d.doubts |= knownUsual
					}
					return true
				}
			}
		}
	}
	d.Rewind(mark)
	return false
}

// usualText takes a text if one comes next.
func (d *Decoder) usualText() (string, bool) {
	if d.Kind() != ojson.String {
		return "", false
	}
	return d.Text(), true
}
