-- What some roles (:roles is a list of literals) own here and only a superuser may own, whatever is moved with it:
-- event triggers, foreign data wrappers, publications FOR ALL TABLES, and of a superuser its other publications and its
-- subscriptions (AlterEventTriggerOwner_internal() and its like in the server).
-- rows: rolname, kind keywords, name
SELECT r.rolname, found.kind, found.name
  FROM (
    SELECT e.evtowner AS owner, 'EVENT TRIGGER' AS kind, e.evtname AS name, true AS always
      FROM pg_catalog.pg_event_trigger e
    UNION ALL
    SELECT f.fdwowner, 'FOREIGN DATA WRAPPER', f.fdwname, true FROM pg_catalog.pg_foreign_data_wrapper f
    UNION ALL
    SELECT p.pubowner, 'PUBLICATION', p.pubname, p.puballtables FROM pg_catalog.pg_publication p
    UNION ALL
    SELECT s.subowner, 'SUBSCRIPTION', s.subname, false
      FROM pg_catalog.pg_subscription s
      JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
     WHERE d.datname = pg_catalog.current_database()
  ) AS found
  JOIN pg_catalog.pg_roles r ON r.oid = found.owner
 WHERE r.rolname = ANY (ARRAY[:roles]::text[]) AND (found.always OR r.rolsuper)
 ORDER BY r.rolname, found.kind, found.name;
