/* Expansion of declarations, remembered per declaration and facts. */
#include "hba/expand/expand.h"

#include <string.h>

#include "base/suggest.h"
#include "hba/check/check.h"
#include "hba/expand/alias.h"
#include "hba/expand/order.h"
#include "hba/read/line.h"

/* All that an instance adds to a declaration but its cluster, as one interned text. */
typedef struct Facts {
    const char *text;
    HbaCheck check;
} Facts;

/* What an expansion depends on. cluster is NULL unless the rule speaks of it. */
typedef struct GroupKey {
    const HbaRuleDecl *decl;
    const Facts *facts;
    const Cluster *cluster;
    bool enabled;
} GroupKey;

typedef struct GroupEntry {
    GroupKey key;
    HbaGroup *group;
    HbaRun alone; /* the group as a run of its own */
} GroupEntry;

/* What the file of instances with the same lists, facts and role is made of. */
typedef struct PlanKey {
    const List *decls;
    const Facts *facts;
    PgRole role;
    bool offline_query;
} PlanKey;

/* A run for all, or a declaration that speaks of the cluster. */
typedef struct PlanStep {
    HbaRun *run;
    const HbaRuleDecl *decl;
} PlanStep;

typedef struct Plan {
    PlanKey key;
    List steps; /* PlanStep */
    size_t group_count;
} Plan;

struct HbaExpander {
    Arena *arena;
    Findings *findings;
    GString *scratch;
    GHashTable *facts;  /* text -> Facts */
    GHashTable *groups; /* GroupKey -> GroupEntry */
    GHashTable *plans;  /* PlanKey -> Plan */
    Instance last_instance;
    const Facts *last_facts[HBA_PROGRAM_COUNT]; /* of last_instance */
    HbaOrderMemo *order;
};

static guint
hash_group_key(gconstpointer pointer)
{
    const GroupKey *key = pointer;
    uintptr_t hash = (uintptr_t)key->decl * 31 + (uintptr_t)key->facts;

    hash = hash * 31 + (uintptr_t)key->cluster + key->enabled;
    return (guint)(hash ^ hash >> 20);
}

static gboolean
group_keys_equal(gconstpointer a, gconstpointer b)
{
    const GroupKey *left = a;
    const GroupKey *right = b;

    return left->decl == right->decl && left->facts == right->facts &&
           left->cluster == right->cluster && left->enabled == right->enabled;
}

static guint
hash_plan_key(gconstpointer pointer)
{
    const PlanKey *key = pointer;
    uintptr_t hash = (uintptr_t)key->decls * 31 + (uintptr_t)key->facts;

    hash = hash * 31 + (uintptr_t)key->role * 2 + key->offline_query;
    return (guint)(hash ^ hash >> 20);
}

static gboolean
plan_keys_equal(gconstpointer a, gconstpointer b)
{
    const PlanKey *left = a;
    const PlanKey *right = b;

    return left->decls == right->decls && left->facts == right->facts &&
           left->role == right->role && left->offline_query == right->offline_query;
}

HbaExpander *
hba_expander_new(Arena *arena, Findings *findings)
{
    HbaExpander *expander = g_new0(HbaExpander, 1);

    expander->arena = arena;
    expander->findings = findings;
    expander->scratch = g_string_sized_new(1024);
    expander->facts = g_hash_table_new(g_str_hash, g_str_equal);
    expander->groups = g_hash_table_new(hash_group_key, group_keys_equal);
    expander->plans = g_hash_table_new(hash_plan_key, plan_keys_equal);
    expander->order = hba_order_memo_new(arena);
    return expander;
}

void
hba_expander_free(HbaExpander *expander)
{
    if (expander == NULL)
        return;
    g_string_free(expander->scratch, TRUE);
    g_hash_table_destroy(expander->facts);
    g_hash_table_destroy(expander->groups);
    g_hash_table_destroy(expander->plans);
    hba_order_memo_free(expander->order);
    g_free(expander);
}

static void
append_fact(GString *text, const char *fact)
{
    /* A byte that no fact holds keeps "a" "bc" apart from "ab" "c". */
    g_string_append(text, fact == NULL ? "\002" : fact);
    g_string_append_c(text, '\001');
}

static bool
same_items(const List *a, const List *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(void *)) == 0);
}

/*
 * By pointer: neighbours in an inventory mostly share the same values, and a false difference costs
 * one look-up in intern_facts().
 */
static bool
same_facts(const Instance *a, const Instance *b)
{
    return a->version == b->version && a->password_is_md5 == b->password_is_md5 &&
           a->pgbouncer_version == b->pgbouncer_version && a->users.dbsu == b->users.dbsu &&
           a->users.replication == b->users.replication && a->users.monitor == b->users.monitor &&
           a->users.admin == b->users.admin && a->admin_ip == b->admin_ip &&
           same_items(&a->infra_addresses, &b->infra_addresses) &&
           same_items(&a->intranet, &b->intranet);
}

