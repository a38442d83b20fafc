/* Asking the evaluator about each connection that matters. */
#include "hba/analyse/guard.h"

#include "hba/findings.h"

typedef enum Answer {
    ANSWER_IN,
    ANSWER_OUT,
    ANSWER_UNKNOWN,
} Answer;

/*
 * A rule that cannot be judged is neither of the two: guessing "in" could lock out, guessing "out"
 * would forbid every file with a host name.
 */
static Answer
ask(const HbaEvaluator *evaluator, const List *rules, const HbaConnection *connection,
    const HbaRule **ret_rule)
{
    HbaVerdict verdict = hba_evaluate(evaluator, rules, connection);

    *ret_rule = verdict.rule;
    if (verdict.match == HBA_MATCH_UNKNOWN)
        return ANSWER_UNKNOWN;
    return verdict.rule == NULL || verdict.rule->method == HBA_METHOD_REJECT ? ANSWER_OUT
                                                                             : ANSWER_IN;
}

/*
 * An undecided line is a warning and does not block. Otherwise one host name in a file would keep
 * new rules from ever being installed.
 */
List
hba_lockouts(const HbaEvaluator *evaluator, const List *rules, const List *guards,
             Findings *findings)
{
    List lockouts = { 0 };

    LIST_FOREACH (const HbaGuard, guard, guards) {
        const HbaRule *rule = NULL;
        const HbaRule *other_rule = NULL;
        Answer answer = ask(evaluator, rules, &guard->connection, &rule);
        HbaLockout *lockout = NULL;

        if (answer != ANSWER_IN && guard->otherwise != NULL &&
            ask(evaluator, rules, guard->otherwise, &other_rule) == ANSWER_IN)
            continue;
        if (answer == ANSWER_UNKNOWN)
            findings_add(findings, &FINDING_HBA_GUARD_UNDECIDED, rule->pos, NULL,
                         "cannot tell whether %s is let in: this line may decide it", guard->who);
        if (answer != ANSWER_OUT)
            continue;
        lockout = ARENA_NEW(evaluator->arena, HbaLockout);
        *lockout = (HbaLockout){ .guard = guard, .rule = rule };
        list_add(evaluator->arena, &lockouts, lockout);
    }
    return lockouts;
}
