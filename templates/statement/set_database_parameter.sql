ALTER DATABASE :"database" SET :"parameter" TO :value;
