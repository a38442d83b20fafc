-- Timestamps as this server reads them, in its own time zone: :texts is a list of literals.
-- rows: text, seconds number
SELECT t.text, extract(epoch FROM t.text::timestamptz)::float8 AS seconds
  FROM pg_catalog.unnest(ARRAY[:texts]::text[]) AS t(text);
