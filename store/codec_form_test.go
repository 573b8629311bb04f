package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// Whatever steps change, and in which order, a form appends what is made anew.
func TestFormAppendsTheSame(t *testing.T) {
	full := fullRecord(t)
	stored := AppendRecordUnder(nil, full.Key, full)
	var d RecordDecoder
	fields := reflect.TypeFor[Changes]()
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 7))
		r, f, err := d.DecodeFormUnder(full.Key, stored)
		if err != nil {
			t.Fatal(err)
		}
		changed := "nothing"
		for range 1 + random.IntN(8) {
			if got, want := f.AppendRecordUnder(nil, full.Key, r), AppendRecordUnder(nil, full.Key, r); !bytes.Equal(got, want) {
				t.Fatalf("seed %d, after a change of %s:\n got %x\nwant %x", seed, changed, got, want)
			}
			if got, want := f.AppendRecord([]byte("before"), r), AppendRecord([]byte("before"), r); !bytes.Equal(got, want) {
				t.Fatalf("seed %d, after a change of %s, without a key:\n got %x\nwant %x", seed, changed, got, want)
			}
			var c Changes
			i := random.IntN(fields.NumField())
			(&filler{n: random.Int64N(50)}).fill(t, reflect.ValueOf(&c).Elem().Field(i), "Changes")
			switch changed = fields.Field(i).Name; changed {
			case "SendLogDrop":
				c.SendLogDrop = []string{full.SendLog[0].ID}
			case "PendingDrop":
				for p := range full.Pending.All() {
					c.PendingDrop = append(c.PendingDrop, p.Delivery.ID)
				}
			case "NewSends":
				c.NewSends = false // it says something of others alone
			}
			f.Changed(&c)
			r.Apply(&c)
		}
	}
}

// Each field of a change that the parts of a form have is seen, and nothing else lets go of
// them: else a form would be of no use.
func TestFormKeeps(t *testing.T) {
	full := fullRecord(t)
	var d RecordDecoder
	for i := range reflect.TypeFor[Changes]().NumField() {
		name := reflect.TypeFor[Changes]().Field(i).Name
		r, f, err := d.DecodeForm(AppendRecord(nil, full))
		if err != nil || f.sendsText == "" || f.profileText == "" {
			t.Fatalf("%+v, %v", f, err)
		}
		var c Changes
		new(filler).fill(t, reflect.ValueOf(&c).Elem().Field(i), "Changes")
		f.Changed(&c)
		r.Apply(&c)
		sends, profile := f.sendsText != "", f.profile != nil && f.profile == r.Profile
		wantSends, wantProfile := true, true
		switch name {
		case "Delete", "Clear":
			wantSends, wantProfile = false, false
		case "SortSendLog", "SendStats", "SendLog", "SendLogDrop":
			wantSends = false
		case "Profile":
			wantProfile = false
		}
		if sends != wantSends || profile != wantProfile {
			t.Errorf("%s: the sends are kept: %t, the profile: %t; want %t, %t", name, sends, profile, wantSends, wantProfile)
		}
	}
}

// What an older version stored has no form: its fields stood elsewhere. Nor has what cannot
// be read.
func TestFormOfOlderVersions(t *testing.T) {
	var d RecordDecoder
	for _, stored := range olderRecords() {
		data := unhex(t, stored)
		r, f, err := d.DecodeForm(data)
		if err != nil || data[0] != dataVersion && f != (Form{}) {
			t.Errorf("version %d: %+v, %v", data[0], f, err)
		}
		if got, want := f.AppendRecord(nil, r), AppendRecord(nil, r); !bytes.Equal(got, want) {
			t.Errorf("version %d:\n got %x\nwant %x", data[0], got, want)
		}
	}
	data := AppendRecord(nil, fullRecord(t))
	for i := range data {
		cut := bytes.Clone(data)
		cut[i] ^= 1
		if r, f, err := d.DecodeForm(cut); err == nil || r != nil || f != (Form{}) {
			t.Fatalf("byte %d: %v, %+v, %v", i, r, f, err)
		}
	}
}

// A decoder that shows a part of other records shows all of one with its form.
func TestDecodeFormShowsAll(t *testing.T) {
	full := fullRecord(t)
	d := RecordDecoder{Only: new(Projection)}
	r, _, err := d.DecodeForm(AppendRecord(nil, full))
	if err != nil || !reflect.DeepEqual(r, full) {
		t.Errorf("%v\n got %s\nwant %s", err, fmt.Sprintf("%+v", r), fmt.Sprintf("%+v", full))
	}
}
