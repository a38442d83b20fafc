/* States as text: what is written is read back as it was, and what is wrong has its place. */
#include <math.h>
#include <string.h>

#include "inventory/sql/sql_fragment.h"
#include "roles/state/initdb_state.h"
#include "roles/state/state_text.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
    StateText text;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
    fixture->text = (StateText){ .state = access_state_new(fixture->arena),
                                 .timestamps = g_hash_table_new(g_str_hash, g_str_equal) };
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    g_hash_table_destroy(fixture->text.timestamps);
    access_state_free(fixture->text.state);
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

static bool
parse(Fixture *fixture, const char *yaml)
{
    return state_text_parse(fixture->arena, "state.yml", yaml, strlen(yaml), fixture->findings,
                            &fixture->text);
}

static char *
rendered_findings(const Fixture *fixture)
{
    GString *out = g_string_new(NULL);

    LIST_FOREACH (const Finding, finding, &fixture->findings->items)
        finding_render(finding, FINDING_PLAIN, out);
    return g_string_free(out, FALSE);
}

static char *
written(const StateText *text)
{
    GString *out = g_string_new(NULL);

    g_assert_true(state_text_write(text, out));
    return g_string_free(out, FALSE);
}

/* Every part of the format, as the writer lays it out. */
static const char whole[] =
    "pgcharter_state: 1\n"
    "cluster: pg-test\n"
    "server:\n"
    "  version: '16.4'\n"
    "  system_identifier: '7300000000000000001'\n"
    "  time_zone: Europe/Berlin\n"
    "  bootstrap_superuser: postgres\n"
    "  scram_iterations: 4096\n"
    "session:\n"
    "  role: deploy\n"
    "  superuser: false\n"
    "  used_password: true\n"
    "  reads_verifiers: true\n"
    "  createrole_self_grant: [inherit, set]\n"
    "  may_set: [work_mem]\n"
    "  may_not_set: [log_statement]\n"
    "timestamps:\n"
    "  '2030-01-01': '2029-12-31T23:00:00Z'\n"
    "roles:\n"
    "- {name: postgres, attributes: [login, superuser, createdb, createrole, replication, "
    "bypassrls]}\n"
    "- {name: pg_read_all_data}\n"
    "- {name: deploy, attributes: [login, createrole, noinherit], connection_limit: 5, "
    "valid_until: '2030-12-31T23:59:59.250000Z', password: 'scram-sha-256 "
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', "
    "comment: \"two\\nlines\", sessions: 3}\n"
    "- {name: 'no', valid_until: infinity, password: md5}\n"
    "- {name: a\"b, comment: ''}\n"
    "memberships:\n"
    "- {role: pg_read_all_data, member: deploy, grantor: postgres, admin: true, inherit: false}\n"
    "- {role: 'no', member: deploy, grantor: null, set: false}\n"
    "settings:\n"
    "- {database: app, name: search_path, value: 'a, b'}\n"
    "- {role: deploy, name: work_mem, value: '4MB'}\n"
    "- {role: deploy, database: app, name: work_mem, value: ''}\n"
    "databases:\n"
    "- name: postgres\n"
    "  owner: postgres\n"
    "- name: closed\n"
    "  owner: postgres\n"
    "  allow_connections: false\n"
    "  is_template: true\n"
    "- name: app\n"
    "  owner: deploy\n"
    "  acl: '{=T/deploy,deploy=CTc/deploy,\"\\\"a\\\"\\\"b\\\"=c/deploy\"}'\n"
    "  connection_limit: 7\n"
    "  tablespace: fast\n"
    "  comment: what it's for\n"
    "  schemas:\n"
    "  - {name: public, owner: postgres, acl: '{postgres=UC/postgres,=U/postgres}', "
    "flags: [initial_acl]}\n"
    "  - {name: app, owner: deploy}\n"
    "  default_privileges:\n"
    "  - {creator: deploy, 'on': tables, acl: '{deploy=arwdDxt/deploy,=r/deploy}'}\n"
    "  - {creator: deploy, schema: app, 'on': functions, acl: '{}'}\n"
    "  functions:\n"
    "  - {signature: pg_switch_wal(), owner: postgres, acl: '{postgres=X/postgres}'}\n"
    "  objects:\n"
    "  - kind: table\n"
    "    schema: app\n"
    "    owner: deploy\n"
    "    acl: '{deploy=arwdDxt/deploy,16999=r/deploy}'\n"
    "    names:\n"
    "    - orders\n"
    "    - 'no'\n"
    "  - kind: sequence\n"
    "    schema: app\n"
    "    owner: deploy\n"
    "    names:\n"
    "    - numbers\n"
    "    - orders_id_seq\n"
    "    owned_by:\n"
    "      orders_id_seq: orders\n"
    "  - kind: function\n"
    "    schema: app\n"
    "    owner: deploy\n"
    "    extension_acl: '{deploy=X/deploy}'\n"
    "    flags: [extension_member, security_definer]\n"
    "    names:\n"
    "    - refresh(pg_catalog.int4, app.\"my kind\"[])\n"
    "    - '\"o(dd\"()'\n"
    "  - kind: language\n"
    "    owner: postgres\n"
    "    names:\n"
    "    - plpgsql\n"
    "    - sql\n"
    "  - kind: large_object\n"
    "    owner: deploy\n"
    "    names:\n"
    "    - '424242'\n"
    "  columns:\n"
    "  - {schema: app, table: orders, names: [id, 'yes']}\n"
    "  column_acls:\n"
    "  - {schema: app, table: orders, column: id, acl: '{16999=r/deploy}', flags: [initial_acl]}\n"
    "shared_objects:\n"
    "- kind: tablespace\n"
    "  owner: postgres\n"
    "  names:\n"
    "  - pg_default\n"
    "  - fast\n"
    "end_of_state: true\n";

