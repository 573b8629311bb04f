package store

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unique"
	"unsafe"

	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// filler sets every field of a value, unexported ones too, to something that
// is not zero and not like any other.
type filler struct{ n int64 }

func (f *filler) fill(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	f.n++
	if !v.CanSet() { // unexported: write through its address
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	switch v.Interface().(type) {
	case unique.Handle[string]:
		v.Set(reflect.ValueOf(unique.Make(fmt.Sprint("name", f.n))))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(f.n, f.n).UTC()))
		return
	case PendingList:
		rows := make([]Pending, 2)
		f.fill(t, reflect.ValueOf(&rows).Elem(), path)
		v.Set(reflect.ValueOf(NewPendingList(rows...)))
		return
	case value.Kind, repr.Kind:
		v.SetUint(uint64(value.KindString)) // of a kind that does not rely on the other fields
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(f.n%255) + 1)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(f.n))
	case reflect.Int: // how many, which is never negative
		v.SetInt(f.n)
	case reflect.Int32, reflect.Int64:
		v.SetInt(-f.n)
	case reflect.String:
		v.SetString(fmt.Sprint("text", f.n))
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(t, v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.fill(t, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(t, v.Index(i), path)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			k, x := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(t, k, path)
			f.fill(t, x, path)
			v.SetMapIndex(k, x)
		}
	default:
		t.Fatalf("%s: the test does not know how to fill a %s", path, v.Type())
	}
}

func fullRecord(t *testing.T) *Record {
	r := new(Record)
	new(filler).fill(t, reflect.ValueOf(r).Elem(), "Record")
	return r
}

// A field that is added to any of the types later, and forgotten in the codec,
// comes back as zero here.
func TestCodecCarriesEveryField(t *testing.T) {
	r := fullRecord(t)
	got, err := DecodeRecord(AppendRecord(nil, r))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, r) {
		t.Errorf("a field was lost:\n got %+v\nwant %+v", got, r)
		for i := range reflect.TypeFor[Record]().NumField() {
			g, w := reflect.ValueOf(got).Elem().Field(i), reflect.ValueOf(r).Elem().Field(i)
			if !reflect.DeepEqual(g.Interface(), w.Interface()) {
				t.Errorf("in %s", reflect.TypeFor[Record]().Field(i).Name)
			}
		}
	}
	var e LoggedEvent
	new(filler).fill(t, reflect.ValueOf(&e).Elem(), "LoggedEvent")
	gotEvent, err := DecodeLoggedEvent(AppendLoggedEvent(nil, &e))
	if err != nil || !reflect.DeepEqual(gotEvent, e) {
		t.Errorf("a field of an event was lost: %v\n got %+v\nwant %+v", err, gotEvent, e)
	}
}

func TestCodecExtremes(t *testing.T) {
	for name, r := range map[string]*Record{
		"zero":     {},
		"absent":   {Key: Key{Kind: KindUser, ID: "u"}},
		"hostile":  {Key: Key{Kind: 255, ID: "a\x00b:c\xff\u202e"}, Exists: true},
		"largest":  {LastSeen: math.MaxInt64, EventSeq: math.MaxUint64, Stats: []Stats{{Name: unique.Make("x"), Count: math.MaxUint64, First: math.MinInt64, Last: math.MaxInt64}}},
		"smallest": {LastSeen: math.MinInt64, SendStats: []SendStats{{Count: math.MaxUint32, Last: math.MinInt64}}},
		"profile":  {Profile: &Profile{}},
		"times":    {Pending: NewPendingList(Pending{Delivery: Delivery{At: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)}}, Pending{})},
		"no name":  {Stats: []Stats{{Count: 1}}},
		"missed":   {Counters: []Counter{{Def: "e", Missed: math.MaxUint64}, {Def: "f", Keep: 9, Missed: 1}}},
	} {
		got, err := DecodeRecord(AppendRecord(nil, r))
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, r)
		}
	}
}

