ALTER DATABASE :"database" WITH :options;
