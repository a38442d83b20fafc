ALTER DEFAULT PRIVILEGES FOR ROLE :creators :in_schema REVOKE :option_for :privileges ON :kind FROM :grantees;
