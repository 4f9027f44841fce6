"""Every rule refuses an answer that breaks it, by its name, and lets the nearest good answer pass."""

from __future__ import annotations

import pytest

from fivetran_model import RULES, CallFailed, ProtocolViolation, cases_answer, cases_rows, cases_wire
from fivetran_model.samples import CANARY, SECRET, Case

CASES = (
    *cases_wire.EVERY,
    *cases_wire.FAILURE,
    *cases_wire.SUCCESS,
    *cases_wire.SETUP,
    *cases_answer.MEMBERS,
    *cases_answer.SCHEMAS,
    *cases_answer.SYNCS,
    *cases_rows.NAMES,
    *cases_rows.KEYS,
    *cases_rows.VALUES,
)
each_case = pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.rule}-{n}") for n, case in enumerate(CASES)])


def refusal(case: Case) -> ProtocolViolation:
    with pytest.raises(ProtocolViolation) as caught:
        case.call(case.connection(case.bad))
    return caught.value


def test_every_rule_has_a_case() -> None:
    """The table of rules and the table of cases name the same rules, each rule once."""
    names = [rule.name for rule in RULES]
    assert sorted(set(names)) == sorted(names)
    assert {case.rule for case in CASES} == set(names)


def test_every_rule_says_where_it_is_written() -> None:
    """A rule cites a section or a law, and says in words what it asks for."""
    assert [rule.name for rule in RULES if not rule.section or not rule.law] == []


@each_case
def test_a_broken_rule_refuses_the_answer(case: Case) -> None:
    """The refusal names the rule, in its attribute and at the head of its message."""
    violation = refusal(case)
    assert violation.rule == case.rule
    assert str(violation).startswith(f"{case.rule}: {violation.offence}")


@each_case
def test_the_nearest_good_answer_passes(case: Case) -> None:
    """The rule refuses no more than it says."""
    fivetran = case.connection(case.good)
    if 200 <= case.good.status_code < 300:
        case.call(fivetran)
    else:
        with pytest.raises(CallFailed):
            case.call(fivetran)


@each_case
def test_a_refused_answer_moves_nothing(case: Case) -> None:
    """State, history and tables are what they were before the refused answer."""
    fivetran, untouched = case.connection(case.bad), case.connection(case.bad)
    with pytest.raises(ProtocolViolation):
        case.call(fivetran)
    assert (fivetran.state, fivetran.states) == (untouched.state, untouched.states)
    assert (fivetran.tables, fivetran.kinds) == (untouched.tables, untouched.kinds)


@each_case
def test_a_refusal_shows_no_payload(case: Case) -> None:
    """Neither a row's value nor a secret is in the message."""
    message = str(refusal(case))
    assert CANARY not in message
    assert SECRET not in message


def test_a_refusal_shows_the_key() -> None:
    """A refused value is found by its table, column and row key."""
    case = next(case for case in cases_rows.VALUES if case.rule == "json-text")
    assert str(refusal(case)).startswith("json-text: run.inputs where run_id='a': whitespace between tokens, status 200 (")
