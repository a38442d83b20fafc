DROP OWNED BY :"role";