// The form is deterministic, empty and nil are one, and dst is only appended to.
func TestCodecForm(t *testing.T) {
	r := fullRecord(t)
	data := AppendRecord(nil, r)
	for range 20 { // the order of a map would show
		if again := AppendRecord([]byte("before"), r); string(again) != "before"+string(data) {
			t.Fatal("two forms of one record, or dst was overwritten")
		}
	}
	if data[0] != dataVersion {
		t.Errorf("the first byte is %d, not the version", data[0])
	}
	a := AppendRecord(nil, &Record{Stats: []Stats{}, Profile: &Profile{Companies: []string{}}, Pending: NewPendingList(Pending{Tags: []string{}, Delivery: Delivery{Data: map[string]string{}}})})
	b := AppendRecord(nil, &Record{Profile: &Profile{}, Pending: NewPendingList(Pending{})})
	if !bytes.Equal(a, b) {
		t.Error("nil and empty differ")
	}
}

// Pinned: from the first release on, what was stored by one version is read by all later ones.
func TestCodecPinned(t *testing.T) {
	const want = "0702017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b80201017803120c02100412050201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b01760002000468746d6c017a000101741a046e6577730000000000000000000000000000000000feffffffffffffffff010163016d05656d61696c017500000000042a0000017900000402000002016e040203ac0204312e353000056f726465720c0000001268747470733a2f2f612e6578616d706c652f01013700000280f7020f6e6f2073756368206d61696c626f7802a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d403020e80f104000000000101730162c0b80280f10400a09c01040202016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d086033fa0960301016df0a5033802016d02016e0001016d010700000000000000000000000000000004c0b802a09c01010402046e65777302c0bb01046c696e6b03736d730090cb010002056576656e740165016d00020000c0b80200020905766973697400016e0461636d6500066361707065640364617990c802f02e0600010174a4e58f7e"
	got := fmt.Sprintf("%x", AppendRecord(nil, storedRecord(dataVersion)))
	if got != want {
		t.Errorf("the form has changed without a new version:\n got %s\nwant %s", got, want)
	}
}

