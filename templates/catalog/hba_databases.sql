-- The databases that HBA rules may name.
-- rows: name
SELECT datname AS name FROM pg_catalog.pg_database ORDER BY datname;
