package redisstore

import (
	"context"
	"strings"
)

// purge looks for the index entries of a record that cannot say which they are: it
// goes through the indices of the record's partition. They are few who need it.
func (s *Store) purge(ctx context.Context, x *change) error {
	end := appendKey(nil, x.key)
	lease := leaseMember(0, 0, x.key)[instantSize:] // without the channels
	lease = lease[:len(lease)-channelsSize+1]
	for _, index := range []struct {
		key            string
		prefix, suffix int // bytes around what the member ends with
		end            string
	}{
		{dueKey, instantSize, 0, end},
		{pendingKey, instantSize, 0, end},
		{pendingKey, instantSize, channelsSize - 1, lease},
		{emailKey, emailHashSize, 0, end},
		{movingKey, 0, 0, end},
	} {
		key, pattern := x.tag+index.key, "*"+escapeGlob(index.end)+strings.Repeat("?", index.suffix)
		var cursor uint64
		for {
			found, next, err := s.client.ZScan(ctx, key, cursor, pattern, idsPage).Result()
			if err != nil {
				return unwritten(err)
			}
			for i := 0; i < len(found); i += 2 { // behind each member stands its score
				if m := found[i]; len(m) == index.prefix+len(index.end)+index.suffix && m[index.prefix:len(m)-index.suffix] == index.end {
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
