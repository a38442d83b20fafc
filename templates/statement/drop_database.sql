DROP DATABASE :"database";