// storedRecord returns the contact that a version stored, as it is read.
func storedRecord(version byte) *Record {
	r := &Record{
		Key: Key{Kind: KindUser, ID: "u"}, Exists: true, LastSeen: 25_000, EventSeq: 2, Stats: []Stats{{Name: unique.Make("e"), Count: 2, First: 10, Last: 20}},
		SendStats: []SendStats{{Message: "m", Count: 1, Last: 20_000}},
		SendLog:   []SendLogEntry{{ID: "d", At: 20_000, Message: "m", Channel: Email, Tags: []string{"t"}, Sequence: 1}},
		Counters:  []Counter{{Def: "e", Count: 2, First: 10, Last: 20, Times: []int64{10, 20}, Keep: 3}},
		Profile: &Profile{
			Created: 10_000, Attributes: []Attribute{NewAttribute("plan", value.String("pro"))}, Companies: []string{"acme"}, Unsubscribed: []string{"sms"}, LastCheck: 11_000,
			Holds:        []Hold{{Message: "w", Due: 30_000, Order: 2, Absence: true, Event: LoggedEvent{Seq: 2, Name: unique.Make("e"), At: 20, Arrived: 20_000, Metadata: value.Fields{{Key: "k", Value: value.String("v")}}}}},
			SeriesStates: []SeriesState{{Series: "s", Block: "b", Since: 20_000, Due: 40_000, Entered: 10_000}},
			Goals:        []GoalState{{Message: "m", Until: 90_000}, {Message: "n", Until: 91_000, Control: true, Converted: true}},
			Dates:        []DateState{{Message: "d", Value: 5}}, FreeSequences: []FreeSequence{{Message: "m", Sequence: 2}},
			Generation: 3, MergedFrom: []MergedFrom{{From: Key{Kind: KindAnonymous, ID: "v"}, Generation: 1}}, Aliases: []Key{{Kind: KindAnonymous, ID: "v"}},
		},
	}
	first := Pending{Until: 50_000, Delivery: Delivery{ID: "d", Message: "m", Channel: Email, Contact: Identity{UserID: "u"}, Sequence: 1, At: time.UnixMilli(20_000).UTC(), Body: "x", Attempt: 1}}
	if version == 1 {
		r.LastSeen, r.Pending = 0, NewPendingList(first)
		return r
	}
	if version >= 3 {
		r.Permits = []Permits{{Throttler: "x", Count: 3, Last: 9, Prior: 6, Newest: []Permit{{At: 8, Sequence: 4}, {At: 9, Sequence: 5}}}}
	}
	p := r.Profile
	r.Counters = append(r.Counters, Counter{Def: "f", Count: 1, First: 10, Last: 10, Keep: 2, Since: 5, Missed: 2}, Counter{Def: "g", Missed: 1})
	r.Dedup = []Dedup{{Hash: [16]byte{1, 15: 2}, At: 20_000}}
	p.Goals[0].Sent, p.Matched, p.Merged = 20_000, []string{"s"}, 25_000
	first.Event, first.Tags, first.Refusable, first.Delivery.Data = r.Dedup[0].Hash, []string{"t"}, true, map[string]string{"k": "v"}
	second := Pending{Until: 60_000, Delivery: Delivery{ID: "c", Message: "m", Channel: Email, Contact: Identity{UserID: "u"}, Sequence: 2, At: time.UnixMilli(21_000).UTC(), Body: "y", Attempt: 2}}
	if version >= 7 {
		r.Counters[1].Tally = "t"
		p.Rare = &Rare{SnoozedUntil: 26_000, Armed: []ArmedDate{{Message: "m", Due: 27_000, Held: 28}}, Crossings: []Crossing{{Message: "m", Matched: true}, {Message: "n"}}, PerValue: []MessageValues{{Message: "m", Values: []ValueSends{{Value: [16]byte{7}, Count: 2, Last: 20_000, Prior: 10_000, Numbers: []uint32{2}}}}}, Choices: []Choice{{Of: "news", Yes: true, At: 12_000, From: "link"}, {Of: "sms", At: 13_000}}, Decided: []Decided{{Occasion: "event", Event: "e", Message: "m", Sequence: 1, First: 20_000, Last: 20_000, Count: 1, Program: 9}, {Occasion: "visit", Message: "n", Company: "acme", Reason: ReasonCapped, Cap: "day", First: 21_000, Last: 24_000, Count: 3}}}
		first.Topic, first.OptIn = "news", true
		p.SeriesStates[0].Entries, p.SeriesStates[0].Exits = 2, 1
		p.Holds[0].Until, p.Holds[0].Capped = 40_000, true
	}
	if version >= 6 {
		second.Delivery.Parameters = map[string]value.Value{"order": value.RichLink("https://a.example/", "7"), "n": value.NumberLiteral("1.50")}
	}
	if version >= 5 {
		first.Delivery.Format, first.Delivery.Text = FormatHTML, "z"
	}
	if version >= 4 {
		second.Until, second.Delivery.Postponed, second.Dead = math.MaxInt64, 1, &GivenUp{At: 24_000, Reason: "no such mailbox"}
	}
	r.Pending = NewPendingList(first, second)
	return r
}

// What an older version has stored is read: what it did not have is zero, all else is
// as it was, and written again it has the present form.
func TestCodecReadsOlderVersions(t *testing.T) {
	for i, stored := range olderRecords()[:6] {
		data, version := unhex(t, stored), byte(i+1)
		want := storedRecord(version)
		r, err := DecodeRecord(data)
		if err != nil || data[0] != version {
			t.Fatalf("version %d: %v", data[0], err)
		}
		if relinked(t, r); !reflect.DeepEqual(r, want) {
			t.Errorf("version %d:\n got %+v, %+v\nwant %+v, %+v", version, r, r.Profile, want, want.Profile)
		}
		again, err := DecodeRecord(AppendRecord(nil, r))
		if err == nil {
			relinked(t, again)
		}
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("version %d, written again: %v\n got %+v\nwant %+v", version, err, again, r)
		}
	}
	// The least that a contact has.
	for _, stored := range olderRecords()[6:] {
		r, err := DecodeRecord(unhex(t, stored))
		want := &Record{
			Key: Key{Kind: KindUser, ID: "u1"}, Exists: true, LastSeen: 1_389_913_941_000, EventSeq: 3,
			Stats:   []Stats{{Name: unique.Make("upload-complete"), Count: 3, First: 1_389_913_900, Last: 1_389_913_941}},
			Profile: &Profile{Attributes: []Attribute{NewAttribute("plan", value.String("pro"))}},
		}
		if err != nil || !reflect.DeepEqual(r, want) {
			t.Errorf("%v\n got %+v\nwant %+v", err, r, want)
		}
	}
}