static void
what_is_written_is_read_back(Fixture *fixture, const void *data)
{
    g_autofree char *again = NULL;
    g_autofree char *problems = NULL;
    bool ok = parse(fixture, whole);

    (void)data;
    problems = rendered_findings(fixture);
    g_assert_cmpstr(problems, ==, "");
    g_assert_true(ok);
    again = written(&fixture->text);
    g_assert_true(g_str_has_prefix(again, "# Who exists on a PostgreSQL server"));
    g_assert_cmpstr(strstr(again, "pgcharter_state"), ==, whole);
}

static NameId
name_of(const Fixture *fixture, const char *name)
{
    return names_find(fixture->text.state->names, name);
}

static void
every_part_arrives_where_a_plan_looks_for_it(Fixture *fixture, const void *data)
{
    const AccessState *state = fixture->text.state;
    const StateDatabase *app = NULL;
    const StateRole *deploy = NULL;
    const ObjectGroup *functions = NULL;
    const SqlTypeName *type = NULL;
    double seconds = 0;

    (void)data;
    g_assert_true(parse(fixture, whole));
    g_assert_cmpint(state->major_version, ==, 16);
    g_assert_true(state->session_role == name_of(fixture, "deploy"));
    g_assert_false(state->session_role_is_superuser);
    g_assert_true(g_hash_table_contains(state->closed_parameters, "log_statement"));
    deploy = access_state_role(state, state->session_role);
    g_assert_cmpfloat(deploy->valid_until, ==, 1924991999.25);
    g_assert_cmpuint(deploy->sessions, ==, 3);
    g_assert_false(deploy->attributes[ROLE_ATTRIBUTE_INHERIT]);
    g_assert_true(isinf(access_state_role(state, name_of(fixture, "no"))->valid_until) != 0);
    app = access_state_database(state, name_of(fixture, "app"));
    g_assert_true(app->content_known);
    g_assert_cmpuint(app->groups.count, ==, 6); /* a language is a group of its own */
    functions = app->groups.items[2];
    g_assert_cmpuint(functions->flags, ==,
                     OBJECT_GROUP_IS_MEMBER | OBJECT_GROUP_IS_SECURITY_DEFINER);
    type = ((const ObjectIdentity *)functions->identities.items[0])->arguments.items[1];
    g_assert_cmpstr(type->schema, ==, "app");
    g_assert_cmpstr(type->name, ==, "my kind");
    g_assert_true(type->is_array);
    g_assert_false(access_state_database(state, name_of(fixture, "closed"))->content_known);
    g_assert_true(state_text_timestamp(&fixture->text, "2030-01-01", &seconds));
    g_assert_cmpfloat(seconds, ==, 1893452400.0);
    /* Not in the file: by its time zone. */
    g_assert_true(state_text_timestamp(&fixture->text, "2031-07-01", &seconds));
    g_assert_cmpfloat(seconds, ==, 1940623200.0);
    g_assert_false(state_text_timestamp(&fixture->text, "2031-07-01 12:00 Europe/Oslo", &seconds));
}

