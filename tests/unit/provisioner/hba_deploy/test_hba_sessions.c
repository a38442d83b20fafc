/* Sessions of now under rules to come. */
#include <string.h>

#include "hba/read/file.h"
#include "provisioner/hba_deploy/hba_sessions.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
    HbaRoleSet *roles;
    Instance instance;
    HbaSessions sessions;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    memset(fixture, 0, sizeof *fixture);
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
    fixture->roles = hba_role_set_new(fixture->arena);
    fixture->instance.name = "pg-test-1";
    fixture->instance.pos = (SourcePos){ .file = "a.yml", .line = 1, .column = 1 };
    hba_role_set_grant(fixture->roles, "readers", "bob");
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    hba_role_set_free(fixture->roles);
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

static HbaSession *
add(Fixture *fixture, const char *user, const char *address, unsigned count)
{
    HbaSession *session = ARENA_NEW(fixture->arena, HbaSession);

    session->connection.user = user;
    session->connection.database = "shop";
    session->connection.is_local = address == NULL;
    session->address = address;
    session->count = count;
    if (address != NULL)
        g_assert_true(hba_connection_set_address(&session->connection, address));
    list_add(fixture->arena, &fixture->sessions.sessions, session);
    return session;
}

static List
judge(Fixture *fixture, const char *text)
{
    const HbaCheck check = { .arena = fixture->arena,
                             .findings = fixture->findings,
                             .version = 17,
                             .server = "the server",
                             .enabled = true };
    const HbaEvaluator evaluator = { .arena = fixture->arena,
                                     .version = 17,
                                     .roles = fixture->roles };
    List rules = { 0 };

    hba_file_parse(&check, &hba_file_source_local, "f", text, strlen(text), &rules);
    g_assert_false(findings_has_errors(fixture->findings));
    return hba_sessions_judge(&evaluator, &rules, &fixture->sessions);
}

/* What is reported, one line each, without the hints. */
static const char *
report(Fixture *fixture, const List *verdicts)
{
    g_autoptr(GString) out = g_string_new(NULL);

    hba_sessions_report(&fixture->sessions, verdicts, &fixture->instance, fixture->findings);
    LIST_FOREACH (const Finding, finding, &fixture->findings->items)
        g_string_append_printf(out, "%s:%u: %s [%s]\n", finding->pos.file, finding->pos.line,
                               finding->message, finding->kind->id);
    return arena_strdup(fixture->arena, out->str);
}

static void
who_is_let_in_is_not_mentioned(Fixture *fixture, const void *data)
{
    List verdicts = { 0 };

    (void)data;
    add(fixture, "bob", "10.1.2.3", 4);
    add(fixture, "bob", NULL, 1);
    verdicts = judge(fixture, "host all +readers 10.0.0.0/8 md5\nlocal all all peer\n");
    g_assert_cmpuint(verdicts.count, ==, 0);
    g_assert_cmpstr(report(fixture, &verdicts), ==, "");
}

static void
who_is_refused_is_named_with_what_refuses(Fixture *fixture, const void *data)
{
    List verdicts = { 0 };
    HbaSession *streaming = NULL;

    (void)data;
    add(fixture, "bob", "10.1.2.3", 3)->connection.ssl = true;
    add(fixture, "carol", NULL, 1);
    streaming = add(fixture, "bob", "10.0.0.9", 1);
    streaming->connection.replication = HBA_REPLICATION_PHYSICAL;
    verdicts = judge(fixture, "hostssl all bob 10.0.0.0/8 reject\nhost all all 10.0.0.0/8 md5\n");
    g_assert_cmpstr(report(fixture, &verdicts), ==,
                    "f:1: the new rules of \"pg-test-1\" refuse who is connected now, 3 sessions: "
                    "user \"bob\", database \"shop\", from 10.1.2.3 with TLS: this line rejects "
                    "them [hba-session-refused]\n"
                    "a.yml:1: the new rules of \"pg-test-1\" refuse who is connected now, 1 "
                    "session: user \"carol\", database \"shop\", over the socket: no rule matches "
                    "[hba-session-refused]\n"
                    "a.yml:1: the new rules of \"pg-test-1\" refuse who is connected now, 1 "
                    "session: user \"bob\", replication, from 10.0.0.9: no rule matches "
                    "[hba-session-refused]\n");
}

static void
what_cannot_be_told_is_said(Fixture *fixture, const void *data)
{
    List verdicts = { 0 };

    (void)data;
    add(fixture, "bob", "10.1.2.3", 1);
    fixture->sessions.hidden = 2;
    verdicts = judge(fixture, "host all all app.example.org md5\n");
    g_assert_cmpstr(
        report(fixture, &verdicts), ==,
        "f:1: cannot tell whether the new rules of \"pg-test-1\" let in who is "
        "connected now, 1 session: user \"bob\", database \"shop\", from 10.1.2.3: this "
        "line may decide it [hba-session-undecided]\n"
        "a.yml:1: 2 sessions of other roles on \"pg-test-1\" cannot be judged: where "
        "they come from is hidden from the session role [hba-session-hidden]\n");
}

static void
programs_get_the_same(Fixture *fixture, const void *data)
{
    g_autoptr(GString) out = g_string_new(NULL);
    List verdicts = { 0 };
    JsonWriter json;

    (void)data;
    add(fixture, "bob", "10.1.2.3", 3);
    verdicts = judge(fixture, "host all bob all reject\n");
    json_writer_init_line(&json, out);
    json_begin_object(&json, NULL);
    hba_sessions_write_json(&json, &fixture->sessions, &verdicts);
    json_end_object(&json);
    g_assert_cmpstr(g_strstrip(out->str), ==,
                    "{\"sessions\": [{\"answer\": \"refused\", \"user\": \"bob\", \"database\": "
                    "\"shop\", \"address\": \"10.1.2.3\", \"ssl\": false, \"gss\": false, "
                    "\"replication\": false, \"count\": 3, \"file\": \"f\", \"line\": 1}], "
                    "\"sessions_hidden\": 0}");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/hba_sessions/who is let in is not mentioned", Fixture, NULL, setup,
               who_is_let_in_is_not_mentioned, teardown);
    g_test_add("/hba_sessions/who is refused is named with what refuses", Fixture, NULL, setup,
               who_is_refused_is_named_with_what_refuses, teardown);
    g_test_add("/hba_sessions/what cannot be told is said", Fixture, NULL, setup,
               what_cannot_be_told_is_said, teardown);
    g_test_add("/hba_sessions/programs get the same", Fixture, NULL, setup, programs_get_the_same,
               teardown);
    return g_test_run();
}
