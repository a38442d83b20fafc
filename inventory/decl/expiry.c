/* expire_at and until: what PostgreSQL takes as VALID UNTIL, in the ISO forms. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/findings.h"

static bool
take_number(const char **at, size_t min_digits, size_t max_digits, int *ret_number)
{
    size_t digits = strspn(*at, "0123456789");

    if (digits < min_digits || digits > max_digits)
        return false;
    *ret_number = 0;
    for (size_t i = 0; i < digits; i++)
        *ret_number = *ret_number * 10 + ((*at)[i] - '0');
    *at += digits;
    return true;
}

static bool
take_char(const char **at, const char *characters)
{
    if (**at == '\0' || strchr(characters, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

/* A timestamp as written, taken apart. */
typedef struct Timestamp {
    int year, month, day;
    int hour, minute, second;
    int infinity;     /* 1 or -1: that instead of all above */
    const char *zone; /* what follows: +02, Z, a name, or nothing */
} Timestamp;

/* Dates the server accepts in any DateStyle: year first. 1-2-2030 would depend on DateStyle. */
static bool
take_date(const char **at, Timestamp *time)
{
    return take_number(at, 4, 6, &time->year) && take_char(at, "-") &&
           take_number(at, 1, 2, &time->month) && take_char(at, "-") &&
           take_number(at, 1, 2, &time->day) && time->year <= 9999 && time->year >= 1 &&
           time->month >= 1 && time->month <= 12 && time->day >= 1 &&
           g_date_valid_dmy((GDateDay)time->day, (GDateMonth)time->month, (GDateYear)time->year);
}

/*
 * 24:00:00 is midnight at the end of the day, and second 60 is a leap second; DecodeTime() in
 * datetime.c accepts both.
 */
static bool
take_time(const char **at, Timestamp *time)
{
    if (!take_number(at, 1, 2, &time->hour) || !take_char(at, ":") ||
        !take_number(at, 2, 2, &time->minute))
        return false;
    if (take_char(at, ":")) {
        if (!take_number(at, 2, 2, &time->second))
            return false;
        if (take_char(at, "."))
            *at += strspn(*at, "0123456789");
    }
    return (time->hour < 24 || (time->hour == 24 && time->minute == 0 && time->second == 0)) &&
           time->minute < 60 && time->second <= 60;
}

/* +02, -0330, +05:30: hours, or hours and two digits of minutes. */
static bool
take_offset(const char *at, int *ret_seconds)
{
    int sign = *at == '-' ? -1 : 1;
    int number = 0;
    int minutes = 0;
    size_t digits = 0;

    if (!take_char(&at, "+-"))
        return false;
    digits = strspn(at, "0123456789");
    if (!take_number(&at, 1, 4, &number))
        return false;
    if (take_char(&at, ":")) {
        if (!take_number(&at, 2, 2, &minutes))
            return false;
    } else if (digits > 2) {
        minutes = number % 100;
        number /= 100;
    }
    *ret_seconds = sign * (number * 3600 + minutes * 60);
    return *at == '\0';
}

/* An offset, Z, or the name of a time zone, which only the server knows for sure. */
static bool
is_zone(const char *at)
{
    int ignored = 0;

    return *at == '\0' || take_offset(at, &ignored) ||
           (g_ascii_isalpha(*at) &&
            strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/+-") ==
                strlen(at));
}

/*
 * VALID UNTIL is compared with the server's own reading of the text later, so this check only has
 * to refuse what the server would refuse.
 */
static bool
parse_timestamp(const char *text, Timestamp *time)
{
    const char *at = text;

    *time = (Timestamp){ .zone = "" };
    if (g_ascii_strcasecmp(text, "infinity") == 0 || g_ascii_strcasecmp(text, "-infinity") == 0) {
        time->infinity = *text == '-' ? -1 : 1;
        return true;
    }
    if (!take_date(&at, time))
        return false;
    if (*at == '\0')
        return true;
    if (*at != 'T' && *at != 't' && *at != ' ')
        return false;
    at += *at == ' ' ? strspn(at, " ") : 1;
    /* A date may have a zone and no time. */
    if (g_ascii_isdigit(*at) && !take_time(&at, time))
        return false;
    at += strspn(at, " ");
    time->zone = at;
    return is_zone(at);
}

