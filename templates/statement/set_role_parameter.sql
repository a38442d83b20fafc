ALTER ROLE :"role" :in_database SET :"parameter" TO :value;
