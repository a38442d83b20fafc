/* Picking a name, an address and a transport from boxes. */
#include "hba/analyse/witness.h"

#include <string.h>

/* Names to try where a set holds names that nobody mentions; more, in case some are mentioned. */
#define STRANGERS_MAX 8
/* Upper bound on the names of a set that are tried. */
#define NAMES_TRIED_MAX 16

typedef struct Search {
    const HbaEvaluator *evaluator;
    const Names *names;
    const List *rules;
    const HbaRule *rule;
    HbaConnection *connection;
} Search;

/*
 * Boxes err on the safe side, so they may keep connections that an earlier rule takes. The
 * evaluator has the last word.
 */
static bool
meets_rule(Search *search)
{
    HbaVerdict verdict = hba_evaluate(search->evaluator, search->rules, search->connection);

    return verdict.match == HBA_MATCH_YES && verdict.rule == search->rule;
}

/* The name of an atom; NULL for one that stands for something unknown. */
static const char *
plain_name(const Search *search, NameId id)
{
    const char *text = names_text(search->names, id);

    return *text == '\n' ? NULL : text;
}

/* Names that nobody mentions are all alike for the rules, so one of them is enough. */
static List
candidates(const Search *search, const NameSet *set)
{
    Arena *arena = search->evaluator->arena;
    List names = { 0 };

    if (!set->complement) {
        for (size_t i = 0; i < MIN(set->count, (size_t)NAMES_TRIED_MAX); i++) {
            const char *name = plain_name(search, set->ids[i]);

            if (name != NULL)
                list_add(arena, &names, name);
        }
        return names;
    }
    for (unsigned i = 0; i < STRANGERS_MAX && names.count == 0; i++) {
        const char *name = arena_printf(arena, "somebody_%u", i);
        NameId id = names_find(search->names, name);

        if (id == NAME_NONE || name_set_has(set, id))
            list_add(arena, &names, name);
    }
    return names;
}

static bool
try_users(Search *search, const RegionBox *box)
{
    List users = candidates(search, &box->users);

    LIST_FOREACH (const char, user, &users) {
        search->connection->user = user;
        if (meets_rule(search))
            return true;
    }
    return false;
}

/* Physical replication names no database (check_db() does not look at it). */
static bool
try_databases(Search *search, const RegionBox *box)
{
    List databases = candidates(search, &box->databases);

    search->connection->database = "";
    if (box->replication) {
        search->connection->replication = HBA_REPLICATION_PHYSICAL;
        if (try_users(search, box))
            return true;
    }
    search->connection->replication = HBA_REPLICATION_NONE;
    LIST_FOREACH (const char, database, &databases) {
        search->connection->database = database;
        if (try_users(search, box))
            return true;
    }
    return false;
}

/*
 * The first address stands for its range: what tells apart addresses inside of it is an unknown
 * part, which meets_rule() then finds undecided.
 */
static bool
try_addresses(Search *search, const RegionBox *box)
{
    const unsigned tried_max = 4;

    if (search->connection->is_local)
        return try_databases(search, box);
    for (unsigned at = 0; at < ADDRESS_FAMILY_COUNT; at++) {
        for (size_t i = 0; i < MIN(box->addresses.counts[at], tried_max); i++) {
            const AddressRange first = { box->addresses.ranges[at][i].first,
                                         box->addresses.ranges[at][i].first };

            hba_connection_set_address(
                search->connection,
                address_range_text(search->evaluator->arena, (AddressFamily)at, &first));
            if (try_databases(search, box))
                return true;
        }
    }
    return false;
}

static bool
try_transports(Search *search, const RegionBox *box)
{
    const unsigned transports[] = { REGION_LOCAL, REGION_PLAIN, REGION_TLS, REGION_GSS };

    for (size_t i = 0; i < G_N_ELEMENTS(transports); i++) {
        if ((box->transports & transports[i]) == 0)
            continue;
        search->connection->is_local = transports[i] == REGION_LOCAL;
        search->connection->ssl = transports[i] == REGION_TLS;
        search->connection->gss = transports[i] == REGION_GSS;
        if (try_addresses(search, box))
            return true;
    }
    return false;
}

bool
hba_witness(const HbaEvaluator *evaluator, const Names *names, const List *rules,
            const HbaRule *rule, const List *rest, HbaConnection *ret_connection)
{
    Search search = {
        .evaluator = evaluator,
        .names = names,
        .rules = rules,
        .rule = rule,
        .connection = ret_connection,
    };

    *ret_connection = (HbaConnection){ .is_local = false };
    LIST_FOREACH (const RegionBox, box, rest) {
        if (try_transports(&search, box))
            return true;
    }
    return false;
}
