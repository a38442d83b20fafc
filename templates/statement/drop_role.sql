DROP ROLE :"role";
