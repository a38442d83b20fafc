#include <glib.h>
#include <string.h>

#include "provisioner/server/session_setting.h"

static char *
options(int version, const char *own)
{
    const StartupLimits limits = { .version = version, .statement_timeout_ms = 1500 };

    return session_setting_options(&limits, own);
}

static void
a_server_gets_only_what_its_version_knows(void)
{
    g_autofree char *old = options(13, NULL);
    g_autofree char *middle = options(16, NULL);
    g_autofree char *new = options(18, NULL);

    g_assert_null(strstr(old, "idle_session_timeout"));
    g_assert_nonnull(strstr(old, "-c role=none"));
    g_assert_nonnull(strstr(middle, "-c idle_session_timeout=0"));
    g_assert_null(strstr(middle, "transaction_timeout=0 -c idle_session"));
    g_assert_nonnull(strstr(new, "-c transaction_timeout=0"));
    g_assert_true(g_str_has_suffix(new, " -c event_triggers=off"));
}

static void
what_a_person_wrote_comes_first_and_blanks_are_escaped(void)
{
    g_autofree char *all = options(13, "-c geqo=off");

    g_assert_true(g_str_has_prefix(all, "-c geqo=off -c "));
    g_assert_nonnull(strstr(all, "-c default_transaction_isolation=read\\ committed"));
    g_assert_nonnull(strstr(all, "-c DateStyle=ISO,\\ YMD"));
    g_assert_nonnull(strstr(all, "-c statement_timeout=1500ms"));
}

static void
what_is_refused_is_left_out_the_next_time(void)
{
    StartupLimits limits = { .version = 18 };

    g_assert_true(session_setting_refused(
        &limits, "FATAL:  unrecognized configuration parameter \"transaction_timeout\""));
    g_assert_cmpint(limits.version, ==, 16);
    g_assert_true(session_setting_refused(
        &limits, "FATAL:  unrecognized configuration parameter \"idle_session_timeout\""));
    g_assert_cmpint(limits.version, ==, 13);
    g_assert_false(session_setting_refused(&limits, "FATAL:  role \"x\" does not exist"));
}

static void
who_is_no_superuser_keeps_the_rest(void)
{
    StartupLimits limits = { .version = 18 };
    g_autofree char *left = NULL;

    g_assert_true(session_setting_refused(
        &limits, "FATAL:  permission denied to set parameter \"event_triggers\""));
    left = session_setting_options(&limits, NULL);
    g_assert_null(strstr(left, "event_triggers"));
    g_assert_nonnull(strstr(left, "transaction_timeout"));
    g_assert_false(session_setting_refused(
        &limits, "FATAL:  permission denied to set parameter \"event_triggers\""));
}

static void
a_pooler_that_takes_no_options_gets_none_of_ours(void)
{
    StartupLimits limits = { .version = 18 };
    g_autofree char *left = NULL;

    g_assert_true(session_setting_refused(
        &limits, "FATAL:  unsupported startup parameter in options: transaction_timeout"));
    left = session_setting_options(&limits, "-c geqo=off");
    g_assert_cmpstr(left, ==, "-c geqo=off");
    g_assert_false(session_setting_refused(&limits, "unsupported startup parameter: options"));
}

static void
every_version_is_told_the_rest_with_a_query(void)
{
    const StartupLimits limits = { .version = 18, .statement_timeout_ms = 1500 };
    g_autofree char *values = session_setting_values(&limits);

    g_assert_true(g_str_has_prefix(values, "('default_transaction_read_only', 'on'), ("));
    g_assert_nonnull(strstr(values, "('search_path', '')"));
    g_assert_nonnull(strstr(values, "('statement_timeout', '1500ms')"));
    g_assert_null(strstr(values, "transaction_timeout', '0'), ('idle_session"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session-setting/version", a_server_gets_only_what_its_version_knows);
    g_test_add_func("/session-setting/own", what_a_person_wrote_comes_first_and_blanks_are_escaped);
    g_test_add_func("/session-setting/refused", what_is_refused_is_left_out_the_next_time);
    g_test_add_func("/session-setting/no-superuser", who_is_no_superuser_keeps_the_rest);
    g_test_add_func("/session-setting/pooler", a_pooler_that_takes_no_options_gets_none_of_ours);
    g_test_add_func("/session-setting/query", every_version_is_told_the_rest_with_a_query);
    return g_test_run();
}
