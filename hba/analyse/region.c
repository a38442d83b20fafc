/* Rules to boxes, and the difference of boxes. */
#include "hba/analyse/region.h"

#include <string.h>

/*
 * As check_hba() compares them: hostnossl rules out TLS only, so it includes GSS encryption, and
 * hostnogssenc includes TLS.
 */
static const unsigned transports_of_type[HBA_TYPE_COUNT] = {
    [HBA_TYPE_LOCAL] = REGION_LOCAL,    [HBA_TYPE_HOST] = REGION_PLAIN | REGION_TLS | REGION_GSS,
    [HBA_TYPE_HOSTSSL] = REGION_TLS,    [HBA_TYPE_HOSTNOSSL] = REGION_PLAIN | REGION_GSS,
    [HBA_TYPE_HOSTGSSENC] = REGION_GSS, [HBA_TYPE_HOSTNOGSSENC] = REGION_PLAIN | REGION_TLS,
};

RegionContext
region_context(Arena *arena, Names *names, HbaProgram program, int version, const HbaRoleSet *roles)
{
    return (RegionContext){
        .arena = arena,
        .names = names,
        .program = program,
        .version = version,
        .roles = roles,
        .group_members = g_hash_table_new(g_str_hash, g_str_equal),
    };
}

void
region_context_clear(RegionContext *context)
{
    g_clear_pointer(&context->group_members, g_hash_table_destroy);
}

/* Ids of names that are looked at one by one, until name_set_of() takes them. */
typedef struct IdList {
    Arena *arena;
    NameId *ids;
    size_t count;
    size_t capacity;
} IdList;

/*
 * The arena frees nothing singly, so an outgrown array stays behind. Doubling keeps that waste
 * below the size of the last one.
 */
static void
add_id(IdList *list, NameId id)
{
    if (list->count == list->capacity) {
        NameId *ids = ARENA_NEW_ARRAY(list->arena, NameId, list->capacity * 2 + 4);

        if (list->count > 0)
            memcpy(ids, list->ids, list->count * sizeof *ids);
        list->ids = ids;
        list->capacity = list->capacity * 2 + 4;
    }
    list->ids[list->count++] = id;
}

/* An atom that stands for something unknown; a name cannot begin with a newline. */
static NameId
atom(RegionContext *context, const char *kind, const char *text)
{
    g_autofree char *key = g_strdup_printf("\n%s %s", kind, text);

    return names_intern(context->names, key);
}

typedef struct MemberSearch {
    RegionContext *context;
    const char *group;
    IdList *ids;
} MemberSearch;

static void
take_member(const char *name, void *data)
{
    MemberSearch *search = data;

    if (hba_role_set_is_member(search->context->roles, name, search->group))
        add_id(search->ids, names_intern(search->context->names, name));
}

/*
 * All known members of a role, itself included; nobody where the role does not exist. Where no
 * roles are known the group is one atom, which only the same group or `all` covers. The sets are
 * kept, because many rules name the same group.
 */
static const NameSet *
members_of(RegionContext *context, const char *group)
{
    NameSet *set = g_hash_table_lookup(context->group_members, group);
    IdList members = { .arena = context->arena };
    MemberSearch search = { .context = context, .group = group, .ids = &members };

    if (set != NULL)
        return set;
    if (context->roles == NULL)
        add_id(&members, atom(context, "group", group));
    else
        hba_role_set_foreach(context->roles, take_member, &search);
    set = ARENA_NEW(context->arena, NameSet);
    *set = name_set_of(members.ids, members.count);
    g_hash_table_insert(context->group_members, arena_strdup(context->arena, group), set);
    return set;
}

/*
 * replication is a flag beside the names: check_db() lets physical replication match nothing but
 * this keyword, not even `all`. samegroup is the old spelling of samerole.
 */
static NameSet
set_of_databases(RegionContext *context, const List *tokens, bool *ret_replication)
{
    IdList ids = { .arena = context->arena };
    bool all = false;

    *ret_replication = false;
    LIST_FOREACH (const HbaToken, token, tokens) {
        if (token->kind == HBA_TOKEN_REGEX)
            add_id(&ids, atom(context, "regex", token->text));
        else if (token->kind != HBA_TOKEN_KEYWORD)
            add_id(&ids, names_intern(context->names, token->text));
        else if (strcmp(token->text, "all") == 0)
            all = true;
        else if (strcmp(token->text, "replication") == 0)
            *ret_replication = true;
        else
            add_id(&ids, atom(context, "keyword",
                              strcmp(token->text, "samegroup") == 0 ? "samerole" : token->text));
    }
    return all ? name_set_all() : name_set_of(ids.ids, ids.count);
}

