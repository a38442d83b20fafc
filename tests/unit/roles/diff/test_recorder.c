/* What of a journal becomes changes, and which of them become one. */
#include "roles/diff/recorder.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
    StateDatabase *database;
    Recorder *recorder;
    NameId owner;
} Fixture;

static const SourcePos line_1 = { .file = "a.yml", .line = 1 };
static const SourcePos line_2 = { .file = "a.yml", .line = 2 };

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->state = access_state_new(fixture->arena);
    fixture->owner = names_intern(fixture->state->names, "owner");
    fixture->database = access_state_add_database(
        fixture->state, names_intern(fixture->state->names, "app"), fixture->owner);
    fixture->database->content_known = true;
    fixture->recorder = recorder_new(fixture->state, RECORDER_WITHOUT_PRECONDITIONS);
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    recorder_free(fixture->recorder);
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static AclTarget
target_of(const Fixture *fixture)
{
    return (AclTarget){
        .acl = &fixture->database->acl,
        .base = &fixture->database->base,
        .grant_kind = CHANGE_GRANT,
        .revoke_kind = CHANGE_REVOKE,
        .database = fixture->database->name,
        .object_kind = OBJECT_KIND_DATABASE,
        .name = fixture->database->name,
        .owner = fixture->owner,
    };
}

static AclEntry
entry_for(const Fixture *fixture, const char *grantee)
{
    return (AclEntry){ .grantee = names_intern(fixture->state->names, grantee),
                       .grantor = fixture->owner,
                       .privileges = PRIVILEGE_BIT(PRIVILEGE_CONNECT) };
}

static void
grant(const Fixture *fixture, const char *grantee, SourcePos declared_at)
{
    const AclTarget target = target_of(fixture);
    const AclEntry entry = entry_for(fixture, grantee);
    const Change change =
        acl_change(fixture->arena, &target, &entry, declared_at, target.grant_kind);

    acl_grant(fixture->arena, target.acl, &entry);
    recorder_add_acl(fixture->recorder, &target, &entry, &change);
}

static void
revoke(const Fixture *fixture, const char *grantee, SourcePos declared_at)
{
    const AclTarget target = target_of(fixture);
    const AclEntry entry = entry_for(fixture, grantee);
    const Change change =
        acl_change(fixture->arena, &target, &entry, declared_at, target.revoke_kind);

    acl_revoke(target.acl, &entry);
    recorder_add_acl(fixture->recorder, &target, &entry, &change);
}

static List
emit(const Fixture *fixture)
{
    List changes = { 0 };

    g_assert_null(recorder_emit(fixture->recorder, &changes));
    return changes;
}

static void
grants_of_one_line_become_one_change(Fixture *fixture, const void *data)
{
    List changes;

    (void)data;
    grant(fixture, "alice", line_1);
    grant(fixture, "bob", line_1);
    changes = emit(fixture);
    g_assert_cmpuint(changes.count, ==, 1);
    g_assert_cmpuint(change_acl(changes.items[0])->grantees.count, ==, 2);
}

static void
grants_of_two_lines_stay_two(Fixture *fixture, const void *data)
{
    (void)data;
    grant(fixture, "alice", line_1);
    grant(fixture, "bob", line_2);
    g_assert_cmpuint(emit(fixture).count, ==, 2);
}

static void
what_is_granted_and_revoked_on_the_way_is_no_change(Fixture *fixture, const void *data)
{
    (void)data;
    grant(fixture, "alice", line_1);
    revoke(fixture, "alice", line_2);
    g_assert_cmpuint(emit(fixture).count, ==, 0);
}

static void
what_is_granted_twice_is_one_change(Fixture *fixture, const void *data)
{
    List changes;

    (void)data;
    grant(fixture, "alice", line_1);
    grant(fixture, "alice", line_2);
    changes = emit(fixture);
    g_assert_cmpuint(changes.count, ==, 1);
    g_assert_cmpuint(((const Change *)changes.items[0])->declared_at.line, ==, 1);
}

static void
what_the_base_has_is_revoked(Fixture *fixture, const void *data)
{
    const AclEntry entry = entry_for(fixture, "alice");
    List changes;

    (void)data;
    acl_grant(fixture->arena, &fixture->database->base, &entry);
    acl_grant(fixture->arena, &fixture->database->acl, &entry);
    revoke(fixture, "alice", line_1);
    changes = emit(fixture);
    g_assert_cmpuint(changes.count, ==, 1);
    g_assert_cmpint(((const Change *)changes.items[0])->kind, ==, CHANGE_REVOKE);
}

static void
emitting_stops_at_each_mark(Fixture *fixture, const void *data)
{
    List changes = { 0 };

    (void)data;
    grant(fixture, "alice", line_1);
    recorder_mark_objects(fixture->recorder, fixture->database);
    grant(fixture, "bob", line_2);
    g_assert_true(recorder_emit(fixture->recorder, &changes) == fixture->database);
    g_assert_cmpuint(changes.count, ==, 1);
    g_assert_null(recorder_emit(fixture->recorder, &changes));
    g_assert_cmpuint(changes.count, ==, 2);
}

static void
a_database_that_is_unknown_inside_is_not_connectable(Fixture *fixture, const void *data)
{
    List changes;

    (void)data;
    fixture->database->content_known = false;
    grant(fixture, "alice", line_1);
    changes = emit(fixture);
    g_assert_true(((const Change *)changes.items[0])->not_connectable);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add("/recorder/" #function, Fixture, NULL, setup, function, teardown)
    TEST(grants_of_one_line_become_one_change);
    TEST(grants_of_two_lines_stay_two);
    TEST(what_is_granted_and_revoked_on_the_way_is_no_change);
    TEST(what_is_granted_twice_is_one_change);
    TEST(what_the_base_has_is_revoked);
    TEST(emitting_stops_at_each_mark);
    TEST(a_database_that_is_unknown_inside_is_not_connectable);
    return g_test_run();
}
