/*
 * Rendered files of instances: what `render` prints or writes, and what an HBA installation starts
 * from. All instances are rendered before the first file is touched.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "provisioner/hba_deploy/hba_rendering.h"

/* The files of an instance, in their order. */
typedef enum RenderedKind {
    RENDERED_PG_HBA,
    RENDERED_PGBOUNCER_HBA,
    RENDERED_USEROPTS,
    RENDERED_CHECKSUMS, /* comes with any of the others */
    RENDERED_USERLIST,  /* never by render_files(): it needs a server */
    RENDERED_COUNT,
} RenderedKind;

typedef struct RenderedFile {
    RenderedKind kind;
    const char *name; /* INSTANCE.pg_hba.conf and the like */
    const char *bytes;
    size_t length;
} RenderedFile;

/* What a rendering took, for those who want to know. */
typedef struct RenderSummary {
    size_t texts;         /* without the checksums */
    int64_t microseconds; /* from the inventory's rules to texts in memory, checksums apart */
    size_t written;       /* files; the others were there already */
} RenderSummary;

/*
 * Renders the kinds (bits: 1 << RenderedKind) for all instances (const Instance) and appends
 * RenderedFile to *ret_files, in order; after the files of an instance its INSTANCE.sha256 in the
 * format of sha256sum. The inventory must have no errors; what is wrong with user options is added
 * to findings: then nothing may be written. FALSE with an error when a text does not read back as
 * the rules it was made from.
 */
bool render_files(Arena *arena, HbaRenderings *renderings, Findings *findings,
                  const List *instances, unsigned kinds, List *ret_files,
                  RenderSummary *ret_summary, GError **error);
/*
 * Writes all files into the folder, which is made (mode 0700) when it is missing: each with mode
 * 0600 and by rename, and all of them on disk when the function returns. A file that is there
 * already with the same bytes is left alone.
 */
bool render_files_write(const char *folder, const List *files, RenderSummary *summary,
                        GError **error);
