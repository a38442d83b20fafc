/* expire_at: what PostgreSQL takes as VALID UNTIL, in the ISO forms. */
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

/* Dates the server accepts in any DateStyle: year first. 1-2-2030 would depend on DateStyle. */
static bool
take_date(const char **at)
{
    int year = 0;
    int month = 0;
    int day = 0;

    return take_number(at, 4, 6, &year) && take_char(at, "-") && take_number(at, 1, 2, &month) &&
           take_char(at, "-") && take_number(at, 1, 2, &day) && year <= 9999 && year >= 1 &&
           month >= 1 && month <= 12 && day >= 1 &&
           g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

/*
 * 24:00:00 is midnight at the end of the day, and second 60 is a leap second; DecodeTime() in
 * datetime.c accepts both.
 */
static bool
take_time(const char **at)
{
    int hour = 0;
    int minute = 0;
    int second = 0;

    if (!take_number(at, 1, 2, &hour) || !take_char(at, ":") || !take_number(at, 2, 2, &minute))
        return false;
    if (take_char(at, ":")) {
        if (!take_number(at, 2, 2, &second))
            return false;
        if (take_char(at, "."))
            *at += strspn(*at, "0123456789");
    }
    return (hour < 24 || (hour == 24 && minute == 0 && second == 0)) && minute < 60 && second <= 60;
}

/* +02, -0330, +05:30, Z, or the name of a time zone, which only the server knows. */
static bool
is_zone(const char *at)
{
    int ignored = 0;

    at += strspn(at, " ");
    if (*at == '\0')
        return true;
    if (take_char(&at, "+-")) {
        if (!take_number(&at, 1, 4, &ignored))
            return false;
        return *at == '\0' ||
               (take_char(&at, ":") && take_number(&at, 2, 2, &ignored) && *at == '\0');
    }
    return g_ascii_isalpha(*at) &&
           strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/+-") ==
               strlen(at);
}

/*
 * VALID UNTIL is compared with the server's own reading of the text later, so this check only has
 * to refuse what the server would refuse.
 */
static bool
is_expiry(const char *text)
{
    const char *at = text;

    if (g_ascii_strcasecmp(text, "infinity") == 0 || g_ascii_strcasecmp(text, "-infinity") == 0)
        return true;
    if (!take_date(&at))
        return false;
    if (*at == '\0')
        return true;
    if (*at == 'T' || *at == 't' || *at == ' ')
        at += *at == ' ' ? strspn(at, " ") : 1;
    else
        return false;
    /* A date may have a zone and no time. */
    if (!g_ascii_isdigit(*at))
        return is_zone(at);
    return take_time(&at) && is_zone(at);
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

    if (text == NULL)
        return false;
    if (!is_expiry(text)) {
        findings_add(binder->findings, &FINDING_EXPIRY_INVALID, value->pos,
                     "write it as 2030-12-31, 2030-12-31 23:59:59+00 or infinity",
                     "%s is not a date, timestamp or infinity: \"%s\"",
                     value_label(binder, field->key), text);
        return false;
    }
    member->value = text;
    member->pos = value->pos;
    return true;
}
