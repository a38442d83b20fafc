/* Expansion of host ranges; the rules are those of Ansible's plugins/inventory/__init__.py. */
#include "inventory/tree/host_range.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

/* Ansible expands a range of letters over string.ascii_letters: lower case first. */
static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

typedef struct Range {
    uint64_t first;
    uint64_t last;
    uint64_t step;
    int width; /* digits to pad to; 0: letters */
} Range;

static bool
parse_number(const char *text, uint64_t *ret_number)
{
    guint64 number = 0;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT32, &number, NULL) ||
        !g_ascii_isdigit(*text))
        return false;
    *ret_number = number;
    return true;
}

/*
 * The rules of Ansible's detect_range() and expand_hostname_range(), with a reason for each
 * refusal: Ansible reports only that the pattern is wrong.
 */
static bool
parse_range(const char *text, Range *ret_range, const char **ret_problem)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    guint count = g_strv_length(parts);
    const char *first = count > 0 && *parts[0] != '\0' ? parts[0] : "0";
    const char *last = count > 1 ? parts[1] : "";
    const char *first_letter = strlen(first) == 1 ? strchr(letters, *first) : NULL;
    const char *last_letter = strlen(last) == 1 ? strchr(letters, *last) : NULL;

    *ret_range = (Range){ .step = 1 };
    if (count != 2 && count != 3) {
        *ret_problem = "a range is [first:last] or [first:last:step]";
        return false;
    }
    if (count == 3 && (!parse_number(parts[2], &ret_range->step) || ret_range->step == 0)) {
        *ret_problem = "the step of a range is a number of at least 1";
        return false;
    }
    if (first_letter != NULL && last_letter != NULL) {
        ret_range->first = (uint64_t)(first_letter - letters);
        ret_range->last = (uint64_t)(last_letter - letters);
    } else if (parse_number(first, &ret_range->first) && parse_number(last, &ret_range->last)) {
        bool padded = *first == '0' && strlen(first) > 1;

        if (padded && strlen(first) != strlen(last)) {
            *ret_problem = "both ends of a range with leading zeros have equally many digits";
            return false;
        }
        ret_range->width = padded ? (int)strlen(first) : 1;
    } else {
        *ret_problem = "the ends of a range are two numbers or two letters";
        return false;
    }
    if (ret_range->first > ret_range->last) {
        *ret_problem = "the range ends before it begins";
        return false;
    }
    return true;
}

/*
 * Several ranges in one name are expanded from left to right, by recursion on the rest. The count
 * is checked before each name, so that [1:900000] ends early.
 */
static bool
expand(Arena *arena, const char *pattern, List *names, const char **ret_problem)
{
    const char *open = strchr(pattern, '[');
    const char *close = open == NULL ? NULL : strchr(open, ']');
    g_autofree char *inside = NULL;
    Range range;

    if (open == NULL) {
        list_add(arena, names, arena_strdup(arena, pattern));
        return true;
    }
    if (close == NULL) {
        *ret_problem = "the range has no closing bracket";
        return false;
    }
    inside = g_strndup(open + 1, (gsize)(close - open - 1));
    if (!parse_range(inside, &range, ret_problem))
        return false;
    for (uint64_t at = range.first; at <= range.last; at += range.step) {
        g_autofree char *name = NULL;

        if (range.width == 0)
            name =
                g_strdup_printf("%.*s%c%s", (int)(open - pattern), pattern, letters[at], close + 1);
        else
            name = g_strdup_printf("%.*s%0*" PRIu64 "%s", (int)(open - pattern), pattern,
                                   range.width, at, close + 1);
        if (names->count >= HOST_RANGE_MAX) {
            *ret_problem = "the range expands to too many hosts";
            return false;
        }
        if (!expand(arena, name, names, ret_problem))
            return false;
    }
    return true;
}

/*
 * name:22 and [2001:db8::1]:22 name a host and a port. A name with more than one colon and no
 * brackets is an IPv6 address, in which the last part is not a port.
 */
static char *
without_port(const char *pattern)
{
    const char *colon = strrchr(pattern, ':');
    const char *close = strrchr(pattern, ']');
    size_t length = strlen(pattern);

    if (colon != NULL && colon[1] != '\0' && strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
        ((close == NULL && strchr(pattern, ':') == colon) || (close != NULL && colon == close + 1)))
        length = (size_t)(colon - pattern);
    return g_strndup(pattern, length);
}

/* Brackets mean a range elsewhere, so they are an address only when they contain one. */
static bool
is_bracketed_address(const char *name)
{
    size_t length = strlen(name);
    g_autofree char *inside = NULL;
    struct in6_addr address;

    if (length < 3 || name[0] != '[' || name[length - 1] != ']')
        return false;
    inside = g_strndup(name + 1, length - 2);
    return inet_pton(AF_INET6, inside, &address) == 1;
}

/* An IPv6 address is tested for first: its colons would otherwise be taken for a port. */
bool
host_range_expand(Arena *arena, const char *pattern, List *ret_names, const char **ret_problem)
{
    g_autofree char *name = without_port(pattern);
    struct in6_addr address;

    if (inet_pton(AF_INET6, pattern, &address) == 1) {
        list_add(arena, ret_names, arena_strdup(arena, pattern));
        return true;
    }
    if (is_bracketed_address(name)) {
        list_add(arena, ret_names, arena_strndup(arena, name + 1, strlen(name) - 2));
        return true;
    }
    return expand(arena, name, ret_names, ret_problem);
}
