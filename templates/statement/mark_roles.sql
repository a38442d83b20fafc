GRANT :"marker" TO :members;
