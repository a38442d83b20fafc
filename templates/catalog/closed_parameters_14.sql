-- Those of some parameters that only superusers may set, up to PostgreSQL 14: :names is a list of literals.
-- rows: name
SELECT pg_catalog.lower(n.name) AS name
  FROM pg_catalog.unnest(ARRAY[:names]::text[]) AS n(name)
  LEFT JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) = pg_catalog.lower(n.name)
 WHERE s.context IS NULL OR s.context IN ('superuser', 'superuser-backend');
