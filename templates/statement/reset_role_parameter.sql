ALTER ROLE :"role" :in_database RESET :"parameter";
