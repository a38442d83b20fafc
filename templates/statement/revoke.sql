REVOKE :option_for :privileges ON :kind :objects FROM :grantees;
