-- The column email has addresses with their letters A to Z in lower case, so that
-- a contact is found by every spelling. Who has none and is kept under an address
-- in other letters, as of old, is found by that; an id that is not plain text, or
-- has a backslash, shows as one here.
UPDATE beckon_records SET email = lower(email) WHERE email <> lower(email);
UPDATE beckon_records SET email = lower(encode(id, 'escape') COLLATE "C")
	WHERE kind = 3 AND email IS NULL AND length(id) <= 254 AND position(chr(92) IN encode(id, 'escape')) = 0
	AND encode(id, 'escape') COLLATE "C" <> lower(encode(id, 'escape') COLLATE "C");
