-- What the ACLs of some objects are now: each distinct one, with an object that has it. A NULL ACL
-- is the default of its kind.
-- rows: acl?, name, objects integer
SELECT coalesce(o.acl, pg_catalog.acldefault(:'type'::"char", o.owner))::text AS acl,
       pg_catalog.min(o.name) AS name, count(*) AS objects
  FROM (:objects) o
 GROUP BY 1
 ORDER BY 1;
