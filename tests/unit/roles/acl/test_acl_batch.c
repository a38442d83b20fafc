/* The difference of two ACLs as statements: what is merged, and in which order it is taken away. */
#include <string.h>

#include "roles/acl/acl_batch.h"

typedef struct Fixture {
    Arena *arena;
    Names *names;
    NameId owner;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->names = names_new(fixture->arena);
    fixture->owner = names_intern(fixture->names, "owner");
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    names_free(fixture->names);
    arena_free(fixture->arena);
}

static Acl
acl_of(Fixture *fixture, const char *text)
{
    Acl acl = { 0 };

    g_assert_cmpint(acl_parse(fixture->arena, fixture->names, text, &acl), ==, ACL_TEXT_OK);
    return acl;
}

/* "ar* a,b (c); w d": privileges, * with the grant option, grantees, the grantor that revokes. */
static char *
describe(Fixture *fixture, const List *batches)
{
    GString *out = g_string_new(NULL);

    LIST_FOREACH (const AclBatch, batch, batches) {
        if (out->len > 0)
            g_string_append(out, "; ");
        for (unsigned bit = 0; bit < PRIVILEGE_COUNT; bit++) {
            if ((batch->privileges & PRIVILEGE_BIT(bit)) != 0)
                g_string_append_printf(out, "%s ", privilege_keyword((Privilege)bit));
        }
        if (batch->grant_option)
            g_string_append(out, "option ");
        for (size_t i = 0; i < batch->grantees.count; i++)
            g_string_append_printf(out, "%s%s", i > 0 ? "," : "",
                                   names_text(fixture->names, batch->grantees.items[i]));
        if (batch->as_role != NAME_NONE)
            g_string_append_printf(out, " (%s)", names_text(fixture->names, batch->as_role));
    }
    return g_string_free(out, FALSE);
}

static void
equal_privileges_of_several_grantees_are_one_statement(Fixture *fixture, const void *data)
{
    const List provenance = { 0 };
    Acl base = acl_of(fixture, "{owner=r/owner}");
    Acl acl = acl_of(fixture, "{owner=r/owner,a=r/owner,b=ra/owner,c=r/owner,d=r*/owner}");
    List batches = acl_grant_batches(fixture->arena, &base, &acl, &provenance, &provenance);
    g_autofree char *text = describe(fixture, &batches);

    (void)data;
    g_assert_cmpstr(text, ==, "SELECT a,c; SELECT INSERT b; SELECT option d");
}

static void
a_grant_option_is_added_to_a_privilege_that_is_there(Fixture *fixture, const void *data)
{
    const List provenance = { 0 };
    Acl base = acl_of(fixture, "{a=r/owner}");
    Acl acl = acl_of(fixture, "{a=r*w/owner}");
    List batches = acl_grant_batches(fixture->arena, &base, &acl, &provenance, &provenance);
    g_autofree char *text = describe(fixture, &batches);

    (void)data;
    g_assert_cmpstr(text, ==, "UPDATE a; SELECT option a");
}

static void
who_granted_on_loses_it_last(Fixture *fixture, const void *data)
{
    const List provenance = { 0 };
    Acl base = acl_of(fixture, "{x=r*/owner,y=r*/x,z=r/y,w=r/owner}");
    Acl acl = acl_of(fixture, "{}");
    List batches = acl_revoke_batches(fixture->arena, &base, &acl, fixture->owner, &provenance);
    g_autofree char *text = describe(fixture, &batches);

    (void)data;
    g_assert_cmpstr(text, ==, "SELECT z (y); SELECT y (x); SELECT x,w");
}

static void
a_statement_is_not_merged_before_what_it_depends_on(Fixture *fixture, const void *data)
{
    const List provenance = { 0 };
    Acl base = acl_of(fixture, "{a=r/owner,x=r*/owner,y=r/x}");
    Acl acl = acl_of(fixture, "{}");
    List batches = acl_revoke_batches(fixture->arena, &base, &acl, fixture->owner, &provenance);
    g_autofree char *text = describe(fixture, &batches);

    (void)data;
    g_assert_cmpstr(text, ==, "SELECT a; SELECT y (x); SELECT x");
}

static void
only_the_option_is_taken_where_the_privilege_stays(Fixture *fixture, const void *data)
{
    const List provenance = { 0 };
    Acl base = acl_of(fixture, "{a=r*w/owner}");
    Acl acl = acl_of(fixture, "{a=r/owner}");
    List batches = acl_revoke_batches(fixture->arena, &base, &acl, fixture->owner, &provenance);
    g_autofree char *text = describe(fixture, &batches);

    (void)data;
    g_assert_cmpstr(text, ==, "UPDATE a; SELECT option a");
}

#define ADD(function) g_test_add("/acl_batch/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(equal_privileges_of_several_grantees_are_one_statement);
    ADD(a_grant_option_is_added_to_a_privilege_that_is_there);
    ADD(who_granted_on_loses_it_last);
    ADD(a_statement_is_not_merged_before_what_it_depends_on);
    ADD(only_the_option_is_taken_where_the_privilege_stays);
    return g_test_run();
}
