/* Optimal string alignment distance, kept to three rows. */
#include "base/suggest.h"

#include <glib.h>
#include <string.h>

/* Longer words are no typing errors of our keys; the cap also bounds the work on hostile input. */
#define SUGGEST_LENGTH_MAX ((size_t)64)

/*
 * Optimal string alignment: a transposition of neighbours counts as one edit, as it is the most
 * frequent typing error. Three rows are enough for that.
 */
size_t
suggest_distance(const char *a, const char *b)
{
    size_t rows[3][SUGGEST_LENGTH_MAX + 1];
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);

    if (a_length > SUGGEST_LENGTH_MAX || b_length > SUGGEST_LENGTH_MAX)
        return strcmp(a, b) == 0 ? 0 : SUGGEST_LENGTH_MAX;
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);

            best = MIN(best, above[j] + 1);
            best = MIN(best, row[j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = MIN(best, two_above[j - 2] + 1);
            row[j] = best;
        }
    }
    return rows[a_length % 3][b_length];
}

/*
 * The longer the word, the more edits are allowed; a hint that replaces half of a word helps
 * nobody.
 */
const char *
suggest_nearest(const char *typed, const char *const *words)
{
    size_t length = strlen(typed);
    size_t allowed = length <= 4 ? 1 : length <= 8 ? 2 : 3;
    const char *nearest = NULL;

    for (size_t i = 0; words[i] != NULL; i++) {
        size_t distance = 0;

        if (g_ascii_strcasecmp(typed, words[i]) == 0)
            return words[i];
        distance = suggest_distance(typed, words[i]);
        if (distance <= allowed && distance < strlen(words[i])) {
            nearest = words[i];
            allowed = distance - (distance > 0);
        }
    }
    return nearest;
}
