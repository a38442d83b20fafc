/*
 * Lint and diff against brute force: random files over few names and addresses, and every
 * connection of that small world asked of hba_evaluate(). A rule that lint calls hidden is met by
 * none of them, one that it calls reached is met by one; diff speaks of exactly the connections
 * that two files answer differently.
 */
#include <string.h>

#include "hba/analyse/diff.h"
#include "hba/analyse/evaluate.h"
#include "hba/analyse/lint.h"
#include "hba/analyse/witness.h"
#include "hba/findings.h"
#include "hba/read/file.h"

#define RULES_MAX 8

static const char *const types[] = { "local",     "host",       "hostssl",
                                     "hostnossl", "hostgssenc", "hostnogssenc" };
static const char *const databases[] = { "all",     "app",         "web",
                                         "app,web", "replication", "all,replication",
                                         "\"all\"" };
static const char *const users[] = { "all",      "alice",    "bob",   "alice,bob",
                                     "+readers", "+writers", "carol", "+nobody" };
static const char *const addresses[] = { "0.0.0.0/0",    "10.0.0.0/8",  "10.0.0.0/9",
                                         "10.128.0.0/9", "10.1.0.0/16", "::/0",
                                         "fd00::/8",     "10.1.2.3/32", "all" };
static const char *const methods[] = { "trust", "md5", "reject" };

/* One of each kind that the words above tell apart. */
static const char *const asked_databases[] = { "app", "web", "all", "other" };
static const char *const asked_users[] = {
    "alice", "bob", "carol", "readers", "writers", "stranger"
};
static const char *const asked_addresses[] = { "10.1.2.3", "10.1.9.9", "10.2.0.1", "10.200.0.1",
                                               "11.0.0.1", "fd00::1",  "2001::1" };

#define ANY(words) (words)[g_test_rand_int_range(0, (gint32)G_N_ELEMENTS(words))]