static void
a_short_state_starts_from_initdb(Fixture *fixture, const void *data)
{
    const AccessState *state = fixture->text.state;
    const StateDatabase *app = NULL;

    (void)data;
    g_assert_true(parse(fixture, "pgcharter_state: 1\n"
                                 "server: {version: 14.2 (Debian 14.2-1)}\n"
                                 "starts_from: initdb\n"
                                 "roles:\n"
                                 "- {name: app, attributes: [login]}\n"
                                 "- {name: postgres, comment: chief}\n"
                                 "databases:\n"
                                 "- {name: app, owner: app, like: template1, schemas: "
                                 "[{name: public, owner: app}]}\n"
                                 "end_of_state: true\n"));
    g_assert_cmpint(state->major_version, ==, 14);
    g_assert_true(state->session_role_is_superuser);
    g_assert_null(state->closed_parameters);
    g_assert_cmpstr(access_state_role(state, name_of(fixture, "postgres"))->comment, ==, "chief");
    g_assert_true(access_state_role(state, name_of(fixture, "postgres"))
                      ->attributes[ROLE_ATTRIBUTE_SUPERUSER]);
    app = access_state_database(state, name_of(fixture, "app"));
    g_assert_cmpuint(app->schemas.count, ==, 3);
    g_assert_true(state_database_schema(app, name_of(fixture, "public"))->owner ==
                  name_of(fixture, "app"));
    g_assert_false(app->objects_unknown);
}

/* Lines of the state that a case replaces: "" is a line of its own at the end. */
typedef struct BadCase {
    const char *from;
    const char *to;
    const char *finding;
} BadCase;

