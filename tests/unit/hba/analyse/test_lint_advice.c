/* Advice on single rules and on what the system users need; and the guards against lock-out. */
#include <string.h>

#include "hba/analyse/guard.h"
#include "hba/analyse/lint_advice.h"
#include "hba/read/file.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
    HbaRoleSet *roles;
    Instance instance;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
    fixture->roles = hba_role_set_new(fixture->arena);
    fixture->instance = (Instance){
        .pos = { .file = "a.yml", .line = 1, .column = 1 },
        .users = { .dbsu = "postgres", .replication = "replicator", .monitor = "mon" },
    };
    hba_role_set_add(fixture->roles, "alice");
    hba_role_set_grant(fixture->roles, "readers", "alice");
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    hba_role_set_free(fixture->roles);
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

static List
parse(Fixture *fixture, const char *text)
{
    g_autoptr(Findings) of_reading = findings_new(fixture->arena);
    const HbaCheck check = { .arena = fixture->arena,
                             .findings = of_reading,
                             .version = 17,
                             .server = "the server",
                             .enabled = true };
    List rules = { 0 };

    hba_file_parse(&check, &hba_file_source_local, "f", text, strlen(text), &rules);
    g_assert_false(findings_has_errors(of_reading));
    return rules;
}

/* "2:hba-trust 3:hba-md5": the findings by line. */
static const char *
found(const Fixture *fixture)
{
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const Finding, finding, &fixture->findings->items)
        g_string_append_printf(out, "%s%u:%s", out->len > 0 ? " " : "", finding->pos.line,
                               finding->kind->id);
    return arena_strdup(fixture->arena, out->str);
}

static const char *
advice(Fixture *fixture, const char *text, const Instance *instance, const HbaRoleSet *roles)
{
    List rules = parse(fixture, text);
    const HbaLint lint = { .arena = fixture->arena,
                           .version = 17,
                           .findings = fixture->findings,
                           .instance = instance,
                           .roles = roles };

    hba_lint_advise(&lint, &rules);
    return found(fixture);
}

static void
methods_that_let_in_too_much(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(advice(fixture,
                           "local all all trust\n"
                           "host all all 127.0.0.1/32 trust\n"
                           "host all all ::1/128 trust\n"
                           "host all all samehost trust\n"
                           "host all all 10.0.0.0/8 trust\n"
                           "host all all example.org trust\n"
                           "host all all 10.0.0.0/8 password\n"
                           "hostssl all all 10.0.0.0/8 password\n"
                           "hostgssenc all all 10.0.0.0/8 password\n"
                           "host all all 10.0.0.0/8 ldap ldapserver=x ldapprefix=y\n"
                           "host all all 10.0.0.0/8 pam\n"
                           "host all all 0.0.0.0/0 scram-sha-256\n"
                           "hostssl all all all scram-sha-256\n"
                           "host all all all reject\n"
                           "host all all ::2/128 trust\n"
                           "host all all 10.0.0.0/8 md5\n",
                           NULL, NULL),
                    ==,
                    "5:hba-trust 6:hba-trust 7:hba-plaintext-password 10:hba-plaintext-password "
                    "11:hba-plaintext-password 12:hba-world-open 15:hba-trust");
}

static void
md5_is_doubtful_where_passwords_are_scram(Fixture *fixture, const void *data)
{
    static const char text[] = "local all all md5\n";

    (void)data;
    fixture->instance.users.monitor = NULL;
    g_assert_cmpstr(advice(fixture, text, &fixture->instance, NULL), ==, "1:hba-md5");
    findings_free(fixture->findings);
    fixture->findings = findings_new(fixture->arena);
    fixture->instance.password_is_md5 = true;
    g_assert_cmpstr(advice(fixture, text, &fixture->instance, NULL), ==, "");
}

static void
roles_that_nobody_knows(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(advice(fixture,
                           "local all alice trust\n"
                           "local all +readers trust\n"
                           "local all bob trust\n"
                           "local all +writers trust\n"
                           "local all all trust\n"
                           "local all /^x trust\n",
                           NULL, fixture->roles),
                    ==, "3:hba-role-not-found 4:hba-role-not-found");
}

static void
all_does_not_cover_replication(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(advice(fixture,
                           "local all all peer\n"
                           "hostssl all replicator 10.0.0.0/8 scram-sha-256\n",
                           &fixture->instance, NULL),
                    ==, "2:hba-replication-rule-missing");
}

static void
a_rule_for_replication_is_enough(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(advice(fixture,
                           "local all all peer\n"
                           "hostssl replication,all replicator 10.0.0.0/8 scram-sha-256\n",
                           &fixture->instance, NULL),
                    ==, "");
}

static void
system_users_need_a_way_in(Fixture *fixture, const void *data)
{
    (void)data;
    advice(fixture, "host all alice 10.0.0.0/8 scram-sha-256\n", &fixture->instance, NULL);
    g_assert_cmpuint(fixture->findings->items.count, ==, 2);
    g_assert_cmpstr(((const Finding *)fixture->findings->items.items[0])->message, ==,
                    "no rule lets \"postgres\" in over the socket");
    g_assert_cmpstr(((const Finding *)fixture->findings->items.items[1])->message, ==,
                    "no rule lets \"mon\" in from this host");
}

static void
the_monitor_user_may_come_over_the_loopback_address(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(advice(fixture,
                           "local all postgres peer\n"
                           "host all mon 127.0.0.1/32 scram-sha-256\n",
                           &fixture->instance, NULL),
                    ==, "");
}

/* ---- guards ---- */

