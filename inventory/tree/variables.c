/* Looking up variables by precedence, and resolving {{ name }}. */
#include "inventory/tree/variables.h"

#include <string.h>

#include "inventory/findings.h"

/* What one value may come to: templates can double at each step, {{ a }}{{ a }}. */
#define RESOLVE_STEPS_MAX  ((unsigned)1000000)
#define RESOLVE_LENGTH_MAX ((size_t)1024 * 1024)

struct Resolver {
    const Tree *tree;
    Arena *arena;
    unsigned steps;      /* taken for the value that is being resolved */
    GHashTable *results; /* "pointer text" of a template and what its parts came to -> Node */
    GHashTable *groups;  /* group name -> Node */
};

/* The variables being resolved, innermost first. */
typedef struct Trail {
    const struct Trail *outer;
    const char *name;
} Trail;

/*
 * Results are shared between hosts: a list that resolves to the same parts is one node, so that it
 * is bound once for ten thousand instances.
 */
Resolver *
resolver_new(const Tree *tree)
{
    Resolver *resolver = g_new0(Resolver, 1);

    resolver->tree = tree;
    resolver->arena = tree->arena;
    resolver->results = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    resolver->groups = g_hash_table_new(g_str_hash, g_str_equal);
    return resolver;
}

void
resolver_free(Resolver *resolver)
{
    if (resolver == NULL)
        return;
    g_hash_table_destroy(resolver->results);
    g_hash_table_destroy(resolver->groups);
    g_free(resolver);
}

/*
 * The facts that Pigsty's own templates use; gathered facts such as ansible_default_ipv4 exist only
 * while Ansible runs and are refused like any variable that is not defined.
 */
static const Node *
fact_hostname(const Variables *variables)
{
    return node_new_text(variables->resolver->arena, variables->host->pos, variables->host->name);
}

static const Node *
fact_instance(const Variables *variables)
{
    if (variables->facts.instance == NULL)
        return NULL;
    return node_new_text(variables->resolver->arena, variables->host->pos,
                         variables->facts.instance);
}

static const Node *
fact_cluster_members(const Variables *variables)
{
    return variables->facts.cluster_members;
}

static const struct {
    const char *name;
    const Node *(*get)(const Variables *variables);
} facts[] = {
    { "inventory_hostname", fact_hostname },
    { "pg_instance", fact_instance },
    { "pg_cluster_members", fact_cluster_members },
};

/* Group variables: the chain is ordered from the strongest to the weakest group. */
static const Node *
find_in(const List *mappings, const char *name)
{
    LIST_FOREACH (const Node, mapping, mappings) {
        const Node *value = node_get(mapping, name);

        if (value != NULL)
            return value;
    }
    return NULL;
}

/* A host may be declared in several places; the last one wins, as in Ansible. */
static const Node *
find_last_in(const List *mappings, const char *name)
{
    for (size_t i = mappings->count; i > 0; i--) {
        const Node *value = node_get(mappings->items[i - 1], name);

        if (value != NULL)
            return value;
    }
    return NULL;
}

/*
 * The order of precedence is pigsty-semantics.md's and Ansible's: facts, host, group, defaults.
 * Files of variables win over inline ones of the same scope.
 */
static const Node *
look_up(const Variables *variables, const char *name, VariableOrigin *ret_origin)
{
    const Host *host = variables->host;
    const Node *value = NULL;

    *ret_origin = VARIABLE_FROM_FACTS;
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
        if (strcmp(facts[i].name, name) == 0 && (value = facts[i].get(variables)) != NULL)
            return value;
    }
    *ret_origin = VARIABLE_FROM_HOST;
    if ((value = find_last_in(&host->scope.file_vars, name)) != NULL ||
        (value = find_last_in(&host->scope.inline_vars, name)) != NULL)
        return value;
    *ret_origin = VARIABLE_FROM_GROUP;
    if (host->chain != NULL && ((value = find_in(&host->chain->file_vars, name)) != NULL ||
                                (value = find_in(&host->chain->inline_vars, name)) != NULL))
        return value;
    *ret_origin = VARIABLE_FROM_POLICY;
    value = variables->policy == NULL ? NULL : node_get(variables->policy, name);
    if (value == NULL)
        *ret_origin = VARIABLE_NOWHERE;
    return value;
}

