/* Lists: growth, stable order, and loops that can be left. */
#include <string.h>

#include "base/list.h"

static void
fill(Arena *arena, List *list, const char *const *words)
{
    for (; *words != NULL; words++)
        list_add(arena, list, *words);
}

static void
break_leaves_the_loop_and_continue_goes_on(void)
{
    const char *const words[] = { "a", "b", "c", "d", NULL };
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GString) seen = g_string_new(NULL);
    List list = { 0 };

    fill(arena, &list, words);
    LIST_FOREACH (const char, word, &list) {
        if (strcmp(word, "b") == 0)
            continue;
        if (strcmp(word, "d") == 0)
            break;
        g_string_append(seen, word);
    }
    LIST_FOREACH (const char, word, &list) {
        g_string_append(seen, word);
        break;
    }
    g_assert_cmpstr(seen->str, ==, "aca");
}

static void
an_empty_list_has_no_items(void)
{
    List list = { 0 };

    LIST_FOREACH (const char, word, &list)
        g_error("an item: %s", word);
    g_assert_cmpuint(list.count, ==, 0);
}

static int
compare_first_letter(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

static void
sorting_keeps_equal_items_in_their_order(void)
{
    const char *const words[] = { "b1", "a1", "b2", "a2", "b3", NULL };
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GString) seen = g_string_new(NULL);
    List list = { 0 };

    fill(arena, &list, words);
    list_sort(&list, compare_first_letter);
    LIST_FOREACH (const char, word, &list)
        g_string_append_printf(seen, "%s ", word);
    g_assert_cmpstr(seen->str, ==, "a1 a2 b1 b2 b3 ");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/list/" #function, function)
    TEST(break_leaves_the_loop_and_continue_goes_on);
    TEST(an_empty_list_has_no_items);
    TEST(sorting_keeps_equal_items_in_their_order);
    return g_test_run();
}
