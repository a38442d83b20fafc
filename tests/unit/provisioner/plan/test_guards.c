/* How many of the login roles are a mass. */
#include "provisioner/plan/guards.h"

static void
share_counts_below_ten_and_one_role_never_does(void)
{
    static const struct {
        size_t removed;
        size_t of;
        bool is_mass;
    } rows[] = {
        { 0, 0, false },  { 0, 4, false },    { 1, 1, false },   { 1, 2, false },  { 2, 2, true },
        { 2, 4, true },   { 2, 9, true },     { 5, 9, true },    { 9, 9, true },   { 2, 10, false },
        { 5, 10, false }, { 6, 10, true },    { 6, 29, true },   { 6, 30, false }, { 7, 34, true },
        { 7, 35, false }, { 20, 100, false }, { 21, 100, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%zu of %zu", rows[i].removed, rows[i].of);
        g_assert_cmpint(guards_is_mass(rows[i].removed, rows[i].of), ==, rows[i].is_mass);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guards/share_counts_below_ten_and_one_role_never_does",
                    share_counts_below_ten_and_one_role_never_does);
    return g_test_run();
}
