-- The time zone of timestamps that do not say one.
SELECT pg_catalog.current_setting('TimeZone') AS time_zone;
