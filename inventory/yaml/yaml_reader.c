/* libyaml's events become nodes. The only file that knows libyaml. */
#include "inventory/yaml/yaml_reader.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "base/file_read.h"
#include "base/wipe.h"
#include "inventory/findings.h"
#include "inventory/yaml/yaml_mapping.h"
#include "inventory/yaml/yaml_scalar.h"

/* A collection that is still open, with the nodes read for it so far. */
typedef struct Frame {
    Node *node;
    GPtrArray *children;
} Frame;

typedef struct Reader {
    Arena *arena;
    Findings *findings;
    SourcePos source;
    const char *bytes;
    size_t length;
    Frame frames[YAML_DEPTH_MAX];
    unsigned depth;
    GHashTable *anchors; /* text -> Node, open ones included */
    uint32_t alias_weight;
    Node *root;
    unsigned scalar_flags; /* NodeFlags that every scalar gets */
    bool failed;
} Reader;

typedef enum TagKind {
    TAG_UNSAFE,
    TAG_VAULT,
    TAG_TEXT,
    TAG_RESOLVED, /* what the text looks like decides, as without the tag */
} TagKind;

static const struct {
    const char *tag;
    TagKind kind;
} tags[] = {
    { "!unsafe", TAG_UNSAFE },         { "!vault", TAG_VAULT },
    { "!vault-encrypted", TAG_VAULT }, { "!", TAG_TEXT },
    { YAML_STR_TAG, TAG_TEXT },        { YAML_INT_TAG, TAG_RESOLVED },
    { YAML_FLOAT_TAG, TAG_RESOLVED },  { YAML_BOOL_TAG, TAG_RESOLVED },
    { YAML_NULL_TAG, TAG_RESOLVED },   { YAML_TIMESTAMP_TAG, TAG_RESOLVED },
    { YAML_SEQ_TAG, TAG_RESOLVED },    { YAML_MAP_TAG, TAG_RESOLVED },
};

/* libyaml counts lines and columns from 0, people and editors from 1. */
static SourcePos
pos_of(const Reader *reader, yaml_mark_t mark)
{
    return (SourcePos){
        .file = reader->source.file,
        .line = (uint32_t)mark.line + 1,
        .column = (uint32_t)mark.column + 1,
        .origin = reader->source.origin,
    };
}

/* Reader errors (bad UTF-8, control characters) come with a byte offset instead of a mark. */
static SourcePos
pos_of_byte(const Reader *reader, size_t offset)
{
    SourcePos pos = reader->source;

    pos.line = 1;
    pos.column = 1;
    for (size_t i = 0; i < MIN(offset, reader->length); i++) {
        unsigned char byte = (unsigned char)reader->bytes[i];

        if (byte == '\n') {
            pos.line++;
            pos.column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            pos.column++;
        }
    }
    return pos;
}

/*
 * libyaml describes a problem in the words of its scanner. The two that people meet most, a tab as
 * indentation and a plain scalar that begins with a reserved character, get a hint.
 */
static void
report_syntax(Reader *reader, const yaml_parser_t *parser)
{
    const char *problem = parser->problem == NULL ? "out of memory" : parser->problem;
    const char *hint = NULL;
    SourcePos pos = parser->error == YAML_READER_ERROR ? pos_of_byte(reader, parser->problem_offset)
                                                       : pos_of(reader, parser->problem_mark);

    if (parser->error == YAML_SCANNER_ERROR && strstr(problem, "cannot start any token") != NULL)
        hint = "YAML does not indent with tabs, and a text that begins with @, ` or % needs quotes";
    if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line)
        findings_add(reader->findings, &FINDING_YAML_INVALID, pos, hint,
                     "%s, %s that began at line %zu", problem, parser->context,
                     parser->context_mark.line + 1);
    else
        findings_add(reader->findings, &FINDING_YAML_INVALID, pos, hint, "%s", problem);
    reader->failed = true;
}

static void
add_node(Reader *reader, Node *node)
{
    if (reader->depth == 0) {
        reader->root = node;
        return;
    }
    g_ptr_array_add(reader->frames[reader->depth - 1].children, node);
}

