package beckon_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// lastError returns the last error of a run.
func lastError[T any](run iter.Seq2[T, error]) (failed error) {
	for _, err := range run {
		failed = err
	}
	return failed
}

// A cursor that is not of a run's own is the caller's fault, and not the store's.
func TestResumeAtForeignCursor(t *testing.T) {
	engine, err := beckon.New(memstore.New(), beckon.WithOutbox())
	if err == nil {
		err = engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
			ID: "m", Channel: beckon.Banner, Mode: beckon.Ongoing, Status: beckon.Live, Content: beckon.Content{Body: "b"},
		}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	at := beckon.ResumeAt("\xff")
	for name, err := range map[string]error{
		"Sweep":       lastError(engine.Sweep(t.Context(), at)),
		"Match":       lastError(engine.Match(t.Context(), beckon.User("plan").Is("pro"), at)),
		"Outbox":      lastError(engine.Outbox(t.Context(), at)),
		"DeadLetters": lastError(engine.DeadLetters(t.Context(), at)),
	} {
		var failed *beckon.StoreError
		var list beckon.ErrorList
		if !errors.Is(err, store.ErrQueryInvalid) || errors.As(err, &failed) || !errors.As(err, &list) || list[0].Field != "cursor" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
