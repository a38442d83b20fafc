/* What a saved state keeps of a password, and what can be said with it. */
#include "roles/password/verifier_digest.h"

#define SCRAM "SCRAM-SHA-256$4096:c2FsdHNhbHQ=$c3RvcmVk:c2VydmVy"

static void
a_scram_verifier_is_its_kind_and_a_digest(void)
{
    g_autoptr(Arena) arena = arena_new();
    const char *digest = verifier_digest(arena, SCRAM);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, SCRAM, -1);

    g_assert_true(g_str_has_prefix(digest, "scram-sha-256 sha256:"));
    g_assert_true(g_str_has_suffix(digest, sum));
    g_assert_true(verifier_digest_is_valid(digest));
    g_assert_cmpint(verifier_digest_match(digest, SCRAM), ==, VERIFIER_SAME);
    g_assert_cmpint(verifier_digest_match(digest, SCRAM "x"), ==, VERIFIER_DIFFERENT);
    g_assert_cmpint(verifier_digest_match(digest, "md5d41d8cd98f00b204e9800998ecf8427e"), ==,
                    VERIFIER_DIFFERENT);
}

static void
nothing_is_kept_of_an_md5_verifier(void)
{
    g_autoptr(Arena) arena = arena_new();
    const char *verifier = "md5d41d8cd98f00b204e9800998ecf8427e";

    g_assert_cmpstr(verifier_digest(arena, verifier), ==, "md5");
    g_assert_cmpint(verifier_digest_match("md5", verifier), ==, VERIFIER_NOT_COMPARABLE);
    g_assert_cmpint(verifier_digest_match("md5", SCRAM), ==, VERIFIER_DIFFERENT);
    g_assert_cmpstr(verifier_digest(arena, "plain"), ==, "other");
}

static void
other_texts_are_not_digests(void)
{
    g_assert_true(verifier_digest_is_valid("md5"));
    g_assert_true(verifier_digest_is_valid("other"));
    g_assert_false(verifier_digest_is_valid(""));
    g_assert_false(verifier_digest_is_valid("hunter2"));
    g_assert_false(verifier_digest_is_valid(SCRAM));
    g_assert_false(verifier_digest_is_valid("scram-sha-256 sha256:abc"));
    g_assert_false(verifier_digest_is_valid("scram-sha-256 sha256:"
                                            "ABCDEF0123456789abcdef0123456789"
                                            "abcdef0123456789abcdef0123456789"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/verifier_digest/a SCRAM verifier is its kind and a digest",
                    a_scram_verifier_is_its_kind_and_a_digest);
    g_test_add_func("/verifier_digest/nothing is kept of an MD5 verifier",
                    nothing_is_kept_of_an_md5_verifier);
    g_test_add_func("/verifier_digest/other texts are not digests", other_texts_are_not_digests);
    return g_test_run();
}
