ALTER ROLE :"role" PASSWORD :verifier;
