/* Recognisers for YAML 1.1's implicit types; the patterns are those of PyYAML's resolver.py. */
#include "inventory/yaml/yaml_scalar.h"

#include <glib.h>
#include <math.h>
#include <string.h>

typedef struct Word {
    const char *text;
    ScalarType type;
    int64_t value;
} Word;

static const Word words[] = {
    /*
     * y and n alone are booleans in the YAML 1.1 specification but strings to PyYAML, and so to
     * Ansible.
     */
    { "yes", SCALAR_BOOL, 1 },   { "Yes", SCALAR_BOOL, 1 },   { "YES", SCALAR_BOOL, 1 },
    { "no", SCALAR_BOOL, 0 },    { "No", SCALAR_BOOL, 0 },    { "NO", SCALAR_BOOL, 0 },
    { "true", SCALAR_BOOL, 1 },  { "True", SCALAR_BOOL, 1 },  { "TRUE", SCALAR_BOOL, 1 },
    { "false", SCALAR_BOOL, 0 }, { "False", SCALAR_BOOL, 0 }, { "FALSE", SCALAR_BOOL, 0 },
    { "on", SCALAR_BOOL, 1 },    { "On", SCALAR_BOOL, 1 },    { "ON", SCALAR_BOOL, 1 },
    { "off", SCALAR_BOOL, 0 },   { "Off", SCALAR_BOOL, 0 },   { "OFF", SCALAR_BOOL, 0 },
    { "null", SCALAR_NULL, 0 },  { "Null", SCALAR_NULL, 0 },  { "NULL", SCALAR_NULL, 0 },
    { "~", SCALAR_NULL, 0 },     { "", SCALAR_NULL, 0 },
};

#define WORD_LENGTH_MAX ((size_t)5)

typedef bool CharTest(char character);

static bool
is_decimal(char character)
{
    return g_ascii_isdigit(character);
}

static bool
is_decimal_or_underscore(char character)
{
    return g_ascii_isdigit(character) || character == '_';
}

static bool
is_binary_or_underscore(char character)
{
    return character == '0' || character == '1' || character == '_';
}

static bool
is_octal_or_underscore(char character)
{
    return (character >= '0' && character <= '7') || character == '_';
}

static bool
is_hex_or_underscore(char character)
{
    return g_ascii_isxdigit(character) || character == '_';
}

/* Tests stop at the NUL that ends the text: no test accepts it. */
static const char *
skip(const char *at, CharTest *test)
{
    while (test(*at))
        at++;
    return at;
}

/*
 * Digits without underscores, up to what int64_t holds. The margin of 15 is the largest digit of
 * any base, so the sum cannot overflow after the test.
 */
static int64_t
to_integer(const char *begin, const char *end, int base, bool *ret_huge)
{
    uint64_t number = 0;

    for (const char *at = begin; at < end; at++) {
        if (*at == '_')
            continue;
        if (number > ((uint64_t)INT64_MAX - 15) / (uint64_t)base) {
            *ret_huge = true;
            return INT64_MAX;
        }
        number = number * (uint64_t)base + (uint64_t)g_ascii_xdigit_value(*at);
    }
    return (int64_t)number;
}

static bool
all_of(const char *begin, CharTest *test)
{
    return *begin != '\0' && *skip(begin, test) == '\0';
}

/*
 * 190:20:30 is a number of base 60 in YAML 1.1; the last part may have a fraction, then it is a
 * float. An unquoted time or a port mapping such as 22:22 surprises people here as it does in
 * Ansible; what counts is that both read the same.
 */
static bool
to_sexagesimal(const char *text, double *ret_number, bool *ret_is_float)
{
    const char *at = skip(text, is_decimal_or_underscore);
    bool huge = false;
    double number = 0;

    if (at == text || *at != ':' || *text == '_')
        return false;
    number = (double)to_integer(text, at, 10, &huge);
    while (*at == ':') {
        const char *begin = ++at;

        at = skip(at, is_decimal);
        if (at == begin || at - begin > 2 || (at - begin == 2 && *begin > '5'))
            return false;
        number = number * 60 + (double)to_integer(begin, at, 10, &huge);
    }
    *ret_is_float = *at == '.';
    if (*at == '.') {
        const char *fraction = at + 1;
        double scale = 1;

        at = skip(fraction, is_decimal_or_underscore);
        for (const char *digit = fraction; digit < at; digit++) {
            if (*digit == '_')
                continue;
            scale /= 10;
            number += scale * (*digit - '0');
        }
    }
    *ret_number = number;
    return *at == '\0';
}

/* The order matters: 0b and 0x before octal, as a leading zero alone means base 8 (010 is 8). */
static bool
resolve_integer(Node *scalar, const char *text, bool negative)
{
    bool huge = false;
    int64_t number = 0;
    const char *end = text + strlen(text);

    if (text[0] == '0' && text[1] == 'b' && all_of(text + 2, is_binary_or_underscore))
        number = to_integer(text + 2, end, 2, &huge);
    else if (text[0] == '0' && text[1] == 'x' && all_of(text + 2, is_hex_or_underscore))
        number = to_integer(text + 2, end, 16, &huge);
    else if (text[0] == '0' && text[1] != '\0' && all_of(text + 1, is_octal_or_underscore))
        number = to_integer(text + 1, end, 8, &huge);
    else if ((text[0] == '0' && text[1] == '\0') ||
             (text[0] >= '1' && text[0] <= '9' && all_of(text, is_decimal_or_underscore)))
        number = to_integer(text, end, 10, &huge);
    else
        return false;
    scalar->type = SCALAR_INT;
    scalar->value.integer = negative ? -number : number;
    if (huge)
        scalar->flags |= NODE_HUGE;
    return true;
}

