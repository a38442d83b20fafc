/*
 * Witness: a connection that meets a certain rule, made from what earlier rules leave of it and
 * confirmed by the evaluator.
 */
#pragma once

#include "hba/analyse/evaluate.h"
#include "hba/analyse/region.h"

/*
 * Fills ret_connection with a connection whose first match is the rule; its texts are the arena's.
 * False when none of those tried is: the rule has only parts that stand for something unknown, such
 * as a regular expression.
 */
bool hba_witness(const HbaEvaluator *evaluator, const Names *names, const List *rules,
                 const HbaRule *rule, const List *rest, HbaConnection *ret_connection);
