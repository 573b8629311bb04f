-- The index on attributes has one number for each value with the path to it, in
-- place of two texts, the name and the value. It serves @> as before, and costs a
-- write half as much; what only asks whether there is an attribute (?) it serves no more.
DROP INDEX beckon_records_attributes;
CREATE INDEX beckon_records_attributes ON beckon_records USING gin (attributes jsonb_path_ops);
