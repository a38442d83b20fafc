ALTER ROLE :"role" :options;
