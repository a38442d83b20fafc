ALTER :kind :object OWNER TO :"owner";
