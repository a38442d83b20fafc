REASSIGN OWNED BY :"role" TO :"reassign_to";
