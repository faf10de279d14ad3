"""How often what fails is asked again."""

from bounds import RetryBudget


def test_a_few_failures_are_retried_and_a_lasting_one_is_not() -> None:
    budget = RetryBudget()
    allowed = []
    for _ in range(8):
        budget.note_failure()
        allowed.append(budget.allows_retry)
    assert allowed == [True] * 4 + [False] * 4


def test_successes_earn_retries_back_slowly() -> None:
    budget = RetryBudget()
    for _ in range(5):
        budget.note_failure()
    assert not budget.allows_retry
    budget.note_success()
    assert budget.allows_retry


def test_in_the_long_run_a_tenth_of_the_calls_may_be_retried() -> None:
    budget = RetryBudget()
    retries = 0
    for call in range(10_000):
        if call % 2:
            budget.note_success()
        else:
            budget.note_failure()
            retries += budget.allows_retry
    assert retries <= 0.11 * 10_000


def test_a_budget_never_goes_below_empty() -> None:
    budget = RetryBudget()
    for _ in range(1_000):
        budget.note_failure()
    for _ in range(51):
        budget.note_success()
    assert budget.allows_retry