/* Shared by all instances: groups['infra'] has thousands of readers and one value. */
static const Node *
get_group_members(Resolver *resolver, const char *name)
{
    Node *node = g_hash_table_lookup(resolver->groups, name);
    List names = { 0 };
    List items = { 0 };

    if (node != NULL)
        return node;
    if (!g_hash_table_contains(resolver->tree->groups_by_name, name))
        return NULL;
    names = tree_group_members(resolver->tree, name);
    LIST_FOREACH (const char, member, &names)
        list_add(resolver->arena, &items, node_new_text(resolver->arena, (SourcePos){ 0 }, member));
    node = (Node *)node_new_sequence(resolver->arena, (SourcePos){ 0 }, &items);
    g_hash_table_insert(resolver->groups, arena_strdup(resolver->arena, name), node);
    return node;
}

static const Node *resolve(const Variables *variables, const Node *node, const Trail *trail);

/*
 * A value that cannot be resolved is an error only when somebody needs it: real inventories are
 * full of lookups for other roles. So the problem travels with the node and is reported by the
 * binder.
 */
static const Node *
with_problem(const Variables *variables, const Node *node, const FindingKind *kind,
             const char *message, const char *hint)
{
    Resolver *resolver = variables->resolver;
    g_autofree char *key = g_strdup_printf("%p !%s", (const void *)node, message);
    Node *copy = g_hash_table_lookup(resolver->results, key);
    NodeProblem *problem = NULL;

    if (copy != NULL)
        return copy;
    copy = ARENA_NEW(resolver->arena, Node);
    problem = ARENA_NEW(resolver->arena, NodeProblem);
    *copy = *node;
    problem->kind = kind;
    problem->message = message;
    problem->hint = hint;
    copy->problem = problem;
    g_hash_table_insert(resolver->results, g_steal_pointer(&key), copy);
    return copy;
}

