CREATE ROLE :"role" :options;
