ALTER ROLE :"role" SET :"parameter" TO :value;
