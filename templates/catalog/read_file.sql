-- The bytes of a file on the server.
-- row: bytes hex
SELECT pg_catalog.encode(pg_catalog.pg_read_binary_file(:'path'), 'hex') AS bytes;
