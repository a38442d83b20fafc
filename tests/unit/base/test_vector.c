/* A vector of one type: what goes in comes out, in order, without casts. */
#include "base/names.h"
#include "base/vector.h"

VECTOR_DEFINE(NumberVector, number_vector, int)

static void
items_stay_in_order_while_it_grows(void)
{
    g_autoptr(Arena) arena = arena_new();
    NumberVector vector = { 0 };

    for (int i = 0; i < 1000; i++)
        number_vector_add(arena, &vector, i);
    g_assert_cmpuint(vector.count, ==, 1000);
    for (int i = 0; i < 1000; i++)
        g_assert_cmpint(vector.items[i], ==, i);
}

static void
add_once_keeps_the_first(void)
{
    g_autoptr(Arena) arena = arena_new();
    NumberVector vector = { 0 };

    number_vector_add_once(arena, &vector, 7);
    number_vector_add_once(arena, &vector, 8);
    number_vector_add_once(arena, &vector, 7);
    g_assert_cmpuint(vector.count, ==, 2);
    g_assert_cmpint(vector.items[0], ==, 7);
    g_assert_true(number_vector_contains(&vector, 8));
    g_assert_false(number_vector_contains(&vector, 9));
}

static void
equal_means_the_same_items_in_the_same_order(void)
{
    g_autoptr(Arena) arena = arena_new();
    NumberVector a = { 0 };
    NumberVector b = { 0 };

    g_assert_true(number_vector_equal(&a, &b));
    number_vector_add(arena, &a, 1);
    number_vector_add(arena, &a, 2);
    g_assert_false(number_vector_equal(&a, &b));
    number_vector_add(arena, &b, 2);
    number_vector_add(arena, &b, 1);
    g_assert_false(number_vector_equal(&a, &b));
    b = number_vector_copy(arena, &a);
    g_assert_true(number_vector_equal(&a, &b));
}

static void
a_copy_grows_alone(void)
{
    g_autoptr(Arena) arena = arena_new();
    NameIdVector vector = { 0 };
    NameIdVector copy = { 0 };

    name_id_vector_add(arena, &vector, 1);
    copy = name_id_vector_copy(arena, &vector);
    name_id_vector_add(arena, &copy, 2);
    g_assert_cmpuint(vector.count, ==, 1);
    g_assert_cmpuint(copy.count, ==, 2);
    name_id_vector_add_all(arena, &vector, &copy);
    g_assert_cmpuint(vector.count, ==, 3);
    g_assert_cmpuint(vector.items[2], ==, 2);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/vector/" #function, function)
    TEST(items_stay_in_order_while_it_grows);
    TEST(add_once_keeps_the_first);
    TEST(equal_means_the_same_items_in_the_same_order);
    TEST(a_copy_grows_alone);
    return g_test_run();
}
