/* acl.c aclmask(), with what aclchk.c adds for superusers and predefined roles. */
#include "roles/permission/access_ways.h"

#include "inventory/model/server_feature.h"
#include "roles/permission/inherited_roles.h"

#define BIT(name) PRIVILEGE_BIT(PRIVILEGE_##name)

#define CATALOG_WRITES (BIT(INSERT) | BIT(UPDATE) | BIT(DELETE) | BIT(TRUNCATE))

/* Roles whose members need no entry: pg_class_aclmask_ext() and pg_namespace_aclmask_ext(). */
static const struct {
    const char *role;
    ObjectKind kind;
    PrivilegeSet privileges;
} predefined[] = {
    { "pg_read_all_data", OBJECT_KIND_TABLE, BIT(SELECT) },
    { "pg_read_all_data", OBJECT_KIND_SEQUENCE, BIT(SELECT) },
    { "pg_read_all_data", OBJECT_KIND_SCHEMA, BIT(USAGE) },
    { "pg_write_all_data", OBJECT_KIND_TABLE, BIT(INSERT) | BIT(UPDATE) | BIT(DELETE) },
    { "pg_write_all_data", OBJECT_KIND_SEQUENCE, BIT(UPDATE) },
    { "pg_write_all_data", OBJECT_KIND_SCHEMA, BIT(USAGE) },
    { "pg_maintain", OBJECT_KIND_TABLE, BIT(MAINTAIN) },
};

struct AccessWays {
    Arena *arena;
    const AccessState *state;
    InheritedRoles *inherited;
    NameId database_owner; /* pg_database_owner; NAME_NONE before 14 */
    NameId predefined[G_N_ELEMENTS(predefined)];
};

/* One question on its way to an answer. */
typedef struct Question {
    AccessWays *ways;
    const AccessedObject *object;
    NameId grantee;
    PrivilegeSet wanted;
    bool of_option;
    List answer; /* AccessWay */
} Question;

void
accessed_object_init(AccessedObject *object, const Acl *acl)
{
    object->entries = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    for (size_t i = 0; i < acl->count; i++) {
        const AclEntry *entry = &acl->entries[i];
        AclEntry *held = g_hash_table_lookup(object->entries, GUINT_TO_POINTER(entry->grantee));

        if (held == NULL) {
            held = g_new0(AclEntry, 1);
            g_hash_table_insert(object->entries, GUINT_TO_POINTER(entry->grantee), held);
        }
        held->privileges |= entry->privileges;
        held->grantable |= entry->grantable;
    }
}

void
accessed_object_clear(AccessedObject *object)
{
    g_clear_pointer(&object->entries, g_hash_table_destroy);
}

AccessWays *
access_ways_new(Arena *arena, const AccessState *state)
{
    AccessWays *ways = g_new0(AccessWays, 1);

    ways->arena = arena;
    ways->state = state;
    ways->inherited = inherited_roles_new(arena, state);
    ways->database_owner = names_find(state->names, "pg_database_owner");
    for (size_t i = 0; i < G_N_ELEMENTS(predefined); i++)
        ways->predefined[i] = names_find(state->names, predefined[i].role);
    return ways;
}

void
access_ways_free(AccessWays *ways)
{
    if (ways == NULL)
        return;
    inherited_roles_free(ways->inherited);
    g_free(ways);
}

static void
add_way(Question *question, AccessWayKind kind, NameId role, PrivilegeSet privileges)
{
    AccessWay *way = NULL;

    if ((privileges & question->wanted) == 0)
        return;
    way = ARENA_NEW(question->ways->arena, AccessWay);
    *way = (AccessWay){ .kind = kind, .role = role, .privileges = privileges & question->wanted };
    list_add(question->ways->arena, &question->answer, way);
}

static void
add_entry(Question *question, AccessWayKind kind, NameId grantee)
{
    const AclEntry *entry =
        g_hash_table_lookup(question->object->entries, GUINT_TO_POINTER(grantee));
    NameId role = kind == ACCESS_WAY_INHERITED ? grantee : NAME_NONE;

    if (entry != NULL)
        add_way(question, kind, role, question->of_option ? entry->grantable : entry->privileges);
}

/*
 * roles_is_member_of() adds pg_database_owner where it meets the database's owner. Before 16 it
 * looks at the owner's INHERIT first.
 */
static bool
is_database_owner(const Question *question)
{
    const AccessWays *ways = question->ways;
    const StateDatabase *database = question->object->database;
    const StateRole *owner = NULL;

    if (database == NULL || ways->database_owner == NAME_NONE ||
        !inherited_roles_include(ways->inherited, question->grantee, database->owner))
        return false;
    owner = access_state_role(ways->state, database->owner);
    return server_has(ways->state->major_version, SERVER_MEMBERSHIP_OPTIONS) ||
           (owner != NULL && owner->attributes[ROLE_ATTRIBUTE_INHERIT]);
}

/* An owner has all grant options, and the entries that it has not revoked from itself. */
static void
add_role(Question *question, NameId role)
{
    if (question->of_option && role == question->object->owner)
        add_way(question, ACCESS_WAY_INHERITED, role, question->wanted);
    else
        add_entry(question, ACCESS_WAY_INHERITED, role);
}

static void
add_inherited(Question *question)
{
    const NameIdVector *roles = inherited_roles_of(question->ways->inherited, question->grantee);

    for (size_t i = 1; i < roles->count; i++)
        add_role(question, roles->items[i]);
    if (is_database_owner(question))
        add_role(question, question->ways->database_owner);
}

/* Without an entry there is no grant option. */
static void
add_predefined(Question *question)
{
    AccessWays *ways = question->ways;

    for (size_t i = 0; i < G_N_ELEMENTS(predefined) && !question->of_option; i++) {
        if (predefined[i].kind == question->object->kind && ways->predefined[i] != NAME_NONE &&
            inherited_roles_include(ways->inherited, question->grantee, ways->predefined[i]))
            add_way(question, ACCESS_WAY_PREDEFINED, ways->predefined[i], predefined[i].privileges);
    }
}

List
access_ways_find(AccessWays *ways, const AccessedObject *object, const AclEntry *asked)
{
    const StateRole *role = access_state_role(ways->state, asked->grantee);
    Question question = {
        .ways = ways,
        .object = object,
        .grantee = asked->grantee,
        .wanted = asked->privileges != 0 ? asked->privileges : asked->grantable,
        .of_option = asked->privileges == 0,
    };

    if (role != NULL && role->attributes[ROLE_ATTRIBUTE_SUPERUSER]) {
        add_way(&question, ACCESS_WAY_SUPERUSER, NAME_NONE, question.wanted);
        return question.answer;
    }
    if (object->is_catalog_table)
        question.wanted &= ~CATALOG_WRITES;
    if (object->counts_own)
        add_entry(&question, ACCESS_WAY_OWN, asked->grantee);
    if (asked->grantee == NAME_PUBLIC)
        return question.answer;
    if (question.of_option && asked->grantee == object->owner)
        add_way(&question, ACCESS_WAY_OWNER, NAME_NONE, question.wanted);
    add_entry(&question, ACCESS_WAY_PUBLIC, NAME_PUBLIC);
    add_inherited(&question);
    add_predefined(&question);
    return question.answer;
}
