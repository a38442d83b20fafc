-- Lines of the HBA file on disk that the server would refuse; a type with an error is only a warning.
-- rows: line_number?, error
SELECT line_number, coalesce(error, 'the server gives no reason') AS error
  FROM pg_catalog.pg_hba_file_rules
 WHERE type IS NULL
 ORDER BY line_number;
