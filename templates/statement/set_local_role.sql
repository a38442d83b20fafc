SET LOCAL ROLE :"role";