// relinked makes the rich links of a record anew: in memory, one that was read stands
// otherwise than one that was made.
func relinked(t *testing.T, r *Record) {
	t.Helper()
	for p := range r.Pending.All() {
		if v, ok := p.Delivery.Parameters["order"]; ok {
			link := value.RichLink("https://a.example/", "7")
			if v.Text() != link.Text() || v.Kind() != link.Kind() {
				t.Errorf("the link is %v, want %v", v, link)
			}
			p.Delivery.Parameters["order"] = link
		}
	}
}

// olderPermits returns throttle keys as they were stored: by version 1 and by version 2,
// with two throttlers and with their key, then one throttler alone, under its key.
func olderPermits() []string {
	return []string{
		"0112016b02000600000002000480b285e495678098dbe6956706c0eed3e6956706b088dbe69567088098dbe695670a0000056f7468657201008098dbe69567028098dbe695670c00000000187b9c6d",
		"0212016b02000600000002000480b285e495678098dbe6956706c0eed3e6956706b088dbe69567088098dbe695670a0000056f7468657201008098dbe69567028098dbe695670c000000006c211df7",
		"01000000000000000001000480b285e495678098dbe6956706c0eed3e6956706b088dbe69567088098dbe695670a00000000b9570c85",
		"02000000000000000001000480b285e495678098dbe6956706c0eed3e6956706b088dbe69567088098dbe695670a00000000caf713de",
	}
}

// Versions 1 and 2 kept what a throttler knows of a key as a counter, with pairs in
// Times. It is read as what it is, whether the data has the key or stands under it, and
// nothing else is taken for it.
func TestCodecReadsOlderPermits(t *testing.T) {
	whole, part := olderPermits()[:2], olderPermits()[2:]
	first := Permits{Count: 4, Last: 1_772_452_800_000, Prior: 1_772_450_000_000, Newest: []Permit{{At: 1_772_452_740_000, Sequence: 3}, {At: 1_772_452_799_000, Sequence: 4}, {At: 1_772_452_800_000, Sequence: 5}}}
	both := []Permits{first, {Throttler: "other", Count: 1, Last: 1_772_452_800_000, Newest: []Permit{{At: 1_772_452_800_000, Sequence: 6}}}}
	key := Key{Kind: KindThrottle, ID: "k"}
	for _, stored := range whole {
		want := &Record{Key: key, Exists: true, EventSeq: 6, Permits: both}
		if r, err := DecodeRecord(unhex(t, stored)); err != nil || !reflect.DeepEqual(r, want) {
			t.Errorf("version %.2s: %v\n got %+v\nwant %+v", stored, err, r, want)
		}
	}
	for _, stored := range part {
		if r, err := DecodeRecordUnder(key, unhex(t, stored)); err != nil || !reflect.DeepEqual(r, &Record{Permits: both[:1]}) {
			t.Errorf("version %.2s: %v, %+v", stored, err, r)
		}
	}
	// Of another kind they are counters, as they were.
	other, err := DecodeRecordUnder(Key{Kind: KindUser, ID: "k"}, unhex(t, part[0]))
	if err != nil || len(other.Counters) != 1 || other.Permits != nil {
		t.Errorf("a contact: %v, %+v", err, other)
	}
	// And a throttle key of this version may have counters, which nobody writes.
	now := &Record{Key: key, Exists: true, Counters: []Counter{{Def: "x", Count: 1}}}
	if r, err := DecodeRecord(AppendRecord(nil, now)); err != nil || !reflect.DeepEqual(r, now) {
		t.Errorf("of this version: %v, %+v", err, r)
	}
}