/* `all` anywhere in the list makes the other names irrelevant. */
static NameSet
set_of_users(RegionContext *context, const List *tokens)
{
    IdList ids = { .arena = context->arena };
    const HbaToken *first = tokens->count == 1 ? tokens->items[0] : NULL;
    const NameSet *members = NULL;

    /* Many rules are for one group: they share its set. */
    if (first != NULL && first->kind == HBA_TOKEN_ROLE)
        return *members_of(context, first->text + 1);
    LIST_FOREACH (const HbaToken, token, tokens) {
        switch (token->kind) {
        case HBA_TOKEN_KEYWORD:
            return name_set_all();
        case HBA_TOKEN_ROLE:
            members = members_of(context, token->text + 1);
            for (size_t i = 0; i < members->count; i++)
                add_id(&ids, members->ids[i]);
            break;
        case HBA_TOKEN_REGEX:
            add_id(&ids, atom(context, "regex", token->text));
            break;
        case HBA_TOKEN_NAME:
        case HBA_TOKEN_FILE:
            add_id(&ids, names_intern(context->names, token->text));
            break;
        }
    }
    return name_set_of(ids.ids, ids.count);
}

/* PgBouncer has no GSS encryption, so its host lines mean plain and TLS. */
RegionBox
region_of_rule(RegionContext *context, const HbaRule *rule)
{
    RegionBox box = { .transports = transports_of_type[rule->type] };

    if (context->program == HBA_PROGRAM_PGBOUNCER)
        box.transports &= ~(unsigned)REGION_GSS;
    box.databases = set_of_databases(context, &rule->databases, &box.replication);
    box.users = set_of_users(context, &rule->users);
    box.addresses = address_set_of(context->arena, context->names, &rule->address);
    return box;
}

/*
 * A box is a product: it is empty as soon as one dimension is. Databases and replication are one
 * dimension together.
 */
bool
region_is_empty(const RegionBox *box)
{
    return box->transports == 0 || (name_set_is_empty(&box->databases) && !box->replication) ||
           name_set_is_empty(&box->users) || address_set_is_empty(&box->addresses);
}

/*
 * In the order of their cost. Databases and replication are one dimension together, so one of the
 * two is enough.
 */
bool
region_overlaps(const RegionBox *a, const RegionBox *b)
{
    return (a->transports & b->transports) != 0 &&
           ((a->replication && b->replication) ||
            name_set_overlaps(&a->databases, &b->databases)) &&
           name_set_overlaps(&a->users, &b->users) &&
           address_set_overlaps(&a->addresses, &b->addresses);
}

RegionBox
region_intersect(Arena *arena, const RegionBox *a, const RegionBox *b)
{
    return (RegionBox){
        .transports = a->transports & b->transports,
        .databases = name_set_intersect(arena, &a->databases, &b->databases),
        .replication = a->replication && b->replication,
        .users = name_set_intersect(arena, &a->users, &b->users),
        .addresses = address_set_intersect(arena, &a->addresses, &b->addresses),
    };
}

/*
 * Empty boxes must not get into a list, because an empty list is what "covered" means to the
 * callers.
 */
static void
add_box(Arena *arena, List *boxes, const RegionBox *box)
{
    RegionBox *copy = NULL;

    if (region_is_empty(box))
        return;
    copy = ARENA_NEW(arena, RegionBox);
    *copy = *box;
    list_add(arena, boxes, copy);
}

/*
 * The parts are disjoint, since each lies inside b in all dimensions that came before: at most four
 * boxes, whose union is a without b.
 */
void
region_subtract(Arena *arena, const RegionBox *a, const RegionBox *b, List *ret_boxes)
{
    RegionBox rest = *a;
    RegionBox part;

    if (!region_overlaps(a, b)) {
        add_box(arena, ret_boxes, a);
        return;
    }
    /* Dimension by dimension: what is outside b goes to the result, what is inside goes on. */
    part = rest;
    part.transports = a->transports & ~b->transports;
    add_box(arena, ret_boxes, &part);
    rest.transports &= b->transports;
    part = rest;
    part.databases = name_set_subtract(arena, &rest.databases, &b->databases);
    part.replication = rest.replication && !b->replication;
    add_box(arena, ret_boxes, &part);
    rest.databases = name_set_intersect(arena, &rest.databases, &b->databases);
    rest.replication = rest.replication && b->replication;
    part = rest;
    part.users = name_set_subtract(arena, &rest.users, &b->users);
    add_box(arena, ret_boxes, &part);
    rest.users = name_set_intersect(arena, &rest.users, &b->users);
    part = rest;
    part.addresses = address_set_subtract(arena, &rest.addresses, &b->addresses);
    add_box(arena, ret_boxes, &part);
}
