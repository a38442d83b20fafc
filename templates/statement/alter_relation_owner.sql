ALTER :kind :"schema".:"relation" OWNER TO :"reassign_to";
