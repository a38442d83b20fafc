/*
 * Writes the C source that holds every template:
 *
 *     embed_templates FOLDER LIST OUTPUT
 *
 * LIST names the files, one a line, relative to FOLDER. A file holding a NUL byte is refused: its
 * text would end there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATH_SIZE = 4096,
    PATHS_MAX = 4096,
};

static void
fail(const char *path, const char *what)
{
    fprintf(stderr, "embed_templates: %s: %s\n", path, what);
    exit(1);
}

static FILE *
open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);

    if (file == NULL)
        fail(path, strerror(errno));
    return file;
}

/* Octal escapes have a fixed length, so that what follows is never read as part of one. */
static void
write_byte(FILE *out, int byte)
{
    if (byte == '"' || byte == '\\' || byte == '?')
        fprintf(out, "\\%c", byte);
    else if (byte >= ' ' && byte < 0x7f)
        fputc(byte, out);
    else
        fprintf(out, "\\%03o", (unsigned)byte);
}

static void
write_text(FILE *out, const char *folder, const char *path)
{
    char full[PATH_SIZE];
    FILE *in = NULL;
    int byte = 0;

    if ((size_t)snprintf(full, sizeof full, "%s/%s", folder, path) >= sizeof full)
        fail(path, "path too long");
    in = open_file(full, "rb");
    fputs("    \"", out);
    while ((byte = fgetc(in)) != EOF) {
        if (byte == '\0')
            fail(full, "holds a NUL byte");
        if (byte == '\n')
            fputs("\\n\"\n    \"", out);
        else
            write_byte(out, byte);
    }
    fputs("\"", out);
    if (ferror(in))
        fail(full, strerror(errno));
    fclose(in);
}

static int
compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
read_list(const char *list, char **paths)
{
    FILE *in = open_file(list, "r");
    char line[PATH_SIZE];
    size_t count = 0;

    while (fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (count == PATHS_MAX)
            fail(list, "too many templates");
        paths[count] = strdup(line);
        if (paths[count++] == NULL)
            fail(list, strerror(errno));
    }
    fclose(in);
    qsort(paths, count, sizeof *paths, compare_paths);
    return count;
}

int
main(int argc, char **argv)
{
    static char *paths[PATHS_MAX];
    FILE *out = NULL;
    size_t count = 0;

    if (argc != 4)
        fail("usage", "embed_templates FOLDER LIST OUTPUT");
    count = read_list(argv[2], paths);
    out = open_file(argv[3], "w");

    fputs("/* Written by cmake/embed_templates.c; do not edit. */\n"
          "#include <stdlib.h>\n#include <string.h>\n\n#include \"templates.h\"\n\n"
          "enum { TEMPLATE_COUNT = ",
          out);
    fprintf(out, "%zu };\n\nstatic const char *const PATHS[TEMPLATE_COUNT + 1] = {\n", count);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "    \"%s\",\n", paths[i]);
    fputs("    NULL,\n};\n\nstatic const char *const TEXTS[TEMPLATE_COUNT + 1] = {\n", out);
    for (size_t i = 0; i < count; i++) {
        write_text(out, argv[1], paths[i]);
        fputs(",\n", out);
        free(paths[i]);
    }
    fputs("    NULL,\n};\n\n"
          "static int\ncompare_path(const void *key, const void *row)\n{\n"
          "    return strcmp(key, *(const char *const *)row);\n}\n\n"
          "const char *\ntemplate_text(const char *path)\n{\n"
          "    const char *const *row =\n"
          "        bsearch(path, PATHS, TEMPLATE_COUNT, sizeof *PATHS, compare_path);\n\n"
          "    return row == NULL ? NULL : TEXTS[row - PATHS];\n}\n\n"
          "const char *const *\ntemplate_paths(void)\n{\n    return PATHS;\n}\n",
          out);
    if (fclose(out) != 0)
        fail(argv[3], strerror(errno));
    return 0;
}
