ALTER DEFAULT PRIVILEGES FOR ROLE :creators :in_schema GRANT :privileges ON :kind TO :grantees :grant_option;
