GRANT :groups TO :"member" :options :granted_by;
