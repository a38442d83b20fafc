/* Verifiers: known answers of real servers, and what counts as a change. */
#include <string.h>

#include "roles/password/password.h"
#include "roles/password/password_check.h"

/* Made by PostgreSQL 15: CREATE ROLE ... PASSWORD, then read from pg_authid. */
static const char scram_of_secret[] = "SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$";

static PasswordComparison
compare(const char *plaintext, const char *stored, bool as_md5)
{
    const PasswordCheck check = { .role_name = "alice",
                                  .plaintext = plaintext,
                                  .stored = stored,
                                  .as_md5 = as_md5,
                                  .iterations = 4096 };

    return password_check_compare(&check);
}

static void
a_new_verifier_matches_its_plaintext_and_no_other(void)
{
    g_autoptr(Arena) arena = arena_new();
    const char *verifier = password_scram_verifier(arena, "secret", 4096);

    g_assert_true(password_matches("secret", "alice", verifier));
    g_assert_false(password_matches("Secret", "alice", verifier));
    g_assert_false(password_matches("", "alice", verifier));
    g_assert_true(g_str_has_prefix(verifier, "SCRAM-SHA-256$4096:"));
}

static void
two_verifiers_of_one_password_have_their_own_salts(void)
{
    g_autoptr(Arena) arena = arena_new();

    g_assert_cmpstr(password_scram_verifier(arena, "secret", 4096), !=,
                    password_scram_verifier(arena, "secret", 4096));
}

static void
saslprep_makes_equal_what_the_server_takes_for_equal(void)
{
    g_autoptr(Arena) arena = arena_new();
    /* U+2168 ROMAN NUMERAL NINE is IX after NFKC, U+00A0 a blank, U+00AD nothing (RFC 4013). */
    const char *verifier = password_scram_verifier(arena, "I\xc2\xadX", 4096);

    g_assert_true(password_matches("IX", "alice", verifier));
    g_assert_true(password_matches("\xe2\x85\xa8", "alice", verifier));
    verifier = password_scram_verifier(arena,
                                       "a\xc2\xa0"
                                       "b",
                                       4096);
    g_assert_true(password_matches("a b", "alice", verifier));
}

static void
what_saslprep_prohibits_counts_byte_by_byte(void)
{
    g_autoptr(Arena) arena = arena_new();
    const char *verifier = password_scram_verifier(arena, "\xff\xfe", 4096);

    g_assert_true(password_matches("\xff\xfe", "alice", verifier));
    g_assert_false(password_matches("\xff", "alice", verifier));
}

static void
md5_is_over_password_and_role(void)
{
    g_autoptr(Arena) arena = arena_new();
    const char *verifier = password_md5_verifier(arena, "secret", "alice");

    /* echo -n secretalice | md5sum */
    g_assert_cmpstr(verifier, ==, "md54a0a68b43b6cd5cf266fa02f196e2371");
}

static void
broken_verifiers_match_nothing(void)
{
    const char *const broken[] = { "SCRAM-SHA-256$",
                                   "SCRAM-SHA-256$x:y$z:w",
                                   "SCRAM-SHA-256$4096:c2FsdA==$AAAA:BBBB",
                                   "md5",
                                   "md5xyz",
                                   "" };

    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++)
        g_assert_false(password_matches("secret", "alice", broken[i]));
    g_assert_false(password_matches("secret", "alice", scram_of_secret));
}

static void
an_equal_password_is_no_change(void)
{
    g_autoptr(Arena) arena = arena_new();

    g_assert_cmpint(compare("secret", password_scram_verifier(arena, "secret", 4096), false), ==,
                    PASSWORD_IS_EQUAL);
    g_assert_cmpint(compare("other", password_scram_verifier(arena, "secret", 4096), false), ==,
                    PASSWORD_NEEDS_HASHING);
    g_assert_cmpint(compare("secret", NULL, false), ==, PASSWORD_NEEDS_HASHING);
}

static void
md5_under_a_plaintext_becomes_scram_unless_md5_is_wanted(void)
{
    g_autoptr(Arena) arena = arena_new();
    const char *md5 = password_md5_verifier(arena, "secret", "alice");

    g_assert_cmpint(compare("secret", md5, false), ==, PASSWORD_NEEDS_HASHING);
    g_assert_cmpint(compare("secret", md5, true), ==, PASSWORD_IS_EQUAL);
}

