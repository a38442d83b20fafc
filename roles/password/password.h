/*
 * Passwords: SCRAM-SHA-256 and MD5 verifiers as PostgreSQL stores them (scram-common.c,
 * md5_common.c, saslprep.c), and whether a plaintext belongs to one.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "inventory/model/inventory.h"

#define SCRAM_ITERATIONS_DEFAULT 4096

/* Whether the plaintext (SASLprep applied where it can be) gives that verifier. md5 needs the
 * role's name. */
bool password_matches(const char *plaintext, const char *role_name, const char *verifier);
/* The iterations of a SCRAM verifier, from 1 on; 0 if it is not one. */
int password_iterations(const char *verifier);
/* A new verifier with a random salt. */
char *password_scram_verifier(Arena *arena, const char *plaintext, int iterations);
char *password_md5_verifier(Arena *arena, const char *plaintext, const char *role_name);
