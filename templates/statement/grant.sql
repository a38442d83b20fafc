GRANT :privileges ON :kind :objects TO :grantees :grant_option;
