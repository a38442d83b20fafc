/* Seconds since 1970 to text and back, through GLib's calendar. */
#include "roles/state/state_time.h"

#include <math.h>
#include <string.h>

#define MICROSECONDS 1e6

static double
seconds_of(GDateTime *moment)
{
    return (double)g_date_time_to_unix(moment) +
           (double)g_date_time_get_microsecond(moment) / MICROSECONDS;
}

/* GLib's calendar has the years 1 to 9999, PostgreSQL's many more; NULL beyond. */
static GDateTime *
moment_of(double seconds)
{
    double whole = floor(seconds);
    g_autoptr(GDateTime) moment = NULL;

    if (!(fabs(seconds) < 1e12))
        return NULL;
    moment = g_date_time_new_from_unix_utc((gint64)whole);
    return moment == NULL
               ? NULL
               : g_date_time_add(moment, (GTimeSpan)llround((seconds - whole) * MICROSECONDS));
}

char *
state_time_text(Arena *arena, double seconds)
{
    g_autoptr(GDateTime) moment = moment_of(seconds);

    if (isinf(seconds))
        return arena_strdup(arena, seconds > 0 ? "infinity" : "-infinity");
    if (moment != NULL && seconds_of(moment) == seconds) {
        g_autofree char *text = g_date_time_format(moment, g_date_time_get_microsecond(moment) == 0
                                                               ? "%Y-%m-%dT%H:%M:%SZ"
                                                               : "%Y-%m-%dT%H:%M:%S.%fZ");

        /* %Y has no leading zeros, and the ISO form wants four digits. */
        if (strchr(text, '-') == text + 4)
            return arena_strdup(arena, text);
    }
    return arena_printf(arena, "%.17g", seconds);
}

bool
state_time_parse(const char *text, double *ret_seconds)
{
    g_autoptr(GDateTime) moment = NULL;
    char *end = NULL;

    if (strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0) {
        *ret_seconds = *text == '-' ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    /* Without an offset it would be a moment of this machine's time zone. */
    moment = g_str_has_suffix(text, "Z") ? g_date_time_new_from_iso8601(text, NULL) : NULL;
    if (moment != NULL) {
        *ret_seconds = seconds_of(moment);
        return true;
    }
    if (!g_ascii_isdigit(*text) && *text != '-')
        return false;
    *ret_seconds = g_ascii_strtod(text, &end);
    return *end == '\0' && isfinite(*ret_seconds);
}

bool
state_time_in_zone(const char *text, const char *time_zone, double *ret_seconds)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(time_zone);
    g_autoptr(GDateTime) moment = NULL;
    g_autofree char *iso = NULL;

    if (g_ascii_strcasecmp(text, "infinity") == 0 || g_ascii_strcasecmp(text, "-infinity") == 0) {
        *ret_seconds = *text == '-' ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    if (zone == NULL)
        return false;
    /* A date alone is its first moment, as in PostgreSQL. */
    iso = strpbrk(text, "Tt ") == NULL ? g_strconcat(text, "T00:00:00", NULL) : g_strdup(text);
    moment = g_date_time_new_from_iso8601(iso, zone);
    if (moment == NULL)
        return false;
    *ret_seconds = seconds_of(moment);
    return true;
}
