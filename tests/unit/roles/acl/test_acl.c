/* The arithmetic of access control lists, and their text. */
#include <string.h>

#include "roles/acl/acl.h"

#define P(name) PRIVILEGE_BIT(PRIVILEGE_##name)

typedef struct Fixture {
    Arena *arena;
    Names *names;
    NameId alice;
    NameId bob;
    NameId owner;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->names = names_new(fixture->arena);
    fixture->alice = names_intern(fixture->names, "alice");
    fixture->bob = names_intern(fixture->names, "bob");
    fixture->owner = names_intern(fixture->names, "owner");
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    names_free(fixture->names);
    arena_free(fixture->arena);
}

static void
default_acl_of_a_database_lets_public_connect(Fixture *fixture, const void *data)
{
    Acl acl = acl_default(fixture->arena, OBJECT_KIND_DATABASE, fixture->owner, 15);

    (void)data;
    g_assert_cmpstr(acl_render(fixture->arena, fixture->names, &acl), ==,
                    "{=Tc/owner,owner=CTc/owner}");
}

static void
maintain_belongs_to_tables_from_17_on(Fixture *fixture, const void *data)
{
    Acl old = acl_default(fixture->arena, OBJECT_KIND_TABLE, fixture->owner, 16);
    Acl new = acl_default(fixture->arena, OBJECT_KIND_TABLE, fixture->owner, 17);

    (void)data;
    g_assert_cmpstr(acl_render(fixture->arena, fixture->names, &old), ==, "{owner=rawdDxt/owner}");
    g_assert_cmpstr(acl_render(fixture->arena, fixture->names, &new), ==, "{owner=rawdDxtm/owner}");
}

static void
a_grant_by_another_grantor_is_an_entry_of_its_own(Fixture *fixture, const void *data)
{
    Acl acl = { 0 };
    AclEntry entry = { .grantee = fixture->alice,
                       .grantor = fixture->owner,
                       .privileges = P(USAGE) };

    (void)data;
    acl_grant(fixture->arena, &acl, &entry);
    entry.grantor = fixture->bob;
    acl_grant(fixture->arena, &acl, &entry);
    g_assert_cmpuint(acl.count, ==, 2);
    g_assert_cmpuint(acl_held_by(&acl, fixture->alice).privileges, ==, P(USAGE));
}

static void
access_is_sorted_and_knows_no_grantor(Fixture *fixture, const void *data)
{
    Acl acl = { 0 };
    AclEntry entry = { .grantee = fixture->bob,
                       .grantor = fixture->owner,
                       .privileges = P(SELECT) };

    (void)data;
    g_assert_cmpstr(acl_access(fixture->arena, fixture->names, &acl), ==, "{}");
    acl_grant(fixture->arena, &acl, &entry);
    entry = (AclEntry){ .grantee = fixture->bob,
                        .grantor = fixture->alice,
                        .privileges = P(SELECT) | P(INSERT),
                        .grantable = P(INSERT) };
    acl_grant(fixture->arena, &acl, &entry);
    entry =
        (AclEntry){ .grantee = fixture->alice, .grantor = fixture->owner, .privileges = P(UPDATE) };
    acl_grant(fixture->arena, &acl, &entry);
    entry =
        (AclEntry){ .grantee = NAME_PUBLIC, .grantor = fixture->owner, .privileges = P(SELECT) };
    acl_grant(fixture->arena, &acl, &entry);
    g_assert_cmpstr(acl_access(fixture->arena, fixture->names, &acl), ==, "{=r, alice=w, bob=ra*}");
}

static void
revoking_a_privilege_takes_its_grant_option(Fixture *fixture, const void *data)
{
    Acl acl = { 0 };
    AclEntry entry = { .grantee = fixture->alice,
                       .grantor = fixture->owner,
                       .privileges = P(USAGE) | P(CREATE),
                       .grantable = P(USAGE) };

    (void)data;
    acl_grant(fixture->arena, &acl, &entry);
    entry.privileges = P(USAGE);
    entry.grantable = 0;
    acl_revoke(&acl, &entry);
    g_assert_cmpstr(acl_render(fixture->arena, fixture->names, &acl), ==, "{alice=C/owner}");
    entry.privileges = P(CREATE);
    acl_revoke(&acl, &entry);
    g_assert_cmpuint(acl.count, ==, 0);
}

static void
a_new_owner_takes_the_old_ones_place_and_entries_merge(Fixture *fixture, const void *data)
{
    Acl acl = { 0 };

    (void)data;
    g_assert_cmpint(acl_parse(fixture->arena, fixture->names,
                              "{=Tc/owner,owner=CTc/owner,alice=c*/owner}", &acl),
                    ==, ACL_TEXT_OK);
    acl_change_owner(&acl, fixture->owner, fixture->alice);
    g_assert_cmpuint(acl.count, ==, 2);
    g_assert_cmpuint(acl_entry_of(&acl, fixture->alice, fixture->alice).privileges, ==,
                     P(CREATE) | P(TEMPORARY) | P(CONNECT));
    g_assert_cmpuint(acl_entry_of(&acl, fixture->alice, fixture->alice).grantable, ==, P(CONNECT));
}

