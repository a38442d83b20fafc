/* Checks on threads: results, verifiers that are made once, and ending in the middle. */
#include "provisioner/plan/password_checks.h"
#include "roles/password/password.h"

static const PasswordResult *
result_of(const PasswordChecks *checks, const char *role)
{
    return g_hash_table_lookup(password_checks_results(checks), role);
}

static void
run(PasswordChecks *checks)
{
    password_checks_start(checks, 2);
    password_checks_finish(checks);
}

static void
the_same_check_keeps_its_verifier(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(PasswordChecks) checks = password_checks_new(arena);
    const PasswordCheck check = { .role_name = "alice", .plaintext = "secret", .iterations = 4096 };
    const char *first = NULL;

    password_checks_add(checks, &check);
    run(checks);
    password_checks_hash_ahead(checks, 2);
    first = deferred_verifier_wait(result_of(checks, "alice")->deferred);
    g_assert_true(password_matches("secret", "alice", first));
    password_checks_add(checks, &check);
    run(checks);
    g_assert_cmpstr(deferred_verifier_wait(result_of(checks, "alice")->deferred), ==, first);
    g_assert_null(result_of(checks, "nobody"));
}

static void
another_password_gets_another_result(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(PasswordChecks) checks = password_checks_new(arena);
    PasswordCheck check = { .role_name = "alice", .plaintext = "secret", .iterations = 4096 };

    password_checks_add(checks, &check);
    run(checks);
    check.plaintext = NULL;
    check.declared = "md5x";
    password_checks_add(checks, &check);
    run(checks);
    g_assert_true(result_of(checks, "alice")->changes);
    g_assert_null(result_of(checks, "alice")->deferred);
    g_assert_cmpstr(result_of(checks, "alice")->verifier, ==, "md5x");
}

static void
an_equal_password_is_no_change(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(PasswordChecks) checks = password_checks_new(arena);
    const PasswordCheck check = { .role_name = "alice",
                                  .plaintext = "secret",
                                  .stored = password_scram_verifier(arena, "secret", 4096),
                                  .iterations = 4096 };

    password_checks_add(checks, &check);
    run(checks);
    g_assert_false(result_of(checks, "alice")->changes);
}

typedef struct Watched {
    size_t calls;
    size_t done;
    size_t total;
} Watched;

static void
watch(void *data, size_t done, size_t total)
{
    Watched *watched = data;

    g_assert_cmpuint(done, >=, watched->done);
    g_assert_cmpuint(watched->calls == 0 ? done : 0, ==, 0);
    watched->calls++;
    watched->done = done;
    watched->total = total;
}

static void
whoever_waits_is_told_how_far_it_is(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(PasswordChecks) checks = password_checks_new(arena);
    Watched watched = { 0 };

    password_checks_watch(checks, (PasswordWatch){ .compared = watch, .data = &watched });
    run(checks);
    g_assert_cmpuint(watched.calls, ==, 0);
    for (int i = 0; i < 20; i++) {
        const PasswordCheck check = { .role_name = arena_printf(arena, "role%d", i),
                                      .plaintext = "secret",
                                      .stored = password_scram_verifier(arena, "secret", 4096),
                                      .iterations = 4096 };

        password_checks_add(checks, &check);
    }
    run(checks);
    g_assert_cmpuint(watched.calls, >=, 2);
    g_assert_cmpuint(watched.done, ==, 20);
    g_assert_cmpuint(watched.total, ==, 20);
}

static void
comparing_that_nobody_waited_for_ends_with_the_checks(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(PasswordChecks) checks = password_checks_new(arena);

    for (int i = 0; i < 20; i++) {
        const PasswordCheck check = { .role_name = arena_printf(arena, "role%d", i),
                                      .plaintext = "secret",
                                      .iterations = 4096 };

        password_checks_add(checks, &check);
    }
    password_checks_start(checks, 2);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/password_checks/" #function, function)
    TEST(the_same_check_keeps_its_verifier);
    TEST(another_password_gets_another_result);
    TEST(an_equal_password_is_no_change);
    TEST(whoever_waits_is_told_how_far_it_is);
    TEST(comparing_that_nobody_waited_for_ends_with_the_checks);
    return g_test_run();
}