static List
lockouts(Fixture *fixture, const char *text, const HbaGuard *guard)
{
    List rules = parse(fixture, text);
    List guards = { 0 };
    const HbaEvaluator evaluator = { .arena = fixture->arena,
                                     .version = 17,
                                     .roles = fixture->roles };

    list_add(fixture->arena, &guards, guard);
    return hba_lockouts(&evaluator, &rules, &guards, fixture->findings);
}

static void
a_lock_out_names_the_line_that_rejects(Fixture *fixture, const void *data)
{
    const HbaGuard guard = {
        .who = "this connection",
        .connection = { .user = "alice", .database = "app", .is_local = true },
    };
    List out = lockouts(fixture, "local all bob peer\nlocal all +readers reject\n", &guard);

    (void)data;
    g_assert_cmpuint(out.count, ==, 1);
    g_assert_true(((const HbaLockout *)out.items[0])->guard == &guard);
    g_assert_cmpuint(((const HbaLockout *)out.items[0])->rule->pos.line, ==, 2);
}

static void
no_rule_at_all_is_a_lock_out_too(Fixture *fixture, const void *data)
{
    const HbaGuard guard = {
        .who = "this connection",
        .connection = { .user = "alice", .database = "app", .is_local = true },
    };
    List out = lockouts(fixture, "local all bob peer\n", &guard);

    (void)data;
    g_assert_cmpuint(out.count, ==, 1);
    g_assert_null(((const HbaLockout *)out.items[0])->rule);
    out = lockouts(fixture, "local all all peer\n", &guard);
    g_assert_cmpuint(out.count, ==, 0);
}

static void
another_way_in_will_do(Fixture *fixture, const void *data)
{
    HbaConnection loopback = { .user = "mon", .database = "postgres" };
    HbaGuard guard = {
        .who = "the monitor user",
        .connection = { .user = "mon", .database = "postgres", .is_local = true },
        .otherwise = &loopback,
    };

    (void)data;
    hba_connection_set_address(&loopback, "127.0.0.1");
    g_assert_cmpuint(lockouts(fixture, "host all mon 127.0.0.1/32 trust\n", &guard).count, ==, 0);
    g_assert_cmpuint(lockouts(fixture, "host all bob 127.0.0.1/32 trust\n", &guard).count, ==, 1);
}

static void
what_cannot_be_judged_is_a_warning(Fixture *fixture, const void *data)
{
    HbaGuard guard = { .who = "replication", .connection = { .user = "alice", .database = "app" } };
    List out = { 0 };

    (void)data;
    hba_connection_set_address(&guard.connection, "10.0.0.7");
    out = lockouts(fixture, "host all all db.example.org trust\n", &guard);
    g_assert_cmpuint(out.count, ==, 0);
    g_assert_cmpstr(found(fixture), ==, "1:hba-guard-undecided");
}

/* ---- the server's own addresses ---- */

static const char *
line_for(Fixture *fixture, const char *client, const char *server)
{
    static const char text[] = "host all all samehost trust\n"
                               "host all all samenet md5\n"
                               "host all all .Example.org ident\n"
                               "host all all www.example.com ident\n";
    HbaAddress *own = ARENA_NEW(fixture->arena, HbaAddress);
    HbaConnection connection = { .user = "alice", .database = "app" };
    const HbaEvaluator evaluator = { .arena = fixture->arena,
                                     .version = 17,
                                     .roles = fixture->roles };
    g_autoptr(Findings) ignored = findings_new(fixture->arena);
    const HbaCheck check = {
        .arena = fixture->arena, .findings = ignored, .version = 17, .server = "x", .enabled = true
    };
    List rules = { 0 };
    HbaVerdict verdict;

    hba_file_parse(&check, &hba_file_source_local, "f", text, strlen(text), &rules);
    g_assert_cmpint(hba_address_parse(fixture->arena, server, false, NULL, own), ==,
                    HBA_ADDRESS_FINE);
    list_add(fixture->arena, &connection.server_networks, own);
    g_assert_true(hba_connection_set_address(&connection, client));
    verdict = hba_evaluate(&evaluator, &rules, &connection);
    return arena_printf(fixture->arena, "%u%s", verdict.rule == NULL ? 0 : verdict.rule->pos.line,
                        verdict.match == HBA_MATCH_UNKNOWN ? "?" : "");
}

static void
samehost_and_samenet_are_the_servers_own(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(line_for(fixture, "10.0.0.5", "10.0.0.5/24"), ==, "1");
    g_assert_cmpstr(line_for(fixture, "10.0.0.6", "10.0.0.5/24"), ==, "2");
    g_assert_cmpstr(line_for(fixture, "10.0.1.6", "10.0.0.5/24"), ==, "3?");
    g_assert_cmpstr(line_for(fixture, "fd00::5", "fd00::5/64"), ==, "1");
    g_assert_cmpstr(line_for(fixture, "fd00::6", "fd00::5/64"), ==, "2");
    g_assert_cmpstr(line_for(fixture, "10.0.0.5", "fd00::5/64"), ==, "3?");
}

#define TEST(function)                                                                             \
    g_test_add("/hba/advice/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(methods_that_let_in_too_much);
    TEST(md5_is_doubtful_where_passwords_are_scram);
    TEST(roles_that_nobody_knows);
    TEST(all_does_not_cover_replication);
    TEST(a_rule_for_replication_is_enough);
    TEST(system_users_need_a_way_in);
    TEST(the_monitor_user_may_come_over_the_loopback_address);
    TEST(a_lock_out_names_the_line_that_rejects);
    TEST(no_rule_at_all_is_a_lock_out_too);
    TEST(another_way_in_will_do);
    TEST(what_cannot_be_judged_is_a_warning);
    TEST(samehost_and_samenet_are_the_servers_own);
    return g_test_run();
}
