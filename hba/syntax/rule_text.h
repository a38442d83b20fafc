/*
 * One rule as one line, words with one blank between.
 *
 * Law: hba_line_parse() of it, for the program and version that the rule was read for, gives an
 * equal rule.
 */
#pragma once

#include <glib.h>

#include "base/json_writer.h"
#include "hba/syntax/rule.h"

void hba_rule_render(const HbaRule *rule, GString *out);
/* For people: as its author wrote it, or, where an option holds a secret, rendered with <secret>.
 */
const char *hba_rule_describe(Arena *arena, const HbaRule *rule);
/* The option as NAME=VALUE, its value <secret> where it is one. */
const char *hba_option_describe(Arena *arena, const HbaOption *option);
/* The members "file" and "line" of an object; both null without a rule. */
void hba_rule_write_place(JsonWriter *json, const HbaRule *rule);
