-- Every role with its attributes, its verifier and its comment.
-- rows: rolname, rolcanlogin bool, rolsuper bool, rolcreatedb bool, rolcreaterole bool,
-- rows: rolinherit bool, rolreplication bool, rolbypassrls bool, rolconnlimit integer,
-- rows: valid_until number?, rolpassword?, description?
SELECT r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolinherit,
       r.rolreplication, r.rolbypassrls, r.rolconnlimit,
       extract(epoch FROM r.rolvaliduntil)::float8 AS valid_until, r.rolpassword, d.description
  FROM pg_catalog.pg_authid r
  LEFT JOIN pg_catalog.pg_shdescription d
    ON d.objoid = r.oid AND d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
 ORDER BY r.oid;
