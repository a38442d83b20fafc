/*
 * One rule as one line, words with one blank between.
 *
 * Law: hba_line_parse() of it, for the program and version that the rule was read for, gives an
 * equal rule.
 */
#pragma once

#include <glib.h>

#include "hba/rule.h"

void hba_rule_render(const HbaRule *rule, GString *out);
