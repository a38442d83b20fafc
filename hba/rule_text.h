/* One rule as one line, words with one blank between: for reports. Options are as in the file. */
#pragma once

#include <glib.h>

#include "hba/rule.h"

void hba_rule_render(const HbaRule *rule, GString *out);
