-- Code that some roles own here (:roles is a list of literals): what runs with its owner's rights, or when somebody
-- touches what they own. relname is NULL for routines. An expression counts where it calls something that does not
-- belong to a superuser; pg_depend knows (manual, "pg_depend"; find_expr_references_walker() in dependency.c).
-- rows: rolname, nspname, relname?, words
WITH owned AS (
  SELECT c.oid, c.relkind, n.nspname, c.relname, r.rolname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
   WHERE r.rolname = ANY (ARRAY[:roles]::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     AND c.relpersistence <> 't'
), called AS (
  SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass AS class, p.oid, p.proowner AS owner FROM pg_catalog.pg_proc p
  UNION ALL
  SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid, p.proowner
    FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode
  UNION ALL
  SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typowner FROM pg_catalog.pg_type t WHERE t.typtype = 'd'
), calls AS (
  SELECT DISTINCT d.classid, d.objid
    FROM pg_catalog.pg_depend d
    JOIN called ON called.class = d.refclassid AND called.oid = d.refobjid
    JOIN pg_catalog.pg_roles o ON o.oid = called.owner AND NOT o.rolsuper
   WHERE d.objsubid = 0
)
SELECT found.rolname, found.nspname, found.relname, found.words
  FROM (
    SELECT CASE WHEN p.prosecdef THEN 0 ELSE 1 END AS rank, r.rolname, n.nspname, NULL::name AS relname,
           CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END
             || n.nspname || '.' || p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'
             || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END AS words
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
     WHERE r.rolname = ANY (ARRAY[:roles]::text[])
    UNION ALL
    SELECT 2, o.rolname, o.nspname, o.relname,
           CASE o.relkind WHEN 'm' THEN 'materialized view ' ELSE 'view ' END || o.nspname || '.' || o.relname
      FROM owned o WHERE o.relkind IN ('v', 'm')
    UNION ALL
    SELECT 3, o.rolname, o.nspname, o.relname, 'rule ' || w.rulename || ' on ' || o.nspname || '.' || o.relname
      FROM owned o JOIN pg_catalog.pg_rewrite w ON w.ev_class = o.oid WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 4, o.rolname, o.nspname, o.relname, 'trigger ' || t.tgname || ' on ' || o.nspname || '.' || o.relname
      FROM owned o JOIN pg_catalog.pg_trigger t ON t.tgrelid = o.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 5, o.rolname, o.nspname, o.relname, 'policy ' || p.polname || ' on ' || o.nspname || '.' || o.relname
      FROM owned o JOIN pg_catalog.pg_policy p ON p.polrelid = o.oid
    UNION ALL
    SELECT 6, o.rolname, o.nspname, o.relname, 'index ' || c.relname || ' on ' || o.nspname || '.' || o.relname
      FROM owned o
      JOIN pg_catalog.pg_index i ON i.indrelid = o.oid
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN calls ON calls.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND calls.objid = i.indexrelid
    UNION ALL
    SELECT 7, o.rolname, o.nspname, o.relname, 'constraint ' || n.conname || ' on ' || o.nspname || '.' || o.relname
      FROM owned o
      JOIN pg_catalog.pg_constraint n ON n.conrelid = o.oid
      JOIN calls ON calls.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND calls.objid = n.oid
    UNION ALL
    SELECT 8, o.rolname, o.nspname, o.relname,
           'expression of column ' || o.nspname || '.' || o.relname || '.' || a.attname
      FROM owned o
      JOIN pg_catalog.pg_attrdef f ON f.adrelid = o.oid
      JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
      JOIN calls ON calls.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND calls.objid = f.oid
    UNION ALL
    SELECT 9, o.rolname, o.nspname, o.relname, 'statistics ' || s.stxname || ' on ' || o.nspname || '.' || o.relname
      FROM owned o
      JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = o.oid
      JOIN calls ON calls.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND calls.objid = s.oid
    UNION ALL
    SELECT 10, o.rolname, o.nspname, o.relname, 'partition key of ' || o.nspname || '.' || o.relname
      FROM owned o
      JOIN calls ON calls.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND calls.objid = o.oid
     WHERE o.relkind = 'p'
  ) AS found
 ORDER BY found.rolname, found.rank, found.words;
