-- Every database with its owner, its properties, its ACL and its comment.
-- rows: datname, owner, acl?, allow_connections bool, datistemplate bool, datconnlimit integer,
-- rows: spcname, description?
SELECT d.datname, o.rolname AS owner, d.datacl::text AS acl,
       d.datallowconn AND d.datconnlimit <> -2 AS allow_connections, d.datistemplate,
       d.datconnlimit, t.spcname, c.description
  FROM pg_catalog.pg_database d
  JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
  JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
  LEFT JOIN pg_catalog.pg_shdescription c
    ON c.objoid = d.oid AND c.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
 ORDER BY d.oid;
