/* Lines of text that are broken to a width, between words and never inside one. */
#pragma once

#include <glib.h>

typedef struct WrapStyle {
    size_t width;  /* in columns; a longer word stands alone in its line and passes it */
    size_t indent; /* the column in which further lines begin */
} WrapStyle;

/* How many columns a terminal needs for the text: wide characters take two, marks none. */
size_t wrap_columns(const char *text);
/* The column in which the last line of the text ends. */
size_t wrap_column_of(const GString *out);
/* Appends the words with blanks between them, to the line that out ends with. */
void wrap_words(GString *out, WrapStyle style, char *const *words);
/* The words of the text are what stands between blanks. */
void wrap_text(GString *out, WrapStyle style, const char *text);
/* A quoted identifier or literal is part of one word, whatever is in it. */
void wrap_sql(GString *out, WrapStyle style, const char *sql);