/*
 * PyYAML's pattern needs a dot, so 1e3 is a string; and an exponent needs its sign. Both differ
 * from YAML 1.2, but the reader has to agree with Ansible.
 */
static bool
resolve_float(Node *scalar, const char *text, bool negative, bool has_sign)
{
    static const char *const infinities[] = { ".inf", ".Inf", ".INF", NULL };
    static const char *const not_numbers[] = { ".nan", ".NaN", ".NAN", NULL };
    g_autofree char *clean = NULL;
    const char *at = text;
    char *out = NULL;

    if (g_strv_contains(infinities, text)) {
        scalar->type = SCALAR_FLOAT;
        scalar->value.number = negative ? -INFINITY : INFINITY;
        return true;
    }
    if (!has_sign && g_strv_contains(not_numbers, text)) {
        scalar->type = SCALAR_FLOAT;
        scalar->value.number = (double)NAN;
        return true;
    }
    if (*at == '.') {
        if (has_sign || !is_decimal(at[1]))
            return false;
    } else if (!is_decimal(*at)) {
        return false;
    }
    at = skip(at, is_decimal_or_underscore);
    if (*at != '.')
        return false;
    at = skip(at + 1, is_decimal_or_underscore);
    if (*at == 'e' || *at == 'E') {
        if ((at[1] != '+' && at[1] != '-') || !is_decimal(at[2]))
            return false;
        at = skip(at + 2, is_decimal);
    }
    if (*at != '\0')
        return false;
    clean = g_strdup(text);
    out = clean;
    for (at = text; *at != '\0'; at++) {
        if (*at != '_')
            *out++ = *at;
    }
    *out = '\0';
    scalar->type = SCALAR_FLOAT;
    scalar->value.number = (negative ? -1 : 1) * g_ascii_strtod(clean, NULL);
    return true;
}

/* Counts digits at *at, at most max, and moves on. */
static unsigned
take_digits(const char **at, unsigned max)
{
    unsigned count = 0;

    while (count < max && is_decimal(**at)) {
        (*at)++;
        count++;
    }
    return count;
}

static const char *
skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* The zone may follow after blanks: "2001-12-14 21:59:43.10 -5". */
static bool
is_time_zone(const char *at)
{
    at = skip_blanks(at);
    if (*at == '\0')
        return true;
    if (*at == 'Z')
        return at[1] == '\0';
    if (*at != '+' && *at != '-')
        return false;
    at++;
    if (take_digits(&at, 2) == 0)
        return false;
    if (*at == ':') {
        at++;
        if (take_digits(&at, 2) != 2)
            return false;
    }
    return *at == '\0';
}

/* A short date needs two digits for month and day, a full timestamp does not. */
static bool
is_timestamp(const char *at)
{
    unsigned month_digits = 0;
    unsigned day_digits = 0;

    if (take_digits(&at, 4) != 4 || *at++ != '-')
        return false;
    month_digits = take_digits(&at, 2);
    if (month_digits == 0 || *at++ != '-')
        return false;
    day_digits = take_digits(&at, 2);
    if (day_digits == 0)
        return false;
    if (*at == '\0')
        return month_digits == 2 && day_digits == 2;
    if (*at == 'T' || *at == 't')
        at++;
    else if (skip_blanks(at) > at)
        at = skip_blanks(at);
    else
        return false;
    if (take_digits(&at, 2) == 0 || *at++ != ':' || take_digits(&at, 2) != 2 || *at++ != ':' ||
        take_digits(&at, 2) != 2)
        return false;
    if (*at == '.')
        at = skip(at + 1, is_decimal);
    return is_time_zone(at);
}

/*
 * Whether a text of base 60 is valid depends on its sign and on leading zeros; the two patterns of
 * resolver.py differ in that for integers and floats.
 */
static bool
resolve_number(Node *scalar)
{
    const char *text = scalar->text;
    bool negative = *text == '-';
    bool has_sign = negative || *text == '+';
    bool is_float = false;
    double number = 0;

    if (has_sign)
        text++;
    if (resolve_integer(scalar, text, negative) || resolve_float(scalar, text, negative, has_sign))
        return true;
    if (!to_sexagesimal(text, &number, &is_float) || (!is_float && *text == '0'))
        return false;
    number = negative ? -number : number;
    scalar->type = is_float ? SCALAR_FLOAT : SCALAR_INT;
    if (is_float) {
        scalar->value.number = number;
    } else if (fabs(number) < 9e15) {
        scalar->value.integer = (int64_t)number;
    } else {
        scalar->flags |= NODE_HUGE;
        scalar->value.integer = negative ? INT64_MIN : INT64_MAX;
    }
    return true;
}

void
yaml_scalar_resolve(Node *scalar)
{
    scalar->type = SCALAR_TEXT;
    if (memchr(scalar->text, '\0', scalar->length) != NULL)
        return;
    /* No word of the table is longer than false. */
    if (scalar->length <= WORD_LENGTH_MAX) {
        for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
            if (strcmp(words[i].text, scalar->text) == 0) {
                scalar->type = words[i].type;
                scalar->value.integer = words[i].value;
                return;
            }
        }
    }
    /*
     * Most scalars are names: one look at the first character is enough to see that they are
     * strings.
     */
    if (!is_decimal(*scalar->text) && strchr("+-.", *scalar->text) == NULL)
        return;
    if (is_timestamp(scalar->text))
        scalar->type = SCALAR_TIMESTAMP;
    else
        resolve_number(scalar);
}
