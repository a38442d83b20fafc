-- Every role as those see it who may not read pg_authid: roles.sql without verifiers.
-- rows: rolname, rolcanlogin bool, rolsuper bool, rolcreatedb bool, rolcreaterole bool,
-- rows: rolinherit bool, rolreplication bool, rolbypassrls bool, rolconnlimit integer,
-- rows: valid_until number?, rolpassword?, description?, has_something bool
SELECT r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolinherit,
       r.rolreplication, r.rolbypassrls, r.rolconnlimit,
       extract(epoch FROM r.rolvaliduntil)::float8 AS valid_until, NULL AS rolpassword, d.description,
       r.rolname LIKE 'pgcharter\_%' AND EXISTS (
         SELECT FROM pg_catalog.pg_shdepend s
          WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.refobjid = r.oid
            AND s.classid <> 'pg_catalog.pg_auth_members'::pg_catalog.regclass) AS has_something
  FROM pg_catalog.pg_roles r
  LEFT JOIN pg_catalog.pg_shdescription d
    ON d.objoid = r.oid AND d.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
 ORDER BY r.oid;
