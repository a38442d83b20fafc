/*
 * Functions of pg_catalog that read, write or list files of the server as its operating system user
 * (genfile.c, be-fsstubs.c). initdb takes EXECUTE on them from PUBLIC.
 */
#pragma once

#include <stdbool.h>

/* Their names, ended by NULL. */
extern const char *const file_function_names[];

/* Whether the signature, "pg_read_file(text)", is one of theirs. */
bool file_function_is(const char *signature);
