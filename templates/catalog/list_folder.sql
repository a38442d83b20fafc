-- The names in a folder on the server.
-- rows: name
SELECT name FROM pg_catalog.pg_ls_dir(:'path') AS d(name);
