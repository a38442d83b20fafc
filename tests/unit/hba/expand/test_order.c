/* The order of rules, and which of them are on. */
#include "tests/unit/hba/fixture.h"

#define PG HBA_PROGRAM_POSTGRESQL

static HbaRuleDecl *
add_user(Fixture *fixture, HbaSection section, const char *user)
{
    HbaRuleDecl *decl = add_decl(fixture, PG, section);

    decl->user = text_field(user, 12);
    decl->addr = text_field("local", 14);
    decl->auth = text_field("trust", 15);
    return decl;
}

static void
set_order(HbaRuleDecl *decl, double number, uint32_t line)
{
    decl->order_kind = HBA_ORDER_NUMBER;
    decl->order_number = number;
    decl->order_pos = at(line);
}

static void
set_text_order(HbaRuleDecl *decl, const char *text, uint32_t line)
{
    decl->order_kind = HBA_ORDER_TEXT;
    decl->order_text = text;
    decl->order_pos = at(line);
}

/* The users of the file in their order, with a # before those that are off. */
static const char *
users_in_order(Fixture *fixture)
{
    g_auto(GStrv) lines = g_strsplit(rendered_rules(fixture, PG), "\n", -1);
    g_autoptr(GString) users = g_string_new(NULL);

    for (char **line = lines; **line != '\0'; line++) {
        g_auto(GStrv) words = g_strsplit(*line, " ", -1);

        g_string_append_printf(users, "%s%s ", **line == '#' ? "#" : "", words[2]);
    }
    return arena_strdup(fixture->arena, users->str);
}

static void
without_order_the_lists_follow_each_other(Fixture *fixture, const void *data)
{
    (void)data;
    add_user(fixture, HBA_SECTION_EXTRA, "e");
    add_user(fixture, HBA_SECTION_RULES, "r");
    add_user(fixture, HBA_SECTION_DEFAULT, "d1");
    add_user(fixture, HBA_SECTION_DEFAULT, "d2");
    g_assert_cmpstr(users_in_order(fixture), ==, "d1 d2 r e ");
}

static void
rules_with_an_order_come_first_and_ties_keep_their_place(Fixture *fixture, const void *data)
{
    (void)data;
    add_user(fixture, HBA_SECTION_DEFAULT, "none");
    set_order(add_user(fixture, HBA_SECTION_DEFAULT, "late"), 2000, 20);
    set_order(add_user(fixture, HBA_SECTION_DEFAULT, "tie1"), 100, 21);
    set_order(add_user(fixture, HBA_SECTION_RULES, "tie2"), 100, 22);
    set_order(add_user(fixture, HBA_SECTION_RULES, "negative"), -1, 23);
    set_order(add_user(fixture, HBA_SECTION_EXTRA, "half"), 0.5, 24);
    g_assert_cmpstr(users_in_order(fixture), ==, "negative half tie1 tie2 late none ");
}

static void
texts_sort_without_regard_to_case(Fixture *fixture, const void *data)
{
    (void)data;
    set_text_order(add_user(fixture, HBA_SECTION_RULES, "b"), "B", 20);
    set_text_order(add_user(fixture, HBA_SECTION_RULES, "a"), "a", 21);
    set_text_order(add_user(fixture, HBA_SECTION_RULES, "c"), "c", 22);
    set_text_order(add_user(fixture, HBA_SECTION_RULES, "ten"), "10", 23);
    set_text_order(add_user(fixture, HBA_SECTION_RULES, "nine"), "9", 24);
    g_assert_cmpstr(users_in_order(fixture), ==, "ten nine a b c ");
}

static void
null_and_mixed_orders_are_errors(Fixture *fixture, const void *data)
{
    HbaRuleDecl *null_decl = add_user(fixture, HBA_SECTION_RULES, "n");

    (void)data;
    null_decl->order_kind = HBA_ORDER_NULL;
    null_decl->order_pos = at(19);
    set_order(add_user(fixture, HBA_SECTION_RULES, "a"), 1, 20);
    set_text_order(add_user(fixture, HBA_SECTION_RULES, "b"), "2", 21);
    g_assert_cmpstr(findings_of(fixture, PG), ==,
                    "a.yml:19:5: error: order is null, which cannot be sorted [hba-order-null]\n"
                    "  hint: omit it to place the rule after all that have one\n"
                    "a.yml:21:5: error: order is a text here and a number at a.yml:20 "
                    "[hba-order-mixed]\n"
                    "  hint: write all of them as numbers\n");
}

static void
classic_has_sections(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->policy.flags = POLICY_HBA_SECTIONS;
    add_user(fixture, HBA_SECTION_EXTRA, "extra");
    add_user(fixture, HBA_SECTION_RULES, "role")->role = (OptText){ "primary", at(13) };
    add_user(fixture, HBA_SECTION_RULES, "common1")->role = (OptText){ "common", at(13) };
    set_order(add_user(fixture, HBA_SECTION_RULES, "common2"), 5, 20);
    add_user(fixture, HBA_SECTION_DEFAULT, "default");
    g_assert_cmpstr(users_in_order(fixture), ==, "default common2 common1 role extra ");
}

static void
a_rule_is_on_where_its_role_is(Fixture *fixture, const void *data)
{
    static const struct {
        PgRole role;
        bool offline_query;
        const char *expected;
    } cases[] = {
        { PG_ROLE_PRIMARY, false,
          "none default common primary #replica #offline #standby #delayed " },
        { PG_ROLE_REPLICA, false,
          "none default common #primary replica #offline #standby #delayed " },
        { PG_ROLE_REPLICA, true,
          "none default common #primary replica offline #standby #delayed " },
        { PG_ROLE_OFFLINE, false,
          "none default common #primary #replica offline #standby #delayed " },
        { PG_ROLE_STANDBY, false,
          "none default common #primary #replica #offline standby #delayed " },
        { PG_ROLE_DELAYED, true,
          "none default common #primary #replica offline #standby delayed " },
    };

    (void)data;
    add_user(fixture, HBA_SECTION_RULES, "none")->role = (OptText){ "", at(13) };
    for (size_t i = 0; hba_rule_role_words[i] != NULL; i++) {
        const char *word = hba_rule_role_words[i];

        add_user(fixture, HBA_SECTION_RULES, word)->role = (OptText){ word, at(13) };
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        fixture->instance.role = cases[i].role;
        fixture->instance.offline_query = cases[i].offline_query;
        g_assert_cmpstr(users_in_order(fixture), ==, cases[i].expected);
    }
}

static void
an_unknown_role_is_an_error_even_where_it_would_be_off(Fixture *fixture, const void *data)
{
    (void)data;
    add_user(fixture, HBA_SECTION_RULES, "u")->role = (OptText){ "replcia", at(13) };
    g_assert_cmpstr(findings_of(fixture, PG), ==,
                    "a.yml:13:5: error: role \"replcia\" of rule \"a title\" does not exist "
                    "[hba-role-unknown]\n"
                    "  hint: did you mean \"replica\"?\n");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("order", without_order_the_lists_follow_each_other);
    TEST("order", rules_with_an_order_come_first_and_ties_keep_their_place);
    TEST("order", texts_sort_without_regard_to_case);
    TEST("order", null_and_mixed_orders_are_errors);
    TEST("order", classic_has_sections);
    TEST("order", a_rule_is_on_where_its_role_is);
    TEST("order", an_unknown_role_is_an_error_even_where_it_would_be_off);
    return g_test_run();
}