static const BadCase bad_cases[] = {
    { "pgcharter_state: 1\n", "x: 1\n",
      "state.yml:1:1: error: this is not a saved state: it has no key \"pgcharter_state\" "
      "[state-not-recognized]\n  hint: pgcharter snapshot -o FILE writes one\n" },
    { "pgcharter_state: 1", "pgcharter_state: 2",
      "state.yml:1:18: error: format version 2 is not supported, this version of pgcharter reads "
      "1 [state-format-unsupported]\n  hint: take a new snapshot with this version of "
      "pgcharter\n" },
    { "end_of_state: true\n", "",
      "state.yml:90:1: error: the state is cut off in or after \"shared_objects\": its last line, "
      "end_of_state: true, is missing [state-truncated]\n  hint: take the snapshot again; a "
      "hand-written state must end with that line, too\n" },
    { "version: '16.4'", "version: 9.6",
      "state.yml:4:12: error: \"version\" of server must be that of PostgreSQL 13 or later "
      "[state-value-malformed]\n  hint: write it as the server prints it, as in \"16.4\"\n" },
    { "role: deploy\n  superuser", "role: deplyo\n  superuser",
      "state.yml:10:9: error: \"role\" names role \"deplyo\", which is not among the state's roles "
      "[state-name-unknown]\n  hint: did you mean \"deploy\"?\n" },
    { "[inherit, set]", "[inherit, sett]",
      "state.yml:14:36: error: \"createrole_self_grant\" does not take \"sett\" [value-unknown]\n"
      "  hint: valid words are inherit and set\n" },
    { "2029-12-31T23:00:00Z", "tomorrow",
      "state.yml:18:17: error: \"timestamps\" is not a timestamp: \"tomorrow\" "
      "[state-value-malformed]\n  hint: write it as 2030-12-31T23:59:59Z, infinity or seconds "
      "since 1970\n" },
    { "createrole, noinherit", "createrole, noinherits",
      "state.yml:22:50: error: \"attributes\" of role \"deploy\" does not take \"noinherits\" "
      "[value-unknown]\n  hint: valid words are login, superuser, createdb, createrole, noinherit, "
      "replication and bypassrls\n" },
    { "- {name: pg_read_all_data}", "- {name: deploy}",
      "state.yml:22:3: error: role \"deploy\" appears twice in the state, first at state.yml:21:3 "
      "[state-entry-repeated]\n" },
    { "password: md5", "password: hunter2",
      "state.yml:23:49: error: \"password\" of role \"no\" is not the kind and digest of a "
      "verifier [state-value-malformed]\n  hint: a state holds no passwords: write scram-sha-256 "
      "sha256:<64 hex digits>, md5 or other\n" },
    { "{role: pg_read_all_data, member", "{role: pg_read_all, member",
      "state.yml:26:10: error: \"role\" names role \"pg_read_all\", which is not among the state's "
      "roles [state-name-unknown]\n" },
    { "{database: app, name: search_path", "{database: ap, name: search_path",
      "state.yml:29:14: error: \"database\" names database \"ap\", which is not among the state's "
      "databases [state-name-unknown]\n" },
    { "  owner: deploy\n  acl", "  owner: deploys\n  acl",
      "state.yml:40:10: error: \"owner\" of database \"app\" names role \"deploys\", which is not "
      "among the state's roles [state-name-unknown]\n  hint: did you mean \"deploy\"?\n" },
    { "'{postgres=UC/postgres,=U/postgres}'", "'{postgres=UC}'",
      "state.yml:46:42: error: \"acl\" of schema \"public\" is not an ACL: \"{postgres=UC}\" "
      "[state-value-malformed]\n  hint: write it as the server prints an aclitem[], as in "
      "{=U/postgres,app=ar*/postgres}\n" },
    { "'{postgres=UC/postgres,=U/postgres}'", "'{nobody=U/postgres}'",
      "state.yml:46:42: error: \"acl\" of schema \"public\" names role \"nobody\", which is not "
      "among the state's roles [state-name-unknown]\n" },
    { "'{postgres=UC/postgres,=U/postgres}'", "'{postgres=UC!/postgres}'",
      "state.yml:46:42: warning: \"acl\" of schema \"public\" holds privileges that this program "
      "does not know: {postgres=UC!/postgres} [acl-letter-unknown]\n" },
    { "flags: [initial_acl]}\n  - {name: app", "flags: [initial]}\n  - {name: app",
      "state.yml:46:88: error: \"flags\" of schema \"public\" does not take \"initial\" "
      "[value-unknown]\n  hint: valid words are extension_member, initial_acl and security_definer\n" },
    { "'on': tables", "'on': table",
      "state.yml:49:29: error: \"on\" of database \"app\" does not take \"table\" [value-unknown]\n"
      "  hint: valid words are tables, sequences, functions, types, schemas and large_objects\n" },
    { "schema: app, 'on': functions", "schema: sales, 'on': functions",
      "state.yml:50:31: error: \"schema\" of database \"app\" names schema \"sales\", which is not "
      "among the schemas of database \"app\" [state-name-unknown]\n" },
    { "kind: large_object", "kind: large_objects",
      "state.yml:82:11: error: \"kind\" of an entry of objects does not take \"large_objects\" "
      "[value-unknown]\n  hint: valid words are table, view, matview, sequence, function, procedure, "
      "aggregate, type, domain, language, fdw, server and large_object\n" },
    { "- kind: tablespace", "- kind: table",
      "state.yml:91:9: error: \"kind\" of an entry of objects does not take \"table\" "
      "[value-unknown]\n  hint: valid words are tablespace and parameter\n" },
    { "kind: language", "kind: view",
      "state.yml:77:11: error: an entry of kind \"view\" needs \"schema\" "
      "[state-value-malformed]\n" },
    { "    - numbers\n", "    - orders\n",
      "state.yml:65:7: error: sequence \"orders\" appears twice in the state, first at "
      "state.yml:59:7 [state-entry-repeated]\n" },
    { "owned_by:\n      orders_id_seq: orders", "owned_by: [orders_id_seq]",
      "state.yml:67:15: error: \"owned_by\" of an entry of objects must be a mapping of sequences to "
      "their tables, found a list [value-type-invalid]\n" },
    { "owned_by:\n      orders_id_seq: orders", "owned_by:\n      orders_seq: orders",
      "state.yml:68:7: error: \"owned_by\" of an entry of objects holds \"orders_seq\", which is "
      "not a sequence among the names of this entry [state-name-unknown]\n" },
    { "- refresh(pg_catalog.int4, app.\"my kind\"[])", "- refresh(pg_catalog.int4",
      "state.yml:75:7: error: \"refresh(pg_catalog.int4\" is not a routine with the types of its "
      "arguments [state-value-malformed]\n  hint: write it as in refresh(pg_catalog.int4, "
      "app.mood[])\n" },
    { "{schema: app, table: orders, names", "{schema: app, table: order, names",
      "state.yml:87:26: error: \"table\" of database \"app\" names \"order\", which is not a table "
      "or view among the objects [state-name-unknown]\n" },
    { "  comment: what it's for\n", "  like: nowhere\n",
      "state.yml:44:9: error: \"like\" of database \"app\" names \"nowhere\", but only an "
      "earlier database with schemas can be named, and only where this database has none of its "
      "own [state-name-unknown]\n" },
    { "  connection_limit: 7\n", "  connlimit: 7\n",
      "state.yml:42:3: error: unknown key \"connlimit\" in database \"app\" [key-unknown]\n" },
    { "- {name: 'no', valid_until", "- {name: '', valid_until",
      "state.yml:23:10: error: \"name\" of role \"\" is empty [name-invalid]\n" },
    { "  bootstrap_superuser: postgres", "  bootstrap_superuser: chief",
      "state.yml:4:3: error: \"bootstrap_superuser\" of server names role \"chief\", which is not "
      "among the state's roles [state-name-unknown]\n" },
    { "    names:\n    - '424242'\n", "    names: []\n",
      "state.yml:84:12: error: an entry of objects has no names [state-value-malformed]\n"
      "  hint: remove the entry\n" },
    { "timestamps:\n", "starts_from: backup\ntimestamps:\n",
      "state.yml:17:14: error: \"starts_from\" does not take \"backup\" [value-unknown]\n"
      "  hint: the only valid word is initdb\n" },
    { "    - refresh(pg_catalog.int4, app.\"my kind\"[])", "    - refresh",
      "state.yml:75:7: error: \"refresh\" is not a routine with the types of its arguments "
      "[state-value-malformed]\n  hint: write it as in refresh(pg_catalog.int4, app.mood[])\n" },
    { "  column_acls:\n",
      "  column_acls:\n  - {schema: app, table: orders, column: id, acl: '{}'}\n",
      "state.yml:90:5: error: column \"id\" of \"orders\" appears twice in the state, first at "
      "state.yml:89:5 [state-entry-repeated]\n" },
    { "  - {name: app, owner: deploy}\n",
      "  - {name: app, owner: deploy}\n  - {name: public, owner: deploy}\n",
      "state.yml:48:5: error: schema \"public\" appears twice in the state, first at state.yml:46:5 "
      "[state-entry-repeated]\n" },
    { "- {role: deploy, name: work_mem, value: '4MB'}\n",
      "- {role: deploy, name: work_mem, value: '4MB'}\n- {role: deploy, name: work_mem, value: '5MB'}\n",
      "state.yml:31:3: error: setting \"work_mem\" appears twice in the state, first at "
      "state.yml:30:3 [state-entry-repeated]\n" },
    { "kind: sequence\n", "kind: [sequence\n",
      "state.yml:62:11: error: did not find expected ',' or ']', while parsing a flow sequence "
      "that began at line 61 [yaml-invalid]\n" },
};

