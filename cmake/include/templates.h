/*
 * Templates: the files below templates/ (policies, SQL, headers of rendered files), compiled in.
 *
 *     const char *sql = template_text("catalog/roles.sql");
 */
#pragma once

/* The text of a template by its path relative to templates/, NUL-terminated, valid for ever.
 * NULL: there is none of that path. */
const char *template_text(const char *path);

/* All paths, sorted by byte, NULL at the end. */
const char *const *template_paths(void);
