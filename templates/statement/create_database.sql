CREATE DATABASE :"database" :options;