/* Where the text has no zone, this machine's. NULL: the name is unknown here. */
static GTimeZone *
zone_of(const Timestamp *time)
{
    int seconds = 0;

    if (*time->zone == '\0')
        return g_time_zone_new_local();
    if (take_offset(time->zone, &seconds))
        return g_time_zone_new_offset(seconds);
    if (g_ascii_strcasecmp(time->zone, "z") == 0)
        return g_time_zone_new_utc();
    return g_time_zone_new_identifier(time->zone);
}

/* Unix seconds; false: the time zone is unknown here. */
static bool
timestamp_seconds(const Timestamp *time, int64_t *ret_seconds)
{
    g_autoptr(GTimeZone) zone = NULL;
    g_autoptr(GDateTime) day = NULL;

    if (time->infinity != 0) {
        *ret_seconds = time->infinity > 0 ? G_MAXINT64 : G_MININT64;
        return true;
    }
    zone = zone_of(time);
    if (zone == NULL)
        return false;
    /* 24:00 and the second 60 are no times to GLib. */
    day = g_date_time_new(zone, time->year, time->month, time->day, time->hour % 24, time->minute,
                          MIN(time->second, 59));
    *ret_seconds = g_date_time_to_unix(day) + (time->hour == 24 ? 24 * 3600 : 0) +
                   (time->second == 60 ? 1 : 0);
    return true;
}

static bool
report_invalid(Binder *binder, const char *key, const Node *value)
{
    findings_add(binder->findings, &FINDING_EXPIRY_INVALID, value->pos,
                 "write it as 2030-12-31, 2030-12-31 23:59:59+00 or infinity",
                 "%s is not a date, timestamp or infinity: %s", value_label(binder, key),
                 value_quoted(binder, value));
    return false;
}

/*
 * The words that timestamptz also accepts, now, today, tomorrow, are refused: they would mean
 * another date in each run.
 */
bool
field_expiry(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    OptText *member = (OptText *)(void *)((char *)target + field->offset);
    const char *text = value_text(binder, field->key, value);
    Timestamp time;

    if (text == NULL)
        return false;
    if (!parse_timestamp(text, &time))
        return report_invalid(binder, field->key, value);
    member->value = text;
    member->pos = value->pos;
    return true;
}

/* `until` and `expire_at` are one key in memberships and grants. */
bool
field_until(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    Until *until = (Until *)(void *)((char *)target + field->offset);
    const char *text = value_text(binder, field->key, value);
    const int64_t soon = UNTIL_SOON_DAYS * 24 * 3600;
    Timestamp time;
    int64_t end = 0;

    if (text == NULL)
        return false;
    if (until->text != NULL) {
        findings_add(binder->findings, &FINDING_KEY_CONFLICTING, value->pos,
                     "\"until\" and \"expire_at\" are the same key here",
                     "%s says twice when it ends", binder->object);
        return false;
    }
    if (!parse_timestamp(text, &time))
        return report_invalid(binder, field->key, value);
    if (!timestamp_seconds(&time, &end)) {
        findings_add(binder->findings, &FINDING_EXPIRY_INVALID, value->pos,
                     "write the zone as an offset, such as +02:00",
                     "%s has a time zone that this machine does not know: \"%s\"",
                     value_label(binder, field->key), time.zone);
        return false;
    }
    *until = (Until){ .text = text, .pos = value->pos, .state = UNTIL_LATER };
    if (end <= binder->now)
        until->state = UNTIL_PASSED;
    else if (end <= binder->now + soon)
        until->state = UNTIL_SOON;
    return true;
}

/* An entry that is absent anyway does not end. */
bool
until_agrees(Binder *binder, const char *object, const Until *until, bool is_absent)
{
    if (until->text == NULL || !is_absent)
        return true;
    findings_add(binder->findings, &FINDING_KEY_CONFLICTING, until->pos,
                 "take out \"state: absent\", or the date",
                 "%s is absent, so it cannot end at a date", object);
    return false;
}
