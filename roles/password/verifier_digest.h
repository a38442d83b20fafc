/*
 * VerifierDigest: what a saved access state keeps of a role's password in place of its verifier:
 * the kind and, where that gives nothing away, a digest.
 *
 *     scram-sha-256 sha256:9f86d081...   the SHA-256 of the verifier's text
 *     md5                                 no digest: see verifier_digest()
 *     other                               what PostgreSQL would not take for a verifier
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

typedef enum VerifierMatch {
    VERIFIER_SAME,
    VERIFIER_DIFFERENT,
    VERIFIER_NOT_COMPARABLE,
} VerifierMatch;

/* What is kept of the verifier. */
char *verifier_digest(Arena *arena, const char *verifier);
/* Whether a text of a file has one of the forms above. */
bool verifier_digest_is_valid(const char *digest);
/* Whether a ready verifier is the one that the digest was made from. */
VerifierMatch verifier_digest_match(const char *digest, const char *verifier);