static char *
random_file(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    int count = g_test_rand_int_range(1, RULES_MAX + 1);

    for (int i = 0; i < count; i++) {
        const char *type = ANY(types);
        const char *database = ANY(databases);

        g_string_append_printf(out, "%s %s %s ", type, database, ANY(users));
        if (strcmp(type, "local") != 0)
            g_string_append_printf(out, "%s ", ANY(addresses));
        g_string_append_printf(out, "%s\n", ANY(methods));
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

typedef struct World {
    Arena *arena;
    Findings *findings;
    Names *names;
    HbaRoleSet *roles;
} World;

static World
new_world(void)
{
    World world = { .arena = arena_new() };

    world.findings = findings_new(world.arena);
    world.names = names_new(world.arena);
    world.roles = hba_role_set_new(world.arena);
    hba_role_set_add(world.roles, "carol");
    hba_role_set_grant(world.roles, "readers", "alice");
    hba_role_set_grant(world.roles, "readers", "writers");
    hba_role_set_grant(world.roles, "writers", "bob");
    return world;
}

static void
free_world(World *world)
{
    hba_role_set_free(world->roles);
    names_free(world->names);
    findings_free(world->findings);
    arena_free(world->arena);
}

static List
parse(World *world, const char *text)
{
    const HbaCheck check = { .arena = world->arena,
                             .findings = world->findings,
                             .version = 16,
                             .server = "the server",
                             .enabled = true };
    List rules = { 0 };

    hba_file_parse(&check, &hba_file_source_local, "f", text, strlen(text), &rules);
    g_assert_false(findings_has_errors(world->findings));
    return rules;
}

typedef void Asker(const HbaConnection *connection, unsigned transport, void *data);

static void
ask_from(HbaConnection connection, Asker *ask, void *data)
{
    const unsigned transports[] = { REGION_LOCAL, REGION_PLAIN, REGION_TLS, REGION_GSS };

    for (size_t i = 0; i < G_N_ELEMENTS(transports); i++) {
        connection.is_local = transports[i] == REGION_LOCAL;
        connection.ssl = transports[i] == REGION_TLS;
        connection.gss = transports[i] == REGION_GSS;
        ask(&connection, transports[i], data);
    }
}

/* Every connection of the small world. */
static void
ask_all(Asker *ask, void *data)
{
    for (size_t i = 0; i <= G_N_ELEMENTS(asked_databases); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(asked_users); j++) {
            for (size_t k = 0; k < G_N_ELEMENTS(asked_addresses); k++) {
                HbaConnection connection = { .user = asked_users[j], .database = "" };

                if (i < G_N_ELEMENTS(asked_databases))
                    connection.database = asked_databases[i];
                else
                    connection.replication = HBA_REPLICATION_PHYSICAL;
                g_assert_true(hba_connection_set_address(&connection, asked_addresses[k]));
                ask_from(connection, ask, data);
            }
        }
    }
}

typedef struct Meetings {
    HbaEvaluator evaluator;
    const List *rules;
    bool met[RULES_MAX];
} Meetings;

static void
count_meeting(const HbaConnection *connection, unsigned transport, void *data)
{
    Meetings *meetings = data;
    HbaVerdict verdict = hba_evaluate(&meetings->evaluator, meetings->rules, connection);

    (void)transport;
    for (size_t i = 0; verdict.rule != NULL && i < meetings->rules->count; i++)
        meetings->met[i] = meetings->met[i] || meetings->rules->items[i] == verdict.rule;
}

static void
lint_agrees_with_every_connection(void)
{
    for (int round = 0; round < 300; round++) {
        World world = new_world();
        g_autofree char *text = random_file();
        List rules = parse(&world, text);
        const HbaLint lint = {
            .arena = world.arena, .version = 16, .roles = world.roles, .findings = world.findings
        };
        Meetings meetings = {
            .evaluator = { .arena = world.arena, .version = 16, .roles = world.roles },
            .rules = &rules
        };
        List results = hba_lint(&lint, world.names, &rules);

        HbaConnection witness;

        ask_all(count_meeting, &meetings);
        for (size_t i = 0; i < results.count; i++) {
            const HbaLintRule *result = results.items[i];

            if (result->reach != HBA_HIDDEN &&
                !hba_witness(&meetings.evaluator, world.names, &rules, result->rule, &result->rest,
                             &witness))
                g_error("line %zu of\n%shas no witness", i + 1, text);
            if ((result->reach != HBA_HIDDEN) != meetings.met[i])
                g_error("line %zu of\n%sis called %s and is not", i + 1, text,
                        result->reach == HBA_HIDDEN ? "hidden" : "reached");
        }
        free_world(&world);
    }
}

/* What lint says about the rule at that line, of one kind. */
static bool
is_reported(const World *world, const FindingKind *kind, const HbaRule *rule)
{
    LIST_FOREACH (const Finding, finding, &world->findings->items) {
        if (finding->kind == kind && finding->pos.line == rule->pos.line)
            return true;
    }
    return false;
}

typedef struct Removal {
    HbaEvaluator evaluator;
    const List *rules;
    List rest;           /* without the rule that is looked at */
    const HbaRule *rule; /* that one */
    bool changes;        /* some connection is answered otherwise without it */
    bool is_bypassed;    /* some connection over TLS meets it, and is let in without TLS */
} Removal;

static bool
answers_alike(const HbaRule *a, const HbaRule *b)
{
    return a == b || (a != NULL && b != NULL && a->method == b->method);
}

static void
look_at_removal(const HbaConnection *connection, unsigned transport, void *data)
{
    Removal *removal = data;
    HbaVerdict with = hba_evaluate(&removal->evaluator, removal->rules, connection);
    HbaVerdict without = hba_evaluate(&removal->evaluator, &removal->rest, connection);
    HbaConnection plain = *connection;

    removal->changes = removal->changes || !answers_alike(with.rule, without.rule);
    if (transport != REGION_TLS || with.rule != removal->rule)
        return;
    plain.ssl = false;
    without = hba_evaluate(&removal->evaluator, removal->rules, &plain);
    removal->is_bypassed =
        removal->is_bypassed || (without.rule != NULL && without.rule->method != HBA_METHOD_REJECT);
}

/* Every rule is taken out, and every connection asked with and without it. */
static void
lint_says_what_removal_and_plain_connections_show(void)
{
    unsigned redundant = 0;
    unsigned bypassed = 0;

    for (int round = 0; round < 40; round++) {
        World world = new_world();
        g_autofree char *text = random_file();
        List rules = parse(&world, text);
        const HbaLint lint = {
            .arena = world.arena, .version = 16, .roles = world.roles, .findings = world.findings
        };

        hba_lint(&lint, world.names, &rules);
        LIST_FOREACH (const HbaRule, rule, &rules) {
            Removal removal = {
                .evaluator = { .arena = world.arena, .version = 16, .roles = world.roles },
                .rules = &rules,
                .rule = rule,
            };
            bool is_redundant = is_reported(&world, &FINDING_HBA_REDUNDANT, rule);

            LIST_FOREACH (const HbaRule, other, &rules) {
                if (other != rule)
                    list_add(world.arena, &removal.rest, other);
            }
            ask_all(look_at_removal, &removal);
            if (is_redundant && removal.changes)
                g_error("line %u of\n%sis called redundant and is not", rule->pos.line, text);
            if (is_reported(&world, &FINDING_HBA_TLS_BYPASSED, rule) !=
                (removal.is_bypassed && rule->type == HBA_TYPE_HOSTSSL &&
                 rule->method != HBA_METHOD_REJECT))
                g_error("line %u of\n%s: bypassed %d", rule->pos.line, text, removal.is_bypassed);
            redundant += is_redundant;
            bypassed += removal.is_bypassed;
        }
        free_world(&world);
    }
    g_assert_cmpuint(redundant, >, 0);
    g_assert_cmpuint(bypassed, >, 0);
}

typedef struct Comparison {
    World *world;
    HbaEvaluator evaluator;
    const List *before;
    const List *after;
    const List *entries;
    const char *text;
} Comparison;

static bool
box_has(const World *world, const RegionBox *box, const HbaConnection *connection,
        unsigned transport)
{
    AddressSet here = { .counts = { 0 } };
    HbaAddress address = { .kind = HBA_ADDRESS_NETWORK, .is_v6 = connection->is_v6 };
    bool physical = connection->replication == HBA_REPLICATION_PHYSICAL;
    g_autoptr(Arena) scratch = arena_new();

    address.bits = connection->is_v6 ? 128 : 32;
    memcpy(address.address, connection->address, sizeof address.address);
    memset(address.mask, 0xff, connection->is_v6 ? 16 : 4);
    here = address_set_of(scratch, world->names, &address);
    return (box->transports & transport) != 0 &&
           (physical ? box->replication
                     : name_set_has(&box->databases,
                                    names_intern(world->names, connection->database))) &&
           name_set_has(&box->users, names_intern(world->names, connection->user)) &&
           (transport == REGION_LOCAL || address_set_overlaps(&box->addresses, &here));
}

static const char *
answer(Comparison *comparison, const List *rules, const HbaConnection *connection)
{
    HbaVerdict verdict = hba_evaluate(&comparison->evaluator, rules, connection);

    return verdict.rule == NULL ? "reject" : hba_rule_effective_method(verdict.rule);
}

static void
compare_connection(const HbaConnection *connection, unsigned transport, void *data)
{
    Comparison *comparison = data;
    bool differs = strcmp(answer(comparison, comparison->before, connection),
                          answer(comparison, comparison->after, connection)) != 0;
    unsigned told = 0;

    LIST_FOREACH (const HbaDiffEntry, entry, comparison->entries)
        told += box_has(comparison->world, &entry->box, connection, transport);
    if (told != (differs ? 1 : 0))
        g_error("%s\nuser %s database %s transport %u: %s, told %u times", comparison->text,
                connection->user, connection->database, transport,
                differs ? "differs" : "does not differ", told);
}

static void
diff_tells_exactly_the_connections_that_differ(void)
{
    for (int round = 0; round < 150; round++) {
        World world = new_world();
        g_autofree char *old_text = random_file();
        g_autofree char *new_text = random_file();
        g_autofree char *both = g_strdup_printf("%s--\n%s", old_text, new_text);
        List before = parse(&world, old_text);
        List after = parse(&world, new_text);
        RegionContext context =
            region_context(world.arena, world.names, HBA_PROGRAM_POSTGRESQL, 16, world.roles);
        List entries = hba_diff(&context, &before, &after);
        Comparison comparison = {
            .world = &world,
            .evaluator = { .arena = world.arena, .version = 16, .roles = world.roles },
            .before = &before,
            .after = &after,
            .entries = &entries,
            .text = both,
        };

        ask_all(compare_connection, &comparison);
        region_context_clear(&context);
        free_world(&world);
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lint_random/lint_agrees_with_every_connection",
                    lint_agrees_with_every_connection);
    g_test_add_func("/lint_random/diff_tells_exactly_the_connections_that_differ",
                    diff_tells_exactly_the_connections_that_differ);
    g_test_add_func("/lint_random/lint_says_what_removal_and_plain_connections_show",
                    lint_says_what_removal_and_plain_connections_show);
    return g_test_run();
}