// olderRecords returns contacts as they were stored: by versions 1 to 6, a
// whole one of each and the least that a contact has.
func olderRecords() []string {
	return []string{
		"0102017502000201016502142801016d000002c0b80200010164c0b802016d0005656d61696c01017402000001016502142802142806000002a09c010104706c616e020000000370726f00010461636d650103736d73f0ab0101017700e0d403020200000002016528c0b802000000000001016b020000000176000101730162c0b80280f10400a09c0102016da0fe0a0000016ef08d0b0202010164000a01016d040100000000000000000000000000000000a08d060164016d05656d61696c017500000000022800000178000002000000000003010801760101080176162a2960",
		"0202017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c0101740200000301650214280214280600016601141400050a020167000000000100010101000000000000000000000000000002c0b80202a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d040201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b017600020101740200000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a000001790000040000000000000003010801760101080176010173d0860313e3b8cd",
		"0302017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b80201017803120c02100412050201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b017600020101740200000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a00000179000004000002a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d086035cf78228",
		"0402017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b80201017803120c02100412050201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b0176000200010174020000000000000000000000000000000000feffffffffffffffff010163016d05656d61696c017500000000042a000001790000040200000280f7020f6e6f2073756368206d61696c626f7802a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d08603224b8609",
		"0502017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b80201017803120c02100412050201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b01760002000468746d6c017a010174020000000000000000000000000000000000feffffffffffffffff010163016d05656d61696c017500000000042a0000017900000402000000000280f7020f6e6f2073756368206d61696c626f7802a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d086030c8d13bb",
		"0602017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b80201017803120c02100412050201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b01760002000468746d6c017a00010174020000000000000000000000000000000000feffffffffffffffff010163016d05656d61696c017500000000042a0000017900000402000002016e040203ac0204312e353000056f726465720c0000001268747470733a2f2f612e6578616d706c652f01013700000280f7020f6e6f2073756368206d61696c626f7802a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d086039b8fe9c3",
		version1, version2, version3,
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A checksum that covers a key finds what stands under another; what version 1
// wrote is read under any, since it says nothing of it.
func TestCodecUnderKey(t *testing.T) {
	r := &Record{Exists: true, LastSeen: 5}
	e := &LoggedEvent{Seq: 1, At: 2, Name: unique.Make("e")}
	key := Key{Kind: KindUser, ID: "u1"}
	data, logged := AppendRecordUnder(nil, key, r), AppendLoggedEventUnder(nil, key, e)
	var d RecordDecoder
	for _, at := range []Key{key, {Kind: KindUser, ID: "u2"}, {Kind: KindContact, ID: "u1"}, {Kind: KindUser, ID: "u1 "}, {Kind: KindUser, ID: ""}} {
		want := at == key
		a, err := DecodeRecordUnder(at, data)
		b, err2 := d.DecodeUnder(at, data)
		c, err3 := DecodeLoggedEventUnder(at, logged)
		for _, err := range []error{err, err2, err3} {
			if want != (err == nil) || !want && !errors.Is(err, ErrDataCorrupt) {
				t.Errorf("under %v: %v", at, err)
			}
		}
		if want && (a.LastSeen != 5 || b.LastSeen != 5 || c.At != 2) {
			t.Errorf("under %v: %+v, %+v, %+v", at, a, b, c)
		}
		if r, err := DecodeRecordUnder(at, unhex(t, version1)); err != nil || r.EventSeq != 3 {
			t.Errorf("version 1 under %v: %v", at, err)
		}
	}
	for _, data := range [][]byte{AppendRecord(nil, r), AppendLoggedEvent(nil, e)} {
		if _, err := DecodeRecordUnder(key, data); !errors.Is(err, ErrDataCorrupt) {
			t.Errorf("without a key: %v", err)
		}
	}
}

// version1, version2 and version3 are a record as those versions wrote it.
const version1 = "01020275310290909dd5f35003010f75706c6f61642d636f6d706c65746503d89cc3ad0aaa9dc3ad0a0000000002000104706c616e020000000370726f000000000000000000000000000000000000dbe68ce4"

const version2 = "02020275310290909dd5f35003010f75706c6f61642d636f6d706c65746503d89cc3ad0aaa9dc3ad0a0000000002000104706c616e020000000370726f0000000000000000000000000000000000000000ecea7351"

const version3 = "03020275310290909dd5f35003010f75706c6f61642d636f6d706c65746503d89cc3ad0aaa9dc3ad0a00000000000002000104706c616e020000000370726f000000000000000000000000000000000000006b065c44"

// In version 2 the sign of Keep said that there is one number more, and that was not
// zero: a form in which it is, is refused.
func TestCodecMissedNothing(t *testing.T) {
	written := func(missed uint64) []byte {
		r := &Record{Counters: []Counter{{Def: "e", Missed: 123}}}
		c := coder{data: []byte{2}, version: 2}
		codeRecord(&c, r)
		at := bytes.LastIndexByte(c.data, 123)
		if at < 0 {
			t.Fatal("the number is not where it was looked for")
		}
		c.data[at] = byte(missed)
		return binary.LittleEndian.AppendUint32(c.data, checksum(nil, c.data))
	}
	if r, err := DecodeRecord(written(123)); err != nil || r.Counters[0].Missed != 123 || r.Counters[0].Keep != 0 {
		t.Fatal(r, err)
	}
	if r, err := DecodeRecord(written(0)); err == nil {
		t.Errorf("%+v", r.Counters)
	}
}

// A counter has all its fields in the form, whatever they are: no other field says
// whether one follows.
func TestCodecCounterPlain(t *testing.T) {
	size := func(k Counter) int { return len(AppendRecord(nil, &Record{Counters: []Counter{k}})) }
	if with, without := size(Counter{Missed: 1}), size(Counter{}); with != without {
		t.Errorf("%d bytes with a number missed, %d without", with, without)
	}
	// What version 2 took for a sign is a number like any other.
	r := &Record{Counters: []Counter{{Def: "e", Keep: -4, Missed: 7}}}
	if got, err := DecodeRecord(AppendRecord(nil, r)); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%v, %+v", err, got)
	}
}

// largeEvent is an event with some 50 KB of metadata.
func largeEvent(seq int) LoggedEvent {
	e := LoggedEvent{Seq: uint64(seq), Name: unique.Make("cart"), At: int64(seq), Page: &Page{URL: "https://x.test/"}}
	for i := range 20 {
		e.Metadata = append(e.Metadata, value.Field{Key: fmt.Sprint("k", i), Value: value.String(strings.Repeat("é", 255) + fmt.Sprint(seq))})
	}
	return e
}

// However many messages wait because of an event, a record has it once, and so it
// comes back: all of them share it.
func TestHeldEventsOnce(t *testing.T) {
	one, two := largeEvent(1), largeEvent(2)
	twin := largeEvent(1) // equal, not shared
	other := largeEvent(1)
	other.Name = unique.Make("another contact's first") // as a merge brings it
	r := &Record{Key: Key{Kind: KindUser, ID: "u"}, Exists: true, Profile: &Profile{}}
	for i := range 50 {
		for _, e := range []LoggedEvent{one, two, twin, other, {Seq: 9}, {Seq: 9, At: 1}} {
			r.Profile.Holds = append(r.Profile.Holds, Hold{Message: fmt.Sprint("m", i), Due: int64(i), Event: e})
		}
	}
	data := AppendRecord(nil, r)
	single := len(AppendLoggedEvent(nil, &one))
	if most := 3*single + 50*6*40; len(data) > most {
		t.Errorf("%d bytes for three events of %d, want at most %d", len(data), single, most)
	}
	back, err := DecodeRecord(data)
	if err != nil || !reflect.DeepEqual(back, r) {
		t.Fatalf("it does not come back: %v", err)
	}
	first := map[*value.Field]bool{}
	for i := range back.Profile.Holds {
		if m := back.Profile.Holds[i].Event.Metadata; len(m) > 0 {
			first[&m[0]] = true
		}
	}
	if len(first) != 3 {
		t.Errorf("decoded there are %d events", len(first))
	}
	if !bytes.Equal(AppendRecord(nil, back), data) {
		t.Error("written again it has another form")
	}
	// A number that no event has is damage.
	bad := appendData(nil, nil, r, func(c *coder, r *Record) {
		codeRecord(c, &Record{Key: r.Key, Exists: true})
		c.data = c.data[:len(c.data)-1]
		c.writeInt(1)
		c.data = append(c.data, 0, 0, 0, 0, 0) // created, attributes, companies, unsubscribed, last check
		c.writeUint(1)
		c.writeUint(0)
		codeHold(c, &Hold{})
		c.writeUint(0)
	})
	if _, err := DecodeRecord(bad); err == nil || !strings.Contains(err.Error(), "event that is not there") {
		t.Errorf("a number of no event: %v", err)
	}
}
