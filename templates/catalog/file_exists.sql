-- Whether the server has something under that path.
-- row: is_there bool
SELECT (pg_catalog.pg_stat_file(:'path', true)).size IS NOT NULL AS is_there;
