-- Prepared transactions of some roles: :roles is a list of literals.
-- rows: owner, database, transactions integer
SELECT p.owner, p.database, pg_catalog.count(*) AS transactions
  FROM pg_catalog.pg_prepared_xacts p
 WHERE p.owner = ANY (ARRAY[:roles]::text[])
 GROUP BY p.owner, p.database
 ORDER BY p.owner, p.database;
