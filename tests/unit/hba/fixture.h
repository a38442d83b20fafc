/*
 * An instance built by hand, and rules for it: what the tests of hba/ share. The instance is
 * pg-test-1, a primary of PostgreSQL 18 with PgBouncer 1.18 and today's policy.
 */
#pragma once

#include <string.h>

#include "hba/expand/expand.h"
#include "hba/findings.h"
#include "hba/render/render.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
    Policy policy;
    Cluster cluster;
    Instance instance;
    HbaExpander *expander;
    HbaRenderer *renderer;
} Fixture;

static inline SourcePos
at(uint32_t line)
{
    return (SourcePos){ .file = "a.yml", .line = line, .column = 5 };
}

static inline void
add_network(Fixture *fixture, const char *text)
{
    HbaText *network = ARENA_NEW(fixture->arena, HbaText);

    network->text = text;
    network->pos = at(90);
    list_add(fixture->arena, &fixture->instance.intranet, network);
}

static inline void
setup(Fixture *fixture, const void *data)
{
    Instance *instance = &fixture->instance;

    (void)data;
    memset(fixture, 0, sizeof *fixture);
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
    fixture->policy.name = "pigsty";
    fixture->cluster.name = "pg-test";
    instance->cluster = &fixture->cluster;
    instance->name = "pg-test-1";
    instance->host = instance->address = "10.10.10.11";
    instance->role = PG_ROLE_PRIMARY;
    instance->localhost = "/var/run/postgresql";
    instance->version = 18;
    instance->pgbouncer_version = "1.18";
    instance->policy = &fixture->policy;
    instance->users.dbsu = "postgres";
    instance->users.replication = "replicator";
    instance->users.monitor = "dbuser_monitor";
    instance->users.admin = "dbuser_dba";
    instance->admin_ip = "10.10.10.10";
    list_add(fixture->arena, &instance->infra_addresses, "10.10.10.10");
    list_add(fixture->arena, &instance->cluster_addresses, "10.10.10.11");
    list_add(fixture->arena, &instance->cluster_addresses, "10.10.10.12");
    add_network(fixture, "10.0.0.0/8");
    add_network(fixture, "192.168.0.0/16");
    fixture->expander = hba_expander_new(fixture->arena, fixture->findings);
    fixture->renderer = hba_renderer_new(fixture->arena);
}

static inline void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    hba_renderer_free(fixture->renderer);
    hba_expander_free(fixture->expander);
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

static inline HbaField
text_field(const char *text, uint32_t line)
{
    return (HbaField){ .pos = at(line), .given = text != NULL, .text = text };
}

static inline HbaRuleDecl *
add_decl(Fixture *fixture, HbaProgram program, HbaSection section)
{
    HbaRuleDecl *decl = ARENA_NEW(fixture->arena, HbaRuleDecl);
    HbaRuleLists *lists = program == HBA_PROGRAM_POSTGRESQL ? &fixture->instance.pg_hba
                                                            : &fixture->instance.pgbouncer_hba;

    decl->pos = at(10);
    decl->title = (OptText){ "a title", at(11) };
    list_add(fixture->arena, &lists->sections[section], decl);
    return decl;
}

/* An alias rule in pg_hba_rules; NULL: the key is absent. */
static inline HbaRuleDecl *
add_alias(Fixture *fixture, HbaProgram program, const char *user, const char *db, const char *addr,
          const char *auth)
{
    HbaRuleDecl *decl = add_decl(fixture, program, HBA_SECTION_RULES);

    decl->user = text_field(user, 12);
    decl->db = text_field(db, 13);
    decl->addr = text_field(addr, 14);
    decl->auth = text_field(auth, 15);
    return decl;
}

static inline void
add_raw_line(Fixture *fixture, HbaRuleDecl *decl, const char *text)
{
    HbaText *line = ARENA_NEW(fixture->arena, HbaText);

    line->text = text;
    line->pos = at(20);
    decl->is_raw = true;
    list_add(fixture->arena, &decl->raw_lines, line);
}

static inline HbaRuleDecl *
add_raw(Fixture *fixture, HbaProgram program, const char *text)
{
    HbaRuleDecl *decl = add_decl(fixture, program, HBA_SECTION_RULES);

    add_raw_line(fixture, decl, text);
    return decl;
}

/* A YAML list of names for `user` or `db`. */
static inline void
add_name(Fixture *fixture, HbaField *field, const char *name)
{
    HbaText *text = ARENA_NEW(fixture->arena, HbaText);

    text->text = name;
    text->pos = at(16);
    field->pos = at(16);
    field->given = field->is_list = true;
    field->text = NULL;
    list_add(fixture->arena, &field->names, text);
}

/* The file without comments and blank lines, runs of blanks as one; disabled rules keep their #. */
static inline const char *
rendered_rules(Fixture *fixture, HbaProgram program)
{
    const HbaRules *rules_of = hba_expand(fixture->expander, &fixture->instance, program);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) rules = g_string_new(NULL);
    g_auto(GStrv) lines = NULL;
    GError *error = NULL;
    bool ok = hba_render(fixture->renderer, &fixture->instance, program, rules_of, text, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    ok =
        hba_render_verify(program, fixture->instance.version, &rules_of->groups, text->str, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    lines = g_strsplit(text->str, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '\0' || g_str_has_prefix(*line, "# ") || strcmp(*line, "#") == 0)
            continue;
        for (const char *byte = *line; *byte != '\0'; byte++) {
            if (*byte != ' ' || byte[1] != ' ')
                g_string_append_c(rules, *byte);
        }
        g_string_append_c(rules, '\n');
    }
    return arena_strdup(fixture->arena, rules->str);
}

static inline const char *
found(Fixture *fixture)
{
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const Finding, finding, &fixture->findings->items)
        finding_render(finding, FINDING_PLAIN, out);
    return arena_strdup(fixture->arena, out->str);
}

/* Expands what was added and gives all findings as text. */
static inline const char *
findings_of(Fixture *fixture, HbaProgram program)
{
    (void)hba_expand(fixture->expander, &fixture->instance, program);
    return found(fixture);
}

#define TEST(path, function)                                                                       \
    g_test_add("/hba/" path "/" #function, Fixture, NULL, setup, function, teardown)