static void
what_is_wrong_has_one_sentence_and_a_place(void)
{

    for (size_t i = 0; i < G_N_ELEMENTS(bad_cases); i++) {
        const BadCase *bad = &bad_cases[i];
        const char *at = strstr(whole, bad->from);
        g_autofree char *text = NULL;
        g_autofree char *problems = NULL;
        Fixture fixture;
        bool is_warning = strstr(bad->finding, " warning: ") != NULL;

        g_assert_nonnull(at);
        text =
            g_strdup_printf("%.*s%s%s", (int)(at - whole), whole, bad->to, at + strlen(bad->from));
        setup(&fixture, NULL);
        g_assert_true(parse(&fixture, text) == is_warning);
        problems = rendered_findings(&fixture);
        g_assert_cmpstr(problems, ==, bad->finding);
        teardown(&fixture, NULL);
    }
}

/* Cut anywhere, a state is never taken for a whole one. */
static void
a_state_that_is_cut_anywhere_is_refused(void)
{
    size_t end = strlen(whole) - strlen(" true\n");

    for (size_t length = 0; length < end; length += 7) {
        Fixture fixture;

        setup(&fixture, NULL);
        g_assert_false(state_text_parse(fixture.arena, "state.yml", whole, length, fixture.findings,
                                        &fixture.text));
        g_assert_true(findings_has_errors(fixture.findings));
        teardown(&fixture, NULL);
    }
}