/*
 * The addresses of the cluster are not part of the facts: they would give every cluster facts of
 * its own, while only rules with addr: cluster depend on them (GroupKey).
 */
static const Facts *
intern_facts(HbaExpander *expander, const Instance *instance, HbaProgram program)
{
    GString *text = expander->scratch;
    Facts *facts = NULL;

    g_string_printf(text, "%d\001%d\001%d\001", (int)program, instance->version,
                    instance->password_is_md5);
    append_fact(text, instance->pgbouncer_version);
    append_fact(text, instance->users.dbsu);
    append_fact(text, instance->users.replication);
    append_fact(text, instance->users.monitor);
    append_fact(text, instance->users.admin);
    append_fact(text, instance->admin_ip);
    LIST_FOREACH (const char, address, &instance->infra_addresses)
        append_fact(text, address);
    append_fact(text, NULL);
    LIST_FOREACH (const HbaText, network, &instance->intranet)
        append_fact(text, network->text);
    facts = g_hash_table_lookup(expander->facts, text->str);
    if (facts != NULL)
        return facts;
    facts = ARENA_NEW(expander->arena, Facts);
    facts->text = arena_strdup(expander->arena, text->str);
    facts->check = hba_check_new(expander->arena, expander->findings, instance, program);
    g_hash_table_insert(expander->facts, (gpointer)facts->text, facts);
    return facts;
}

/*
 * Instances of a cluster come one after the other, so remembering the last one saves most look-ups.
 */
static const Facts *
find_facts(HbaExpander *expander, const Instance *instance, HbaProgram program)
{
    const Facts **facts = &expander->last_facts[program];

    if (expander->last_instance.name == NULL || !same_facts(&expander->last_instance, instance)) {
        memset(expander->last_facts, 0, sizeof expander->last_facts);
        expander->last_instance = *instance;
    }
    if (*facts == NULL)
        *facts = intern_facts(expander, instance, program);
    return *facts;
}

static bool
read_role(const HbaCheck *check, const HbaRuleDecl *decl, HbaRuleRole *ret_role)
{
    const char *text = decl->role.value;
    size_t index = 0;
    const char *nearest = NULL;

    *ret_role = HBA_RULE_ROLE_DEFAULT;
    if (text == NULL || *text == '\0')
        return true;
    index = hba_word_index(hba_rule_role_words, text);
    if (hba_rule_role_words[index] != NULL) {
        *ret_role = (HbaRuleRole)index;
        return true;
    }
    nearest = suggest_nearest(text, hba_rule_role_words);
    findings_add(check->findings, &FINDING_HBA_ROLE_UNKNOWN, decl->role.pos,
                 nearest != NULL ? arena_printf(check->arena, "did you mean \"%s\"?", nearest)
                                 : "write common, primary, replica, offline, standby or delayed",
                 "role \"%s\" of %s does not exist", text, hba_check_rule_name(check));
    return false;
}

/*
 * An instance with offline_query takes the rules for offline instances as well, whatever its own
 * role is.
 */
static bool
role_is_on(const HbaRuleDecl *decl, const Instance *instance)
{
    const char *text = decl->role.value;
    size_t index = 0;
    const HbaRuleRoleInfo *role = &hba_rule_roles[HBA_RULE_ROLE_DEFAULT];

    if (text != NULL && *text != '\0') {
        index = hba_word_index(hba_rule_role_words, text);
        if (hba_rule_role_words[index] == NULL)
            return false;
        role = &hba_rule_roles[index];
    }
    return role->everywhere || role->pg_role == instance->role ||
           (role->pg_role == PG_ROLE_OFFLINE && instance->offline_query);
}

static void
expand_raw(const HbaCheck *check, const HbaRuleDecl *decl, HbaGroup *group)
{
    LIST_FOREACH (const HbaText, line, &decl->raw_lines) {
        HbaRule *rule = hba_line_parse(check, line->pos, line->text);

        if (rule == NULL) {
            /* Off and nothing that any server reads: it stays as the comment that it is. */
            rule = ARENA_NEW(check->arena, HbaRule);
            rule->pos = line->pos;
            rule->is_comment = true;
            rule->raw = line->text;
        }
        list_add(check->arena, &group->rules, rule);
    }
}

