-- The column email has addresses with their letters A to Z in lower case, so that
-- a contact is found by every spelling. Who has none and is kept under an address
-- in other letters, as of old, is found by that.
UPDATE beckon_records SET email = lower(email) WHERE email <> lower(email);
UPDATE beckon_records SET email = lower(CAST(id AS TEXT))
	WHERE kind = 3 AND email IS NULL AND length(id) <= 254 AND CAST(id AS TEXT) <> lower(CAST(id AS TEXT));