/* Each scalar of the document in turn becomes a list of a list, which fits nowhere. */
static void
a_value_of_another_kind_is_refused_wherever_it_stands(void)
{
    g_autoptr(GRegex) scalars =
        g_regex_new("(?:: |- )('[^']*'|\"(?:\\\\.|[^\"])*\"|[^'\"\\[{\\n][^,}\\n]*)",
                    G_REGEX_OPTIMIZE, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    unsigned count = 0;

    g_assert_nonnull(scalars);
    g_regex_match(scalars, whole, 0, &match);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *text = NULL;
        Fixture fixture;
        int start = 0;
        int end = 0;

        g_match_info_fetch_pos(match, 1, &start, &end);
        text = g_strdup_printf("%.*s[[]]%s", start, whole, whole + end);
        setup(&fixture, NULL);
        g_assert_false(parse(&fixture, text));
        g_assert_true(findings_has_errors(fixture.findings));
        LIST_FOREACH (const Finding, finding, &fixture.findings->items)
            g_assert_cmpuint(finding->pos.line, >, 0);
        teardown(&fixture, NULL);
        count++;
    }
    g_assert_cmpuint(count, >, 100);
}

/* A state that no catalog gave: its ACLs have no text, its verifiers are real. */
static void
a_state_in_memory_is_written_and_read_back(Fixture *fixture, const void *data)
{
    AccessState *state = fixture->text.state;
    const char *verifier = "SCRAM-SHA-256$4096:c2FsdHNhbHQ=$c3RvcmVk:c2VydmVy";
    Fixture again;
    StateRole *far = NULL;
    StateDatabase *postgres = NULL;
    StateDefaultAcl *row = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    (void)data;
    initdb_state(state, 17, "chief");
    fixture->text.server_version = "17.1";
    far = access_state_add_role(state, names_intern(state->names, "far"));
    far->valid_until = 1e13;
    far->verifier = verifier;
    access_state_set_setting(state, far->name, NAME_NONE, "work_mem", "1MB");
    access_state_set_setting(state, far->name, NAME_NONE, "work_mem", NULL);
    postgres = access_state_database(state, names_find(state->names, "postgres"));
    row = state_database_default_acl(state, postgres, far->name, NAME_NONE, DEFAULT_ACL_TABLES);
    acl_grant(fixture->arena, &row->acl,
              &(AclEntry){ .grantee = NAME_PUBLIC,
                           .grantor = far->name,
                           .privileges = PRIVILEGE_BIT(PRIVILEGE_SELECT) });
    first = written(&fixture->text);
    g_assert_null(strstr(first, verifier));
    g_assert_nonnull(strstr(first, "{name: far, valid_until: '10000000000000', password: "
                                   "'scram-sha-256 sha256:"));
    g_assert_nonnull(strstr(first, "acl: '{far=rawdDxtm/far,=r/far}'"));
    setup(&again, NULL);
    g_assert_true(parse(&again, first));
    second = written(&again.text);
    g_assert_cmpstr(second, ==, first);
    teardown(&again, NULL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/state_text/what is written is read back", Fixture, NULL, setup,
               what_is_written_is_read_back, teardown);
    g_test_add("/state_text/every part arrives where a plan looks for it", Fixture, NULL, setup,
               every_part_arrives_where_a_plan_looks_for_it, teardown);
    g_test_add("/state_text/a short state starts from initdb", Fixture, NULL, setup,
               a_short_state_starts_from_initdb, teardown);
    g_test_add_func("/state_text/what is wrong has one sentence and a place",
                    what_is_wrong_has_one_sentence_and_a_place);
    g_test_add_func("/state_text/a state that is cut anywhere is refused",
                    a_state_that_is_cut_anywhere_is_refused);
    g_test_add_func("/state_text/a value of another kind is refused wherever it stands",
                    a_value_of_another_kind_is_refused_wherever_it_stands);
    g_test_add("/state_text/a state in memory is written and read back", Fixture, NULL, setup,
               a_state_in_memory_is_written_and_read_back, teardown);
    return g_test_run();
}