/* Raw lines win over addr; an empty list of them counts as absent. */
static HbaGroup *
expand_group(const HbaCheck *check, const Instance *instance, const HbaRuleDecl *decl)
{
    HbaGroup *group = ARENA_NEW(check->arena, HbaGroup);

    group->pos = decl->pos;
    group->enabled = check->enabled;
    if (decl->title.value != NULL &&
        hba_check_text(check, decl->title.pos, "a title", decl->title.value, 0))
        group->title = decl->title.value;
    (void)read_role(check, decl, &group->role);
    if (decl->is_raw && decl->raw_lines.count > 0)
        expand_raw(check, decl, group);
    else if (decl->addr.given && (decl->addr.text == NULL || *decl->addr.text != '\0'))
        (void)hba_alias_expand(check, instance, decl, group);
    else
        findings_add(check->findings, &FINDING_HBA_ADDRESS_MISSING, decl->pos,
                     "give it `addr: intra` or the like, or raw lines in `rules`",
                     "%s has neither rules nor addr", hba_check_rule_name(check));
    return group;
}

/*
 * A group adds its findings when it is made, so a mistake in a declaration is reported once and not
 * for each of a thousand instances.
 */
static GroupEntry *
find_group(HbaExpander *expander, const Facts *facts, const Instance *instance,
           const HbaRuleDecl *decl)
{
    GroupEntry *entry = NULL;
    GroupKey key = { .decl = decl, .facts = facts, .enabled = role_is_on(decl, instance) };
    HbaCheck check = facts->check;

    if (hba_alias_needs_cluster(decl))
        key.cluster = instance->cluster;
    entry = g_hash_table_lookup(expander->groups, &key);
    if (entry != NULL)
        return entry;
    check.enabled = key.enabled;
    check.rule_title = decl->title.value;
    entry = ARENA_NEW(expander->arena, GroupEntry);
    entry->key = key;
    entry->group = expand_group(&check, instance, decl);
    list_add(expander->arena, &entry->alone.groups, entry->group);
    g_hash_table_insert(expander->groups, &entry->key, entry);
    return entry;
}

/*
 * Groups that do not depend on the cluster are collected into runs: the longer a run, the more text
 * the instances share.
 */
static const Plan *
find_plan(HbaExpander *expander, const Facts *facts, const Instance *instance, const List *decls)
{
    const PlanKey key = { decls, facts, instance->role, instance->offline_query };
    Plan *plan = g_hash_table_lookup(expander->plans, &key);
    PlanStep *step = NULL;

    if (plan != NULL)
        return plan;
    plan = ARENA_NEW(expander->arena, Plan);
    plan->key = key;
    plan->group_count = decls->count;
    LIST_FOREACH (const HbaRuleDecl, decl, decls) {
        bool shared = !hba_alias_needs_cluster(decl);

        if (step == NULL || !shared || step->run == NULL) {
            step = ARENA_NEW(expander->arena, PlanStep);
            list_add(expander->arena, &plan->steps, step);
        }
        if (!shared) {
            step->decl = decl;
            continue;
        }
        if (step->run == NULL)
            step->run = ARENA_NEW(expander->arena, HbaRun);
        list_add(expander->arena, &step->run->groups,
                 find_group(expander, facts, instance, decl)->group);
    }
    g_hash_table_insert(expander->plans, &plan->key, plan);
    return plan;
}

/* The arena's memory is exactly as much as is known to be needed. */
static void
list_reserve(Arena *arena, List *list, size_t capacity)
{
    list->items = ARENA_NEW_ARRAY(arena, void *, capacity);
    list->capacity = capacity;
}

/*
 * The groups are listed once more beside the runs, so that readers other than the renderer need not
 * know about runs.
 */
const HbaRules *
hba_expand(HbaExpander *expander, const Instance *instance, HbaProgram program)
{
    const HbaRuleLists *lists =
        program == HBA_PROGRAM_POSTGRESQL ? &instance->pg_hba : &instance->pgbouncer_hba;
    const Facts *facts = find_facts(expander, instance, program);
    const List *decls = hba_order(expander->order, expander->findings, lists,
                                  (instance->policy->flags & POLICY_HBA_SECTIONS) != 0);
    const Plan *plan = find_plan(expander, facts, instance, decls);
    HbaRules *rules = ARENA_NEW(expander->arena, HbaRules);

    list_reserve(expander->arena, &rules->groups, plan->group_count);
    list_reserve(expander->arena, &rules->runs, plan->steps.count);
    LIST_FOREACH (const PlanStep, step, &plan->steps) {
        const HbaRun *run = step->run != NULL
                                ? step->run
                                : &find_group(expander, facts, instance, step->decl)->alone;

        list_add(expander->arena, &rules->runs, run);
        memcpy(rules->groups.items + rules->groups.count, run->groups.items,
               run->groups.count * sizeof(void *));
        rules->groups.count += run->groups.count;
    }
    return rules;
}
