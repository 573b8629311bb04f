package redisstore

import (
	"github.com/beckon-go/beckon/store"
)

// A decoder decodes what is stored. It is for one goroutine at a time.
type decoder struct {
	records store.RecordDecoder
	data    []byte     // its memory is used again for each record
	brief   bool       // and so is that of the record, for the next one
	form    store.Form // of the last record; none if brief
}

// decode returns the record stored under a key, an empty one for none. If it cannot be
// read, the error says so and the version is right all the same.
func (d *decoder) decode(key store.Key, value string) (rec *store.Record, version string, err error) {
	if d.form = (store.Form{}); value == "" {
		return &store.Record{Key: key}, "", nil
	}
	version = value[:min(len(value), versionSize)] // as the script reads it
	if rec, err = d.read(key, value); err != nil {
		return nil, version, store.Damaged(key, nil, err)
	}
	return rec, version, nil
}

func (d *decoder) read(key store.Key, value string) (*store.Record, error) {
	if len(value) < versionSize {
		return nil, corrupt("is too short")
	}
	d.data = append(d.data[:0], value[versionSize:]...)
	var (
		rec *store.Record
		err error
	)
	if d.brief {
		rec, err = d.records.DecodeNext(d.data)
	} else {
		rec, d.form, err = d.records.DecodeForm(d.data)
	}
	if cap(d.data) > maxKept {
		d.data = nil
	}
	if err != nil {
		return nil, err
	}
	if rec.Key != key || !rec.Exists {
		return nil, corrupt("is another record's")
	}
	return rec, nil
}
