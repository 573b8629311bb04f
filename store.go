package beckon

import "github.com/beckon-go/beckon/store"

// A Store keeps records: what is known of contacts, companies, event names and
// messages. Package [github.com/beckon-go/beckon/memstore] has one in memory, for
// tests and for programs that may forget; the modules sqlstore and redisstore keep
// records in SQLite, PostgreSQL and Redis. Package
// [github.com/beckon-go/beckon/store] has what one who writes a store needs, and
// package storetest checks it.
type Store = store.Store

// A DamagedError says that what is stored under some keys cannot be read: it is
// damaged, which is the code [ErrDataCorrupt], or of a newer version,
// [ErrDataVersion]. A call about one contact that needs such a record fails with
// it. A call about many goes on with all others and ends with it, see [OnDamaged].
// [Engine.Delete] removes such a contact, [Engine.DropDamaged] such a record of any
// kind.
type DamagedError = store.DamagedError

// A PanicError is the Err of a step whose Decider panicked. Nothing of the
// step was written.
type PanicError = store.PanicError
