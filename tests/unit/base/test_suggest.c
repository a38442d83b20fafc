/* Which word was meant. */
#include <glib.h>

#include "base/suggest.h"

static const char *const words[] = { "superuser", "createdb", "name", "roles", NULL };

static void
a_missing_letter_is_found(void)
{
    g_assert_cmpstr(suggest_nearest("supruser", words), ==, "superuser");
}

static void
two_letters_swapped_are_one_error(void)
{
    g_assert_cmpuint(suggest_distance("naem", "name"), ==, 1);
    g_assert_cmpstr(suggest_nearest("naem", words), ==, "name");
}

static void
another_case_is_the_same_word(void)
{
    g_assert_cmpstr(suggest_nearest("ROLES", words), ==, "roles");
}

static void
a_word_far_from_all_has_no_suggestion(void)
{
    g_assert_null(suggest_nearest("kubernetes", words));
    g_assert_null(suggest_nearest("", words));
}

static void
a_hostile_length_is_no_typing_error(void)
{
    g_autofree char *longest = g_strnfill(100000, 'x');

    g_assert_null(suggest_nearest(longest, words));
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/suggest/" #function, function)
    TEST(a_missing_letter_is_found);
    TEST(two_letters_swapped_are_one_error);
    TEST(another_case_is_the_same_word);
    TEST(a_word_far_from_all_has_no_suggestion);
    TEST(a_hostile_length_is_no_typing_error);
    return g_test_run();
}
