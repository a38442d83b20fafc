/* Which known word did the author mean? Edit distance with transpositions, over bytes. */
#pragma once

#include <stddef.h>

size_t suggest_distance(const char *a, const char *b);
/*
 * The closest of words (NULL-terminated) when it is near enough to be a typing error: at most one
 * edit for up to 4 bytes, two for up to 8, three beyond; equal ignoring case always counts. NULL:
 * none is near.
 */
const char *suggest_nearest(const char *typed, const char *const *words);
