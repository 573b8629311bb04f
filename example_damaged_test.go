package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// A contact whose record cannot be read keeps no other from what it is to get. Who
// it was is told as the run goes, or by the error at its end.
func ExampleOnDamaged() {
	ctx := context.Background()
	kept := storetest.NewFaultStore(memstore.New()) // in which records can be damaged
	engine, err := beckon.New(kept)
	ok(err)
	ok(engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
		ID: "news", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "News"},
	}}}))
	for _, id := range []string{"u1", "u2", "u3"} {
		_, err := engine.Update(ctx, beckon.Contact{UserID: id})
		ok(err)
	}
	kept.Damage(store.Key{Kind: store.KindUser, ID: "u2"})

	var damaged []store.Key
	sent := 0
	for _, err := range engine.Sweep(ctx, beckon.OnDamaged(func(key store.Key, _ error) { damaged = append(damaged, key) })) {
		ok(err)
		sent++
	}
	fmt.Println(sent, "sent, not read:", damaged[0].Kind, damaged[0].ID)

	_, err = engine.Count(ctx, beckon.Rule{})
	var told *beckon.DamagedError
	fmt.Println(errors.As(err, &told), told.Count)

	ok(engine.DropDamaged(ctx, damaged...))
	n, err := engine.Count(ctx, beckon.Rule{})
	fmt.Println(n, err)
	// Output:
	// 2 sent, not read: user u2
	// true 1
	// 2 <nil>
}

// A store that keeps a record's key apart from the record has the checksum cover it:
// what stands under another key is damaged, and the error says which.
func ExampleAppendRecordUnder() {
	mine, other := store.Key{Kind: store.KindUser, ID: "u1"}, store.Key{Kind: store.KindUser, ID: "u2"}
	data := store.AppendRecordUnder(nil, mine, &store.Record{LastSeen: 5})
	r, err := store.DecodeRecordUnder(mine, data)
	ok(err)
	fmt.Println(r.LastSeen)
	_, err = store.DecodeRecordUnder(other, data)
	fmt.Println(store.Damaged(other, nil, err))

	event := store.AppendLoggedEventUnder(nil, mine, &store.LoggedEvent{Seq: 7, Name: unique.Make("login"), At: 1772442900})
	e, err := store.DecodeLoggedEventUnder(mine, event)
	ok(err)
	fmt.Println(e.Seq)
	// Output:
	// 5
	// a record cannot be read: user "u2": stored data does not match its checksum, or is another record's (data_corrupt)
	// 7
}
