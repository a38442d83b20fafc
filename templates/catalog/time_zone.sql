-- The time zone of timestamps that do not say one.
-- row: time_zone
SELECT pg_catalog.current_setting('TimeZone') AS time_zone;
