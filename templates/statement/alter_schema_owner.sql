ALTER SCHEMA :"schema" OWNER TO :"owner";