static void
text_and_acl_are_each_others_inverse(Fixture *fixture, const void *data)
{
    const char *const texts[] = {
        "{}",
        "{=U/owner}",
        "{alice=ar*w/owner,=r/owner}",
        "{\"\\\"we\\\"\\\"ird, name\\\"=U/owner\"}",
        "{\"\\\"new\nline\\\"=U/\\\"back\\\\\\\\slash\\\"\"}",
        "{\"\\\"=\\\"=U/\\\"/\\\"\"}",
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        Acl acl = { 0 };
        Acl again = { 0 };
        const char *rendered = NULL;

        g_assert_cmpint(acl_parse(fixture->arena, fixture->names, texts[i], &acl), ==, ACL_TEXT_OK);
        rendered = acl_render(fixture->arena, fixture->names, &acl);
        g_assert_cmpint(acl_parse(fixture->arena, fixture->names, rendered, &again), ==,
                        ACL_TEXT_OK);
        g_assert_true(acl_equal(&acl, &again));
        g_assert_cmpuint(acl.count, ==, again.count);
    }
}

static void
quoted_names_lose_only_their_quotes(Fixture *fixture, const void *data)
{
    Acl acl = { 0 };

    (void)data;
    g_assert_cmpint(
        acl_parse(fixture->arena, fixture->names, "{\"\\\"a,b\\\"\\\"c=d/e\\\"=U/owner\"}", &acl),
        ==, ACL_TEXT_OK);
    g_assert_cmpstr(names_text(fixture->names, acl.entries[0].grantee), ==, "a,b\"c=d/e");
}

static void
unknown_letters_are_told_and_left_out(Fixture *fixture, const void *data)
{
    Acl acl = { 0 };

    (void)data;
    g_assert_cmpint(acl_parse(fixture->arena, fixture->names, "{alice=rZ*w/owner}", &acl), ==,
                    ACL_TEXT_UNKNOWN_LETTERS);
    g_assert_cmpstr(acl_render(fixture->arena, fixture->names, &acl), ==, "{alice=rw/owner}");
}

static void
malformed_text_is_refused(Fixture *fixture, const void *data)
{
    const char *const texts[] = { "",      "{",          "{alice}",        "{alice=r}",
                                  "{=r/}", "{alice=r/o", "{a=r/o}x",       "{\"a=r/o}",
                                  "a=r/o", "{a=r/o,}",   "{\"\\\"a=r/o\"}" };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        Acl acl = { 0 };

        g_assert_cmpint(acl_parse(fixture->arena, fixture->names, texts[i], &acl), ==,
                        ACL_TEXT_MALFORMED);
    }
}

#define TEST(function) g_test_add("/acl/" #function, Fixture, NULL, setup, function, teardown)

static const char *
after_cascade(const Fixture *fixture, const char *text)
{
    Acl acl = { 0 };

    g_assert_cmpint(acl_parse(fixture->arena, fixture->names, text, &acl), ==, ACL_TEXT_OK);
    acl_revoke_cascade(&acl, &(AclEntry){ .grantee = fixture->alice,
                                          .grantor = fixture->owner,
                                          .privileges = P(SELECT),
                                          .grantable = P(SELECT) });
    return acl_render(fixture->arena, fixture->names, &acl);
}

static void
cascade_takes_what_rests_on_a_grant_option(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(
        after_cascade(fixture, "{alice=r*w*/owner,bob=r*w/alice,carol=rw/bob,=r/alice}"), ==,
        "{alice=w*/owner,bob=w/alice,carol=w/bob}");
    /* Another grantor's option is left, or there was none. */
    g_assert_cmpstr(after_cascade(fixture, "{alice=r*/owner,alice=r*/dave,bob=r/alice}"), ==,
                    "{bob=r/alice,alice=r*/dave}");
    g_assert_cmpstr(after_cascade(fixture, "{alice=r/owner,bob=r/alice}"), ==, "{bob=r/alice}");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST(default_acl_of_a_database_lets_public_connect);
    TEST(maintain_belongs_to_tables_from_17_on);
    TEST(a_grant_by_another_grantor_is_an_entry_of_its_own);
    TEST(cascade_takes_what_rests_on_a_grant_option);
    TEST(access_is_sorted_and_knows_no_grantor);
    TEST(revoking_a_privilege_takes_its_grant_option);
    TEST(a_new_owner_takes_the_old_ones_place_and_entries_merge);
    TEST(text_and_acl_are_each_others_inverse);
    TEST(quoted_names_lose_only_their_quotes);
    TEST(unknown_letters_are_told_and_left_out);
    TEST(malformed_text_is_refused);
    return g_test_run();
}