/*
 * Ansible's tags, and those of YAML's failsafe and core types. !unsafe and !vault are declared in
 * Ansible's parsing/yaml/constructor.py.
 */
static void
apply_tag(Reader *reader, Node *node, const char *tag)
{
    static const NodeProblem not_a_text = { &FINDING_VAULT_INVALID,
                                            "the encrypted value is not a text",
                                            "write it as ansible-vault encrypt_string prints it" };
    NodeProblem *problem = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        if (strcmp(tags[i].tag, tag) != 0)
            continue;
        if (tags[i].kind == TAG_UNSAFE)
            node->flags |= NODE_UNSAFE;
        if (tags[i].kind == TAG_VAULT && node->kind == NODE_SCALAR)
            node->seal = SEAL_VAULT;
        else if (tags[i].kind == TAG_VAULT)
            node->problem = &not_a_text;
        if (tags[i].kind == TAG_RESOLVED && node->kind == NODE_SCALAR)
            yaml_scalar_resolve(node);
        return;
    }
    /* Another tool may know the tag: reported only when somebody needs the value. */
    problem = ARENA_NEW(reader->arena, NodeProblem);
    problem->kind = &FINDING_TAG_UNKNOWN;
    problem->message = arena_printf(reader->arena, "unknown tag \"%s\"", tag);
    node->problem = problem;
}

/* !unsafe on a collection holds for everything in it. */
static bool
inside_unsafe(const Reader *reader)
{
    for (unsigned i = 0; i < reader->depth; i++) {
        if (reader->frames[i].node->flags & NODE_UNSAFE)
            return true;
    }
    return false;
}

/* The three openings that Jinja has: an expression, a statement and a comment. */
static bool
holds_template(const Node *scalar)
{
    const char *brace = memchr(scalar->text, '{', scalar->length);

    for (; brace != NULL; brace = strchr(brace + 1, '{')) {
        if (brace[1] == '{' || brace[1] == '%' || brace[1] == '#')
            return true;
    }
    return false;
}

/*
 * The last definition of an anchor wins (YAML 1.1, section 3.2.2.2), so it replaces an earlier one.
 */
static void
remember_anchor(Reader *reader, const yaml_char_t *anchor, Node *node)
{
    if (anchor != NULL)
        g_hash_table_replace(reader->anchors, g_strdup((const char *)anchor), node);
}

/* Only plain scalars without a tag are resolved: a quoted "no" is a string. */
static void
read_scalar(Reader *reader, const yaml_event_t *event)
{
    Node *node = ARENA_NEW(reader->arena, Node);
    size_t width = event->end_mark.column - event->start_mark.column;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    node->pos = pos_of(reader, event->start_mark);
    node->kind = NODE_SCALAR;
    node->weight = 1;
    node->length = event->data.scalar.length;
    node->text = arena_strndup(reader->arena, (const char *)event->data.scalar.value, node->length);
    node->flags = reader->scalar_flags | (plain ? NODE_PLAIN : 0u);
    if (event->start_mark.line == event->end_mark.line &&
        width == (size_t)g_utf8_strlen(node->text, (gssize)node->length) + (plain ? 0 : 2))
        node->flags |= NODE_VERBATIM;
    if (event->data.scalar.tag != NULL)
        apply_tag(reader, node, (const char *)event->data.scalar.tag);
    else if (plain)
        yaml_scalar_resolve(node);
    if (inside_unsafe(reader))
        node->flags |= NODE_UNSAFE;
    if ((node->flags & NODE_UNSAFE) == 0 && holds_template(node))
        node->flags |= NODE_TEMPLATE;
    remember_anchor(reader, event->data.scalar.anchor, node);
    add_node(reader, node);
}

/*
 * The depth is checked before anything is allocated: libyaml is quadratic in the depth of flow
 * collections and reads tokens lazily, so stopping here keeps a hostile file cheap.
 */
