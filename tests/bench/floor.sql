-- What any tool has to read at least before it can say that nothing is to be done: who exists, and
-- what lies in this database, grouped by all that decides about access, without a name of an object.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT oid, rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolinherit, rolreplication,
       rolbypassrls, rolconnlimit, rolvaliduntil, rolpassword
  FROM pg_authid;
SELECT roleid, member, grantor, admin_option FROM pg_auth_members;
SELECT setdatabase, setrole, setconfig FROM pg_db_role_setting;
SELECT datname, datdba, datacl, datconnlimit, datistemplate, datallowconn FROM pg_database;
SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp_)';
SELECT defaclrole, defaclnamespace, defaclobjtype, defaclacl FROM pg_default_acl;
SELECT relnamespace, relkind, relowner, relacl, count(*)
  FROM pg_class
 WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
 GROUP BY 1, 2, 3, 4;
SELECT pronamespace, prokind, proowner, proacl, prosecdef, count(*)
  FROM pg_proc
 GROUP BY 1, 2, 3, 4, 5;
SELECT typnamespace, typtype, typowner, typacl, count(*)
  FROM pg_type
 WHERE typtype IN ('e', 'r', 'd') OR typtype = 'b' AND typcategory <> 'A'
 GROUP BY 1, 2, 3, 4;
SELECT attrelid, attname, attacl
  FROM pg_attribute
 WHERE attacl IS NOT NULL AND NOT attisdropped;
COMMIT;
