REVOKE :"marker" FROM :members :granted_by;