static void
open_collection(Reader *reader, const yaml_event_t *event)
{
    bool is_mapping = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag =
        is_mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    Frame *frame = &reader->frames[reader->depth];
    Node *node = NULL;

    if (reader->depth == YAML_DEPTH_MAX) {
        findings_add(reader->findings, &FINDING_YAML_TOO_DEEP, pos_of(reader, event->start_mark),
                     NULL, "nested deeper than %u levels", YAML_DEPTH_MAX);
        reader->failed = true;
        return;
    }
    node = ARENA_NEW(reader->arena, Node);
    node->pos = pos_of(reader, event->start_mark);
    node->kind = is_mapping ? NODE_MAPPING : NODE_SEQUENCE;
    if (tag != NULL)
        apply_tag(reader, node, (const char *)tag);
    if (inside_unsafe(reader))
        node->flags |= NODE_UNSAFE;
    remember_anchor(
        reader, is_mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
        node);
    if (frame->children == NULL)
        frame->children = g_ptr_array_new();
    g_ptr_array_set_size(frame->children, 0);
    frame->node = node;
    reader->depth++;
}

/*
 * Flags of children are inherited, so that resolve() and the duplicate check skip whole branches.
 */
static void
close_collection(Reader *reader)
{
    Frame *frame = &reader->frames[--reader->depth];
    Node *node = frame->node;
    size_t count = frame->children->len;
    uint64_t weight = 1;

    for (size_t i = 0; i < count; i++) {
        const Node *child = frame->children->pdata[i];

        weight += child->weight;
        node->flags |= child->flags & (NODE_TEMPLATE | NODE_DUPLICATES);
    }
    if (node->kind == NODE_SEQUENCE) {
        node->count = count;
        node->items = ARENA_NEW_ARRAY(reader->arena, const Node *, count);
        if (count > 0)
            memcpy(node->items, frame->children->pdata, count * sizeof(void *));
    } else {
        yaml_mapping_finish(reader->arena, node, frame->children->pdata, count, reader->findings);
    }
    /* An open node has weight 0: that is how an alias inside it is seen to close a loop. */
    node->weight = (uint32_t)MIN(weight, UINT32_MAX);
    add_node(reader, node);
}

/*
 * An alias shares the node that its anchor defined, which costs nothing; but whoever walks the tree
 * visits it once for each alias. The sum of what aliases stand for is therefore limited, which ends
 * the attack known as billion laughs.
 */
static void
read_alias(Reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    Node *node = g_hash_table_lookup(reader->anchors, name);
    SourcePos pos = pos_of(reader, event->start_mark);

    if (node == NULL) {
        findings_add(reader->findings, &FINDING_ALIAS_UNKNOWN, pos,
                     "define the anchor before its aliases", "alias \"%s\" has no anchor", name);
    } else if (node->weight == 0) {
        findings_add(reader->findings, &FINDING_ALIAS_CYCLE, pos, NULL,
                     "the node with the anchor \"%s\" contains itself", name);
    } else if (node->weight > YAML_ALIAS_MAX - reader->alias_weight) {
        findings_add(reader->findings, &FINDING_YAML_TOO_MANY_ALIASES, pos, NULL,
                     "aliases expand to more than %u nodes", YAML_ALIAS_MAX);
    } else {
        reader->alias_weight += node->weight;
        add_node(reader, node);
        return;
    }
    reader->failed = true;
}

/* Returns false when the document is over. */
static bool
read_event(Reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        read_scalar(reader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        open_collection(reader, event);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_collection(reader);
        break;
    case YAML_ALIAS_EVENT:
        read_alias(reader, event);
        break;
    case YAML_DOCUMENT_START_EVENT:
        if (reader->root != NULL) {
            findings_add(reader->findings, &FINDING_DOCUMENT_DUPLICATE,
                         pos_of(reader, event->start_mark), "one file holds one document",
                         "a second document begins here");
            reader->failed = true;
        }
        break;
    default:
        return event->type != YAML_STREAM_END_EVENT;
    }
    return !reader->failed;
}

/*
 * Events instead of libyaml's document API: the latter needs 2.5 times as long and keeps a second
 * copy of the whole file in memory.
 */
