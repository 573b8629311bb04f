package redisstore

import (
	"context"
	"strings"
)

// purge looks for the index entries of a record that cannot say which they are: it
// goes through the indices of the record's partition. They are few who need it.
func (s *Store) purge(ctx context.Context, x *change) error {
	end := appendKey(nil, x.key)
	pattern := "*" + escapeGlob(end)
	for _, index := range []struct {
		key    string
		prefix int
	}{{dueKey, instantSize}, {pendingKey, instantSize}, {emailKey, emailHashSize}, {movingKey, 0}} {
		key := x.tag + index.key
		var cursor uint64
		for {
			found, next, err := s.client.ZScan(ctx, key, cursor, pattern, idsPage).Result()
			if err != nil {
				return unwritten(err)
			}
			for i := 0; i < len(found); i += 2 { // behind each member stands its score
				if len(found[i]) == index.prefix+len(end) && strings.HasSuffix(found[i], end) {
					x.stale = append(x.stale, "r", x.number(key), found[i])
				}
			}
			if cursor = next; cursor == 0 {
				break
			}
		}
	}
	return nil
}

// escapeGlob takes from the characters of a pattern what they mean.
func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`).Replace(s)
}
