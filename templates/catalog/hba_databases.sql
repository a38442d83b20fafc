-- The databases that HBA rules may name.
SELECT datname AS name FROM pg_catalog.pg_database ORDER BY datname;
