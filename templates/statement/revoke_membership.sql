REVOKE :option_for :groups FROM :"member" :granted_by;
