/* Moments as text: no precision is lost, and nothing is read as what it is not. */
#include <math.h>

#include "roles/state/state_time.h"

#define NEW_YEAR_2030 1893456000.0

static void
assert_written(double seconds, const char *expected)
{
    g_autoptr(Arena) arena = arena_new();
    double again = 0;

    g_assert_cmpstr(state_time_text(arena, seconds), ==, expected);
    g_assert_true(state_time_parse(expected, &again));
    g_assert_true(again == seconds);
}

static void
a_moment_is_written_in_utc_and_read_again(void)
{
    assert_written(NEW_YEAR_2030, "2030-01-01T00:00:00Z");
    assert_written(NEW_YEAR_2030 + 0.5, "2030-01-01T00:00:00.500000Z");
    assert_written(-62135596800.0 + 86400 * 365 * 1000.0, "1000-05-04T00:00:00Z");
}

static void
infinity_has_a_sign(void)
{
    assert_written((double)INFINITY, "infinity");
    assert_written(-(double)INFINITY, "-infinity");
}

static void
what_no_calendar_text_keeps_is_written_as_seconds(void)
{
    assert_written(1e15, "1000000000000000");
    assert_written(-62135596800.0, "-62135596800");
    assert_written(0.1 + 0.2, "0.30000000000000004");
}

static void
a_text_without_an_offset_is_no_moment(void)
{
    const char *const texts[] = { "2030-01-01T00:00:00", "tomorrow", "2030-01-01", "1e400",
                                  "-Infinity",           "",         "12x" };
    double seconds = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_false(state_time_parse(texts[i], &seconds));
}

static void
assert_in_zone(const char *text, const char *zone, double expected)
{
    double seconds = 0;

    g_assert_true(state_time_in_zone(text, zone, &seconds));
    g_assert_true(seconds == expected);
}

static void
a_date_is_its_first_moment_in_the_servers_zone(void)
{
    assert_in_zone("2030-01-01", "UTC", NEW_YEAR_2030);
    assert_in_zone("2030-01-01", "Europe/Berlin", NEW_YEAR_2030 - 3600);
    assert_in_zone("2030-01-01 01:00:00", "UTC", NEW_YEAR_2030 + 3600);
    assert_in_zone("2030-01-01T00:00:00+02", "Europe/Berlin", NEW_YEAR_2030 - 7200);
    assert_in_zone("Infinity", "UTC", (double)INFINITY);
    assert_in_zone("-infinity", "nowhere", -(double)INFINITY);
}

static void
what_only_a_server_knows_is_not_guessed(void)
{
    double seconds = 0;

    g_assert_false(state_time_in_zone("2030-01-01 00:00:00 CET", "UTC", &seconds));
    g_assert_false(state_time_in_zone("2030-01-01", "Mars/Olympus", &seconds));
    g_assert_false(state_time_in_zone("soon", "UTC", &seconds));
}

#define ADD(test) g_test_add_func("/state-time/" #test, test)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_moment_is_written_in_utc_and_read_again);
    ADD(infinity_has_a_sign);
    ADD(what_no_calendar_text_keeps_is_written_as_seconds);
    ADD(a_text_without_an_offset_is_no_moment);
    ADD(a_date_is_its_first_moment_in_the_servers_zone);
    ADD(what_only_a_server_knows_is_not_guessed);
    return g_test_run();
}
