/*
 * PasswordCheck: one declared password against the verifier that the server stores. Pure
 * arithmetic: who runs it, when and on which thread is provisioner/plan/password_checks.h.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

typedef struct PasswordCheck {
    const char *role_name;
    const char *plaintext;  /* NULL: the declaration is a verifier, or removes the password */
    const char *declared;   /* a verifier, or NULL */
    const char *stored;     /* NULL: the role has none */
    bool stored_is_unknown; /* it may not be read: what is declared is set in any case */
    bool as_md5;
    int iterations;
} PasswordCheck;

typedef enum PasswordComparison {
    PASSWORD_IS_EQUAL,
    PASSWORD_DIFFERS,      /* `declared` is to be stored, or nothing */
    PASSWORD_NEEDS_HASHING /* a verifier is to be made of the plaintext and stored */
} PasswordComparison;

struct DeferredVerifier; /* provisioner/plan/password_checks.h */

/* What comes of a check: what the diff reads. */
typedef struct PasswordResult {
    bool changes;
    const char *verifier;                    /* the one to store; NULL: none, or a deferred one */
    const struct DeferredVerifier *deferred; /* NULL, or a verifier that is made later */
} PasswordResult;

/* Whether the stored verifier has so many iterations that it is not compared: more than ten times
 * what new verifiers get, counted from at least the default. It counts as different. */
bool password_check_is_too_slow(const PasswordCheck *check);
/* As expensive as a login: 4096 rounds of HMAC-SHA-256 by default. */
PasswordComparison password_check_compare(const PasswordCheck *check);
/* A new verifier for the plaintext. */
char *password_check_hash(Arena *arena, const PasswordCheck *check);
bool password_check_equal(const PasswordCheck *a, const PasswordCheck *b);