/* The path of a reference that leads to itself, for the message: a -> b -> a. */
static char *
trail_text(const Trail *trail, const char *name)
{
    g_autoptr(GString) text = g_string_new(name);

    for (const Trail *at = trail; at != NULL; at = at->outer) {
        g_string_prepend(text, " -> ");
        g_string_prepend(text, at->name);
        if (strcmp(at->name, name) == 0)
            break;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* {{ name }} and nothing else. Braces inside a longer text may be part of a password, which no
   message quotes. */
static bool
is_lone_reference(const char *text)
{
    return g_str_has_prefix(text, "{{") && g_str_has_suffix(text, "}}") &&
           strchr(text + strlen("{{"), '{') == NULL;
}

/*
 * The value of the plain reference `name`, or `node` with a problem. The message quotes the name
 * only where the whole value is a reference. A text that merely contains braces may be a password,
 * and no message may quote a part of it.
 */
static const Node *
resolve_name(const Variables *variables, const Node *node, const char *name, const Trail *trail)
{
    Arena *arena = variables->resolver->arena;
    VariableOrigin origin = VARIABLE_NOWHERE;
    Trail inner = { .outer = trail, .name = name };
    const Node *value = NULL;
    unsigned length = 0;

    for (const Trail *at = trail; at != NULL; at = at->outer) {
        /* A chain of more than 64 references is treated like a cycle: nobody writes one. */
        if (strcmp(at->name, name) == 0 || ++length > 64) {
            g_autofree char *path = trail_text(trail, name);

            return with_problem(
                variables, node, &FINDING_VARIABLE_CYCLE,
                arena_printf(arena, "the variable \"%s\" refers to itself: %s", name, path), NULL);
        }
    }
    value = look_up(variables, name, &origin);
    if (value == NULL)
        return with_problem(variables, node, &FINDING_VARIABLE_UNDEFINED,
                            is_lone_reference(node->text)
                                ? arena_printf(arena, "the variable \"%s\" is not defined", name)
                                : "a variable that this text refers to is not defined",
                            "tag a text that is not a template with !unsafe");
    return resolve(variables, value, &inner);
}

/* groups['infra'], groups["infra"] or groups.infra: the members' names. */
static char *
parse_group_reference(const char *expression)
{
    size_t length = strlen(expression);
    const char *inside = expression + strlen("groups");

    if (!g_str_has_prefix(expression, "groups"))
        return NULL;
    if (*inside == '.' && inside[1] != '\0')
        return g_strdup(inside + 1);
    if (length > strlen("groups['']") && inside[0] == '[' &&
        (inside[1] == '\'' || inside[1] == '"') && expression[length - 1] == ']' &&
        expression[length - 2] == inside[1])
        return g_strndup(inside + 2, length - strlen("groups['']"));
    return NULL;
}

/*
 * Python's rule for identifiers, in ASCII. Anything more (filters, lookups, arithmetic) is Jinja.
 */
static bool
is_name(const char *text)
{
    if (!g_ascii_isalpha(*text) && *text != '_')
        return false;
    while (g_ascii_isalnum(*text) || *text == '_')
        text++;
    return *text == '\0';
}

/*
 * Only what can be resolved without executing anything. A filter or lookup that was ignored would
 * give a wrong value silently, so it is refused where the value is needed.
 */
static const Node *
resolve_expression(const Variables *variables, const Node *node, const char *expression,
                   const Trail *trail)
{
    g_autofree char *group = parse_group_reference(expression);

    if (is_name(expression))
        return resolve_name(variables, node, arena_strdup(variables->resolver->arena, expression),
                            trail);
    if (group != NULL && strchr(group, '\'') == NULL && strchr(group, '"') == NULL) {
        const Node *members = get_group_members(variables->resolver, group);

        if (members != NULL)
            return members;
        return with_problem(
            variables, node, &FINDING_VARIABLE_UNDEFINED,
            arena_printf(variables->resolver->arena, "group \"%s\" does not exist", group), NULL);
    }
    return with_problem(variables, node, &FINDING_JINJA_UNSUPPORTED,
                        "only {{ name }} is understood in a value that is needed",
                        "use a literal value, or tag a text that is not a template with !unsafe");
}

/* Templates that double at each step would otherwise fill the memory: {{ a }}{{ a }}. */
static const Node *
too_much(const Variables *variables, const Node *node)
{
    return with_problem(variables, node, &FINDING_VARIABLE_CYCLE,
                        "template expansion exceeded the limit", NULL);
}

/* One result for the same template and the same parts, so that bindings can be shared. */
static const Node *
share_text(const Variables *variables, const Node *template, const char *text)
{
    Resolver *resolver = variables->resolver;
    g_autofree char *key = g_strdup_printf("%p %s", (const void *)template, text);
    Node *node = g_hash_table_lookup(resolver->results, key);

    if (node == NULL) {
        node = (Node *)node_new_text(resolver->arena, template->pos,
                                     arena_strdup(resolver->arena, text));
        g_hash_table_insert(resolver->results, g_steal_pointer(&key), node);
    }
    return node;
}

/* The next template in a text from `at` on: {{ expression }}; anything else gives *ret_end NULL. */
static const char *
find_template(const char *at, char **ret_expression, const char **ret_end)
{
    const char *brace = at;
    const char *end = NULL;

    *ret_expression = NULL;
    *ret_end = NULL;
    for (brace = strchr(at, '{'); brace != NULL; brace = strchr(brace + 1, '{')) {
        if (brace[1] == '{' || brace[1] == '%' || brace[1] == '#')
            break;
    }
    if (brace == NULL || brace[1] != '{')
        return brace;
    end = strstr(brace + 2, "}}");
    if (end == NULL)
        return brace;
    *ret_expression = g_strstrip(g_strndup(brace + 2, (gsize)(end - brace - 2)));
    *ret_end = end + 2;
    return brace;
}

/*
 * A template that is the whole value keeps the type of what it refers to, as Ansible does for a
 * lone expression; inside a longer text it is printed as str() prints it.
 */
static const Node *
resolve_scalar(const Variables *variables, const Node *node, const Trail *trail)
{
    Arena *arena = variables->resolver->arena;
    g_autoptr(GString) text = g_string_new(NULL);
    const char *at = node->text;

    for (;;) {
        g_autofree char *expression = NULL;
        const char *end = NULL;
        const char *begin = find_template(at, &expression, &end);
        const Node *value = NULL;

        if (begin == NULL)
            break;
        value = resolve_expression(variables, node, expression == NULL ? "" : expression, trail);
        if (value->problem != NULL || (begin == node->text && *end == '\0'))
            return value;
        if (value->kind != NODE_SCALAR)
            return with_problem(variables, node, &FINDING_JINJA_UNSUPPORTED,
                                arena_printf(arena, "{{ %s }} inside a text is %s", expression,
                                             node_describe(value)),
                                NULL);
        g_string_append_len(text, at, begin - at);
        g_string_append(text, node_print(arena, value));
        at = end;
        if (text->len > RESOLVE_LENGTH_MAX)
            return too_much(variables, node);
    }
    g_string_append(text, at);
    return share_text(variables, node, text->str);
}

/*
 * Entries keep their keys and positions: a finding about a resolved value still points into the
 * file that contains the template.
 */
static const Node *
copy_collection(const Variables *variables, const Node *node, void *const *parts)
{
    Arena *arena = variables->resolver->arena;
    Node *copy = ARENA_NEW(arena, Node);

    *copy = *node;
    copy->flags &= ~(unsigned)NODE_TEMPLATE;
    if (node->kind == NODE_SEQUENCE) {
        copy->items = ARENA_NEW_ARRAY(arena, const Node *, node->count);
        for (size_t i = 0; i < node->count; i++)
            copy->items[i] = parts[i];
        return copy;
    }
    copy->entries = ARENA_NEW_ARRAY(arena, NodeEntry, node->count);
    for (size_t i = 0; i < node->count; i++) {
        copy->entries[i] = node->entries[i];
        copy->entries[i].value = parts[i];
    }
    return copy;
}

/*
 * The key of a shared result is the identity of the template and of those parts that differ from
 * it.
 */
static const Node *
resolve_collection(const Variables *variables, const Node *node, const Trail *trail)
{
    Resolver *resolver = variables->resolver;
    g_autofree void **parts = g_new0(void *, node->count + 1);
    g_autoptr(GString) key = g_string_new(NULL);
    const Node *copy = NULL;

    g_string_append_printf(key, "%p", (const void *)node);
    for (size_t i = 0; i < node->count; i++) {
        const Node *child = node->kind == NODE_SEQUENCE ? node->items[i] : node->entries[i].value;
        const Node *part = resolve(variables, child, trail);

        parts[i] = (void *)part;
        if (part != child)
            g_string_append_printf(key, " %p", (const void *)part);
    }
    copy = g_hash_table_lookup(resolver->results, key->str);
    if (copy == NULL) {
        copy = copy_collection(variables, node, parts);
        g_hash_table_insert(resolver->results, g_strdup(key->str), (gpointer)copy);
    }
    return copy;
}

static const Node *
resolve(const Variables *variables, const Node *node, const Trail *trail)
{
    if ((node->flags & NODE_TEMPLATE) == 0)
        return node;
    if (++variables->resolver->steps > RESOLVE_STEPS_MAX)
        return too_much(variables, node);
    return node->kind == NODE_SCALAR ? resolve_scalar(variables, node, trail)
                                     : resolve_collection(variables, node, trail);
}

const Node *
variables_get(const Variables *variables, const char *name, VariableOrigin *ret_origin)
{
    VariableOrigin origin = VARIABLE_NOWHERE;
    const Node *value = look_up(variables, name, &origin);
    Trail trail = { .name = name };

    if (ret_origin != NULL)
        *ret_origin = origin;
    /*
     * The limit holds for one value, not for the run: a large inventory may well need a million
     * steps.
     */
    variables->resolver->steps = 0;
    return value == NULL ? NULL : resolve(variables, value, &trail);
}
