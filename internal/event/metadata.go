package event

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// typeMetadata returns each value the type that its key and text ask for (M3).
func (e *Event) typeMetadata() {
	copied := false
	for i := range e.Metadata[:min(len(e.Metadata), value.MaxMetadataKeys)] {
		f := &e.Metadata[i]
		was := peek.Of(&f.Value)
		if was.Kind != repr.KindString && was.Kind != repr.KindNumber {
			continue // the types that ask for another: a short cut, for this is per event
		}
		if was.Kind == repr.KindString && !repr.MayBeTyped(f.Key, was.Str) {
			continue
		}
		v := repr.Typed(f.Key, *was)
		if v.Kind == was.Kind {
			continue
		}
		if !copied {
			e.Metadata, copied = slices.Clone(e.Metadata), true
		}
		e.Metadata[i].Value = peek.Value(v)
	}
}

// isUsual tells most metadata that need no type, have no faults and no warnings, in one pass.
func isUsual(f value.Fields) bool {
	if len(f) > value.MaxMetadataKeys {
		return false
	}
	twins := twinFinder{fields: f}
	for i := range f {
		key, v := f[i].Key, peek.Of(&f[i].Value)
		if !PlainKey(key) || twins.find(i) >= 0 {
			return false
		}
		switch v.Kind {
		case repr.KindBool, repr.KindDate:
		case repr.KindString, repr.KindNumber:
			if v.Kind == repr.KindString && !(v.Plain() && utf8.ValidString(v.Str)) {
				return false
			}
			if repr.Typed(key, *v).Kind != v.Kind {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// addMetadataFaults appends all that is wrong with metadata: keys and values of the
// first MaxMetadataKeys, UTF-8 and twins of all (M1 to M4).
func addMetadataFaults(f value.Fields, l *fault.List, opt Options) {
	twins := twinFinder{fields: f}
	for i := range f {
		key, v := f[i].Key, peek.Of(&f[i].Value)
		switch {
		case PlainKey(key):
		case !utf8.ValidString(key):
			l.Add(fault.ErrTextNotUTF8, FieldName(key), "the key is not valid UTF-8: "+fault.Quote(key))
		case i < value.MaxMetadataKeys:
			if message := KeyFault(key); message != "" {
				l.Add(fault.ErrMetadataKeyInvalid, FieldName(key), message)
			}
		}
		if j := twins.find(i); j >= 0 {
			l.Add(fault.ErrMetadataKeyDuplicate, FieldName(key), "the key "+fault.Quote(key)+
				" is the same as "+fault.Quote(f[j].Key)+" before it: letter case does not matter")
		}
		if opt.LenientMetadata && v.Nested() {
			continue // a warning
		}
		if code, _ := v.Fault(); code == fault.ErrTextNotUTF8 || code != "" && i < value.MaxMetadataKeys {
			v.AddFaults(l, FieldName(key))
		}
	}
}

// metadataWarnings returns what is odd about metadata that has no faults, and the error
// of keys past MaxMetadataKeys if they are one. Of warnings past MaxErrors there is
// the number alone.
func metadataWarnings(f value.Fields, l *fault.List, opt Options) (warnings []fault.Warning, more int) {
	for i := range f {
		v := peek.Of(&f[i].Value)
		if i >= value.MaxMetadataKeys {
			if opt.StrictMetadata {
				l.Add(fault.ErrMetadataTooMany, FieldName(f[i].Key), "an event has at most 20 metadata keys, got "+strconv.Itoa(len(f)))
				break // one sentence about the number says it all
			}
			if len(warnings) >= fault.MaxErrors {
				more += len(f) - i
				break // those behind are dropped, too
			}
			warnings = append(warnings, fault.Warning{
				Code: fault.WarnMetadataKeyDropped, Field: FieldName(f[i].Key),
				Message: "dropped: only the first 20 metadata keys count, and this is number " + strconv.Itoa(i+1),
			})
		} else if opt.LenientMetadata && v.Nested() {
			_, message := v.Fault()
			warnings = append(warnings, fault.Warning{Code: fault.WarnMetadataValueDropped, Field: FieldName(f[i].Key), Message: "dropped: it " + message})
		} else if code, message := repr.ValueWarning(f[i].Key, v); code != "" {
			warnings = append(warnings, fault.Warning{Code: code, Field: FieldName(f[i].Key), Message: message})
		}
	}
	return warnings, more
}