static void
read_events(Reader *reader)
{
    yaml_parser_t parser;
    bool more = yaml_parser_initialize(&parser) == 1;

    g_assert(more);
    yaml_parser_set_input_string(&parser, (const unsigned char *)reader->bytes, reader->length);
    while (more) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event)) {
            report_syntax(reader, &parser);
            break;
        }
        more = read_event(reader, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

/* A file of nothing but comments is null in YAML, and Ansible accepts it as a file of variables. */
static const Node *
empty_document(const Reader *reader)
{
    Node *node = ARENA_NEW(reader->arena, Node);

    node->pos = pos_of_byte(reader, 0);
    node->kind = NODE_SCALAR;
    node->type = SCALAR_NULL;
    node->flags = NODE_PLAIN;
    node->weight = 1;
    node->text = "";
    return node;
}

/* The reader is on the heap because its frames would take several kilobytes of stack. */
static const Node *
read_bytes(Arena *arena, SourcePos source, const char *bytes, size_t length, unsigned scalar_flags,
           Findings *findings)
{
    g_autofree Reader *reader = g_new0(Reader, 1);

    if (length > YAML_FILE_MAX) {
        findings_add(findings, &FINDING_FILE_TOO_LARGE, source, NULL,
                     "the file has %zu bytes, at most %zu are read", length, YAML_FILE_MAX);
        return NULL;
    }
    reader->arena = arena;
    reader->findings = findings;
    reader->source = source;
    reader->bytes = bytes;
    reader->length = length;
    reader->scalar_flags = scalar_flags;
    reader->anchors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    read_events(reader);
    g_hash_table_destroy(reader->anchors);
    for (size_t i = 0; i < G_N_ELEMENTS(reader->frames); i++) {
        if (reader->frames[i].children != NULL)
            g_ptr_array_free(reader->frames[i].children, TRUE);
    }
    if (reader->failed)
        return NULL;
    return reader->root == NULL ? empty_document(reader) : reader->root;
}

const Node *
yaml_read_bytes(Arena *arena, SourcePos source, const char *bytes, size_t length,
                Findings *findings)
{
    return read_bytes(arena, source, bytes, length, 0, findings);
}

const Node *
yaml_read_secret_bytes(Arena *arena, SourcePos source, const char *bytes, size_t length,
                       Findings *findings)
{
    return read_bytes(arena, source, bytes, length, NODE_SECRET, findings);
}

/* The size is checked before the file is read, for the message; a device or a pipe has none. */
bool
yaml_read_file_bytes(const char *path, Findings *findings, char **ret_bytes, size_t *ret_length)
{
    SourcePos pos = { .file = path };
    g_autoptr(GError) error = NULL;
    struct stat info;

    if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && (uint64_t)info.st_size > YAML_FILE_MAX) {
        findings_add(findings, &FINDING_FILE_TOO_LARGE, pos, NULL,
                     "the file has %" G_GINT64_FORMAT " bytes, at most %zu are read",
                     (gint64)info.st_size, YAML_FILE_MAX);
        return false;
    }
    errno = 0;
    if (file_read(path, YAML_FILE_MAX, ret_bytes, ret_length, &error))
        return true;
    if (errno == EFBIG)
        findings_add(findings, &FINDING_FILE_TOO_LARGE, pos, NULL,
                     "the file is larger than the %zu bytes that are read at most", YAML_FILE_MAX);
    else
        findings_add(findings, &FINDING_FILE_UNREADABLE, pos, NULL, "cannot read the file: %s",
                     g_strerror(errno));
    return false;
}

const Node *
yaml_read_file(Arena *arena, const char *path, Findings *findings)
{
    const Node *root = NULL;
    char *bytes = NULL;
    size_t length = 0;

    if (!yaml_read_file_bytes(path, findings, &bytes, &length))
        return NULL;
    root = yaml_read_bytes(arena, (SourcePos){ .file = path }, bytes, length, findings);
    /* An inventory may hold passwords. */
    wipe(bytes, length);
    g_free(bytes);
    return root;
}
