package beckon

import "github.com/beckon-go/beckon/store"

// A Store keeps records: of contacts, companies, event names and messages.
// Package memstore has one in memory; the modules sqlstore and redisstore are
// for SQLite, PostgreSQL and Redis. To write one see package store; package
// storetest checks it.
type Store = store.Store

// A DamagedError says that records cannot be read: they are damaged
// (ErrDataCorrupt) or of a newer version (ErrDataVersion). A call about one
// contact fails with it; one about many goes on and ends with it, see
// [OnDamaged]. [Engine.Delete] removes such a contact, [Engine.DropDamaged] any
// record.
type DamagedError = store.DamagedError

// A PanicError is the error of a call whose decision panicked: nothing was written.
type PanicError = store.PanicError