/* Hashing it would take more than a minute, and the test with it. */
static void
a_verifier_of_too_many_iterations_is_not_compared(void)
{
    g_autoptr(Arena) arena = arena_new();
    PasswordCheck check = { .role_name = "alice", .plaintext = "secret", .iterations = 4096 };

    check.stored = "SCRAM-SHA-256$60000000:c2FsdA==$AAAA:BBBB";
    g_assert_true(password_check_is_too_slow(&check));
    g_assert_cmpint(password_check_compare(&check), ==, PASSWORD_NEEDS_HASHING);
    check.stored = password_scram_verifier(arena, "secret", 40960);
    g_assert_false(password_check_is_too_slow(&check));
    g_assert_cmpint(password_check_compare(&check), ==, PASSWORD_IS_EQUAL);
    check.stored = "SCRAM-SHA-256$40961:c2FsdA==$AAAA:BBBB";
    g_assert_true(password_check_is_too_slow(&check));
    check.iterations = 5000;
    g_assert_false(password_check_is_too_slow(&check));
    check.iterations = 1;
    g_assert_true(password_check_is_too_slow(&check));
    check.plaintext = NULL;
    g_assert_false(password_check_is_too_slow(&check));
}

static void
iterations_are_read_of_scram_alone(void)
{
    g_assert_cmpint(password_iterations("SCRAM-SHA-256$4096:c2FsdA==$AAAA:BBBB"), ==, 4096);
    g_assert_cmpint(password_iterations("SCRAM-SHA-256$0:c2FsdA==$AAAA:BBBB"), ==, 0);
    g_assert_cmpint(password_iterations("SCRAM-SHA-256$4294967296:c2FsdA==$AAAA:BBBB"), ==, 0);
    g_assert_cmpint(password_iterations("md54a0a68b43b6cd5cf266fa02f196e2371"), ==, 0);
}

static void
a_verifier_is_compared_as_text(void)
{
    const PasswordCheck same = { .role_name = "alice", .declared = "md5x", .stored = "md5x" };
    const PasswordCheck other = { .role_name = "alice", .declared = "md5x", .stored = "md5y" };
    const PasswordCheck removed = { .role_name = "alice", .stored = "md5y" };

    g_assert_cmpint(password_check_compare(&same), ==, PASSWORD_IS_EQUAL);
    g_assert_cmpint(password_check_compare(&other), ==, PASSWORD_DIFFERS);
    g_assert_cmpint(password_check_compare(&removed), ==, PASSWORD_DIFFERS);
}

static void
what_cannot_be_read_is_set_in_any_case(void)
{
    const PasswordCheck removed = { .role_name = "alice", .stored_is_unknown = true };
    const PasswordCheck plain = { .role_name = "bob",
                                  .plaintext = "secret",
                                  .stored_is_unknown = true };

    g_assert_cmpint(password_check_compare(&removed), ==, PASSWORD_DIFFERS);
    g_assert_cmpint(password_check_compare(&plain), ==, PASSWORD_NEEDS_HASHING);
}

static void
the_hash_is_of_the_kind_that_is_wanted(void)
{
    g_autoptr(Arena) arena = arena_new();
    PasswordCheck check = { .role_name = "alice", .plaintext = "secret", .iterations = 4096 };

    g_assert_true(g_str_has_prefix(password_check_hash(arena, &check), "SCRAM-SHA-256$4096:"));
    check.as_md5 = true;
    g_assert_cmpstr(password_check_hash(arena, &check), ==,
                    password_md5_verifier(arena, "secret", "alice"));
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/password/" #function, function)
    TEST(a_new_verifier_matches_its_plaintext_and_no_other);
    TEST(two_verifiers_of_one_password_have_their_own_salts);
    TEST(saslprep_makes_equal_what_the_server_takes_for_equal);
    TEST(what_saslprep_prohibits_counts_byte_by_byte);
    TEST(md5_is_over_password_and_role);
    TEST(broken_verifiers_match_nothing);
    TEST(an_equal_password_is_no_change);
    TEST(md5_under_a_plaintext_becomes_scram_unless_md5_is_wanted);
    TEST(a_verifier_of_too_many_iterations_is_not_compared);
    TEST(iterations_are_read_of_scram_alone);
    TEST(a_verifier_is_compared_as_text);
    TEST(what_cannot_be_read_is_set_in_any_case);
    TEST(the_hash_is_of_the_kind_that_is_wanted);
    return g_test_run();
}
