/* The options after the method of a line: name=value, each for certain methods. */
#pragma once

#include "hba/syntax/check_context.h"

/* Reads one word of the line into *ret_option; reports what is wrong with it. */
bool hba_option_parse(const HbaCheck *check, SourcePos pos, const char *word,
                      HbaOption *ret_option);
/* Whether the rule's options go with its method and type, and none is missing. */
bool hba_check_options(const HbaCheck *check, const HbaRule *rule);
