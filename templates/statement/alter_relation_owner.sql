ALTER :kind :"schema".:"relation" OWNER TO :"heir";
