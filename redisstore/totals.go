package redisstore

import (
	"math"
	"strconv"

	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// sum adds up what the partitions have counted of a message, or takes the latest of
// it ([store.IsLatest]). Sums stop at the ends of int64, as the counts themselves do.
func sum(parts []*redis.MapStringStringCmd) ([]store.Total, error) {
	var totals []store.Total
	at := make(map[string]int)
	for _, part := range parts {
		if err := part.Err(); err != nil {
			return nil, unwritten(err)
		}
		for name, text := range part.Val() {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, corrupt("has a total that is no number")
			}
			i, ok := at[name]
			if !ok {
				i = len(totals)
				at[name] = i
				totals = append(totals, store.Total{Name: name, Count: n})
				continue
			}
			if store.IsLatest(name) {
				totals[i].Count = max(totals[i].Count, n)
				continue
			}
			totals[i].Count = saturate(totals[i].Count, n)
		}
	}
	return totals, nil
}

// saturate adds, and stops at the ends of int64.
func saturate(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}
