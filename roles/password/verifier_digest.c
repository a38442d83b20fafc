/* Digests of verifiers. */
#include "roles/password/verifier_digest.h"

#include <string.h>

#define SCRAM_VERIFIER_PREFIX "SCRAM-SHA-256$"
#define SCRAM_DIGEST_PREFIX   "scram-sha-256 sha256:"
#define MD5_VERIFIER_PREFIX   "md5"
#define MD5_DIGEST            "md5"
#define OTHER_DIGEST          "other"
#define SHA256_HEX_LENGTH     ((size_t)64)

/*
 * A SCRAM verifier holds two keys derived with a random salt and thousands of rounds (RFC 5802), so
 * its digest says no more than the verifier does to somebody who has to guess the password anyway.
 * An MD5 verifier is one MD5 of password and role name: whoever has any function of it tries
 * millions of passwords a second, so nothing of it is kept.
 */
char *
verifier_digest(Arena *arena, const char *verifier)
{
    g_autofree char *sum = NULL;

    if (g_str_has_prefix(verifier, MD5_VERIFIER_PREFIX))
        return arena_strdup(arena, MD5_DIGEST);
    if (!g_str_has_prefix(verifier, SCRAM_VERIFIER_PREFIX))
        return arena_strdup(arena, OTHER_DIGEST);
    sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, verifier, -1);
    return arena_printf(arena, "%s%s", SCRAM_DIGEST_PREFIX, sum);
}

bool
verifier_digest_is_valid(const char *digest)
{
    const char *hex = digest + strlen(SCRAM_DIGEST_PREFIX);

    if (strcmp(digest, MD5_DIGEST) == 0 || strcmp(digest, OTHER_DIGEST) == 0)
        return true;
    return g_str_has_prefix(digest, SCRAM_DIGEST_PREFIX) && strlen(hex) == SHA256_HEX_LENGTH &&
           strspn(hex, "0123456789abcdef") == SHA256_HEX_LENGTH;
}

VerifierMatch
verifier_digest_match(const char *digest, const char *verifier)
{
    g_autoptr(Arena) scratch = arena_new();
    const char *other = verifier_digest(scratch, verifier);

    if (strcmp(digest, other) != 0)
        return VERIFIER_DIFFERENT;
    return g_str_has_prefix(digest, SCRAM_DIGEST_PREFIX) ? VERIFIER_SAME : VERIFIER_NOT_COMPARABLE;
}
