-- Every database with its owner, its properties, its ACL and its comment. Names of roles are bytes that all databases
-- share; recodes_names: it reads them as other characters than the database of this session.
-- rows: datname, owner, acl?, allow_connections bool, datistemplate bool, datconnlimit integer,
-- rows: recodes_names bool, spcname, description?
SELECT d.datname, o.rolname AS owner, d.datacl::text AS acl,
       d.datallowconn AND d.datconnlimit <> -2 AS allow_connections, d.datistemplate,
       d.datconnlimit,
       d.encoding <> own.encoding
       AND NOT (d.encoding = ANY (own.plain) AND own.encoding = ANY (own.plain)) AS recodes_names,
       t.spcname, c.description
  FROM pg_catalog.pg_database d
  JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
  JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
  CROSS JOIN (SELECT pg_catalog.pg_char_to_encoding(pg_catalog.getdatabaseencoding()) AS encoding,
                     ARRAY[pg_catalog.pg_char_to_encoding('UTF8'),
                           pg_catalog.pg_char_to_encoding('SQL_ASCII')] AS plain) own
  LEFT JOIN pg_catalog.pg_shdescription c
    ON c.objoid = d.oid AND c.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
 ORDER BY d.oid;
