DROP SCHEMA :"schema" :cascade;
