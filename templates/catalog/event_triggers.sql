-- Event triggers that fire, and whose function does not belong to a superuser: it runs with the rights of whoever fires
-- it (manual, "Event Triggers"). Only a superuser makes event triggers, but the owner of the function can replace it.
-- rows: evtname, evtevent, nspname, proname, owner
SELECT e.evtname, e.evtevent, n.nspname, p.proname, r.rolname AS owner
  FROM pg_catalog.pg_event_trigger e
  JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
 WHERE e.evtenabled <> 'D' AND NOT r.rolsuper
 ORDER BY e.evtevent <> 'login', e.evtname;
