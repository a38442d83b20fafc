/* Boxes and the two answers for each. */
#include "hba/analyse/diff_text.h"

#include "hba/analyse/evaluate.h"
#include "hba/analyse/region_text.h"
#include "hba/syntax/rule_text.h"

static const char *
answer_of(Arena *arena, const HbaRule *rule)
{
    if (rule == NULL)
        return "no rule";
    return arena_printf(arena, "%s (%s:%u)", hba_rule_effective_method(rule), rule->pos.file,
                        rule->pos.line);
}

List
hba_diff_lines(Arena *arena, const Names *names, const List *entries)
{
    static const char signs[] = {
        [HBA_DIFF_ALLOWED] = '+', [HBA_DIFF_REFUSED] = '-', [HBA_DIFF_METHOD] = '~'
    };
    List lines = { 0 };

    LIST_FOREACH (const HbaDiffEntry, entry, entries) {
        g_autoptr(GString) line = g_string_new(NULL);

        g_string_append_printf(line, "%c %-7s %s  database %s  user %s", signs[entry->kind],
                               hba_diff_kind_name(entry->kind),
                               region_transports_text(arena, entry->box.transports),
                               region_databases_text(arena, names, &entry->box),
                               region_users_text(arena, names, &entry->box));
        if (entry->box.transports != REGION_LOCAL)
            g_string_append_printf(line, "  from %s",
                                   region_addresses_text(arena, names, &entry->box));
        g_string_append_printf(line, ": %s, was %s", answer_of(arena, entry->after),
                               answer_of(arena, entry->before));
        list_add(arena, &lines, arena_strndup(arena, line->str, line->len));
    }
    return lines;
}

static void
write_answer(JsonWriter *json, const char *key, const HbaRule *rule)
{
    json_begin_object(json, key);
    json_write_string(json, "method", rule == NULL ? "reject" : hba_rule_effective_method(rule));
    hba_rule_write_place(json, rule);
    json_end_object(json);
}

void
hba_diff_write_json(JsonWriter *json, Arena *arena, const Names *names, const List *entries)
{
    json_begin_array(json, "changes");
    LIST_FOREACH (const HbaDiffEntry, entry, entries) {
        json_begin_object(json, NULL);
        json_write_string(json, "change", hba_diff_kind_name(entry->kind));
        json_write_string(json, "type", region_transports_text(arena, entry->box.transports));
        json_write_string(json, "database", region_databases_text(arena, names, &entry->box));
        json_write_string(json, "user", region_users_text(arena, names, &entry->box));
        json_write_string(json, "address", region_addresses_text(arena, names, &entry->box));
        write_answer(json, "before", entry->before);
        write_answer(json, "after", entry->after);
        json_end_object(json);
    }
    json_end_array(json);
}
