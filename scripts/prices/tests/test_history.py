"""From releases to rows: days, mistakes, corrections, aliases."""

import json
import unittest
from datetime import date
from decimal import Decimal

from pricebook import book, corrections, dates, history, lint
from pricebook.corrections import Correction
from pricebook.history import Row
from pricebook.model import STANDARD, Conditions, PriceList, Snapshot
from pricebook.providers import Provider

MODEL = ("OPENAI", "m")
LONG = Conditions(above=200000)


def prices(**units: str) -> dict[str, Decimal]:
    return {unit: Decimal(price) for unit, price in units.items()}


def releases(*lists: PriceList | None, source: str = "LiteLLM", first_month: int = 1) -> list[Snapshot]:
    """One release a month; `None`: without the model."""
    found = []
    for month, rows in enumerate(lists, start=first_month):
        models = {} if rows is None else {MODEL: rows}
        found.append(Snapshot(source, str(month), date(2026, month, 1), models))
    return found


def standard(*inputs: str | None) -> list[Snapshot]:
    return releases(*(None if price is None else {STANDARD: prices(input=price, output="9")} for price in inputs))


class Merge(unittest.TestCase):
    def check(self, main: list[Snapshot], second: list[Snapshot], expected: list[str]) -> history.Outcome:
        outcome = history.merge(main, second)
        lines = [line.removeprefix("OPENAI\tm\t").replace("\t", " | ") for line in book.lines(outcome.histories)]
        self.assertEqual(lines, expected)
        return outcome

    def test_a_change_of_price_is_a_row_and_the_first_row_has_no_day(self) -> None:
        self.check(standard("2", "2", "3"), [], ["- | - | input=2 output=9", "2026-03-01 | - | input=3 output=9"])

    def test_a_model_that_is_gone_keeps_its_price(self) -> None:
        self.check(standard("2", None, None), [], ["- | - | input=2 output=9"])

    def test_a_price_that_is_new_or_gone_beside_others_that_stay_is_no_change(self) -> None:
        with_cache = {STANDARD: prices(input="2", cache_read="1")}
        self.check(releases({STANDARD: prices(input="2")}, with_cache), [], ["- | - | input=2 cache_read=1"])
        self.check(releases(with_cache, {STANDARD: prices(input="2")}), [], ["- | - | input=2 cache_read=1"])

    def test_a_price_that_is_new_beside_a_cheaper_cache_held_before_too(self) -> None:
        before, after = prices(input="2", output="9", cache_read="1"), prices(input="2", output="9", cache_read="0.5", web_searches="0.01")
        self.check(releases({STANDARD: before}, {STANDARD: after}), [], [
            "- | - | input=2 output=9 cache_read=1 web_searches=0.01",
            "2026-02-01 | - | input=2 output=9 cache_read=0.5 web_searches=0.01",
        ])  # fmt: skip

    def test_the_second_source_counts_where_the_main_one_has_no_model(self) -> None:
        other = releases({STANDARD: prices(input="4")}, {STANDARD: prices(input="5")}, source="models.dev", first_month=2)
        self.check(standard("2", "2", None), other, ["- | - | input=2 output=9", "2026-03-01 | - | input=5"])
        self.check(releases(None, None), other, ["- | - | input=4", "2026-03-01 | - | input=5"])

    def test_of_services_apart_the_first_counts_even_when_it_no_longer_lists_the_model(self) -> None:
        main = standard("2", "3")
        main[0].services[MODEL], main[1].services[MODEL] = 0, 1
        self.check(main, [], ["- | - | input=2 output=9"])

    def test_a_price_for_long_inputs_that_is_gone_gives_way_to_the_general_one(self) -> None:
        base = prices(input="2", output="9")
        main = releases({STANDARD: base, LONG: prices(input="4", output="18")}, {STANDARD: base})
        self.check(main, [], ["- | - | input=2 output=9", "- | above=200000 | input=4 output=18", "2026-02-01 | above=200000 | input=2 output=9"])

    def test_a_tier_that_lost_its_price_for_long_inputs_has_none_known(self) -> None:
        base = {STANDARD: prices(input="2"), LONG: prices(input="4"), Conditions(tier="flex"): prices(input="1")}
        lines = history.merge(releases(base | {LONG._replace(tier="flex"): prices(input="2")}, base), []).histories[MODEL]
        self.assertEqual(lines[LONG._replace(tier="flex")], [Row(None, prices(input="2")), Row(date(2026, 2, 1), {})])

    def test_a_region_that_is_taken_back_is_left_out_and_at_openai_costs_what_all_cost(self) -> None:
        eu = Conditions(region="eu")
        base = prices(input="2")
        outcome = history.merge(releases({STANDARD: base, eu: prices(input="2.2")}, {STANDARD: base}), [])
        self.assertEqual(list(outcome.histories[MODEL]), [STANDARD])
        self.assertEqual(len(outcome.mistakes), 1)
        history.add_plain_regions(outcome)
        self.assertEqual(outcome.histories[MODEL][eu], [Row(None, base)])

    def test_the_price_of_searches_outlives_their_sizes(self) -> None:
        low = Conditions(variant="low")
        main = releases({STANDARD: prices(input="2"), low: prices(web_searches="0.03")}, {STANDARD: prices(input="2", web_searches="0.025")})
        rows = history.merge(main, []).histories[MODEL][low]
        self.assertEqual(rows, [Row(None, prices(web_searches="0.03")), Row(date(2026, 2, 1), prices(web_searches="0.025"))])

    def test_images_of_a_model_that_bills_tokens_have_no_price_of_their_own(self) -> None:
        size = Conditions(variant="1024x1024")
        main = releases({STANDARD: prices(input="2"), size: prices(images="0.1")}, {STANDARD: prices(input="2", output_image="40")})
        self.assertNotIn(size, history.merge(main, []).histories[MODEL])


class Mistakes(unittest.TestCase):
    def check(self, inputs: list[str], expected: list[str], mistakes: int, swings: int) -> None:
        outcome = history.merge(standard(*inputs), [])
        self.assertEqual([str(row.prices["input"]) for row in outcome.histories[MODEL][STANDARD]], expected, inputs)
        self.assertEqual((len(outcome.mistakes), len(outcome.swings)), (mistakes, swings), inputs)

    def test_a_jump_that_comes_back_is_left_out(self) -> None:
        self.check(["2", "20", "2"], ["2"], mistakes=1, swings=0)

    def test_a_jump_of_one_price_of_the_text_alone_was_a_mistake_before(self) -> None:
        self.check(["33", "3.3"], ["3.3"], mistakes=1, swings=0)

    def test_a_swing_is_kept_and_noted(self) -> None:
        self.check(["2", "3", "2"], ["2", "3", "2"], mistakes=0, swings=1)

    def test_a_large_change_of_both_prices_is_a_change(self) -> None:
        main = releases({STANDARD: prices(input="10", output="40")}, {STANDARD: prices(input="2", output="8")})
        self.assertEqual(len(history.merge(main, []).histories[MODEL][STANDARD]), 2)

    def test_input_and_output_that_were_exchanged_were_a_mistake(self) -> None:
        main = releases({STANDARD: prices(input="0.15", output="0.0375")}, {STANDARD: prices(input="0.0375", output="0.15")})
        self.assertEqual(history.merge(main, []).histories[MODEL][STANDARD], [Row(None, prices(input="0.0375", output="0.15"))])

    def test_a_slip_of_the_point_of_an_embedding_was_a_mistake(self) -> None:
        main = releases({STANDARD: prices(input="0.2")}, {STANDARD: prices(input="0.02")})
        self.assertEqual(history.merge(main, []).histories[MODEL][STANDARD], [Row(None, prices(input="0.02"))])

    def test_the_end_of_a_free_preview_is_a_change(self) -> None:
        main = releases({STANDARD: prices(input="0", output="0")}, {STANDARD: prices(input="1", output="2")})
        self.assertEqual(len(history.merge(main, []).histories[MODEL][STANDARD]), 2)


class Dates(unittest.TestCase):
    def check(self, began: list[tuple[str, str]], expected: date) -> None:
        """A price that is listed first in June; what the history says, by day."""
        listed = date(2026, 6, 1)
        flex = Conditions(tier="flex")
        histories = {MODEL: {STANDARD: [Row(None, prices(input="2", output="9")), Row(listed, prices(input="3", output="9"))],
                             flex: [Row(None, prices(input="1")), Row(listed, prices(input="1.5"))]}}  # fmt: skip
        entries = [{"start": f"{day}T10:00:00Z", "rates": {"input": float(price), "output": 9, "source": "x"}} for day, price in began]
        text_of_history = json.dumps({"prices": {"openai": {"m": {"standard": [{"start": None, "rates": None}, *entries]}}}})
        provider = Provider("OPENAI", (), (), ("openai",), False)
        dates.refine(histories, dates.read(text_of_history, [provider]))
        for rows in histories[MODEL].values():
            self.assertEqual([row.since for row in rows], [None, expected])

    def test_the_history_tells_the_day_of_a_change_under_all_conditions(self) -> None:
        self.check([("2026-05-04", "3")], date(2026, 5, 4))
        self.check([("2026-03-04", "2"), ("2026-05-04", "3"), ("2026-05-09", "3")], date(2026, 5, 4))

    def test_another_price_and_another_time_say_nothing(self) -> None:
        june = date(2026, 6, 1)
        self.check([("2026-05-04", "2.5")], june)
        self.check([("2026-06-04", "3")], june)
        self.check([("2026-01-04", "3")], june)


class Corrections(unittest.TestCase):
    ROWS = [Row(None, prices(input="5")), Row(date(2026, 3, 1), prices(input="2"))]

    def check(self, since: date | None, until: date | None, expected: list[tuple[date | None, str]]) -> list[str]:
        histories = {MODEL: {STANDARD: list(self.ROWS)}}
        correction = Correction("OPENAI", ("m",), STANDARD, since, until, prices(input="3"), "source", "reason")
        idle = corrections.apply(histories, [correction])
        self.assertEqual([(row.since, str(row.prices["input"])) for row in histories[MODEL][STANDARD]], expected)
        return idle

    def test_hold_from_their_day_to_their_end(self) -> None:
        march, may = date(2026, 3, 1), date(2026, 5, 1)
        self.check(None, None, [(None, "3")])
        self.check(date(2026, 2, 1), None, [(None, "5"), (date(2026, 2, 1), "3")])
        self.check(date(2026, 2, 1), march, [(None, "5"), (date(2026, 2, 1), "3"), (march, "2")])
        self.check(None, may, [(None, "3"), (may, "2")])
        self.check(None, date(2026, 2, 1), [(None, "3"), (date(2026, 2, 1), "5"), (march, "2")])

    def test_say_when_they_change_nothing(self) -> None:
        histories = {MODEL: {STANDARD: [Row(None, prices(input="3"))]}}
        correction = Correction("OPENAI", ("m",), STANDARD, None, None, prices(input="3"), "source", "reason")
        self.assertEqual(corrections.apply(histories, [correction]), ["OPENAI m (-), -"])


class Book(unittest.TestCase):
    def test_a_longer_name_with_the_same_prices_is_an_alias(self) -> None:
        same, other = {STANDARD: [Row(None, prices(input="2"))]}, {STANDARD: [Row(None, prices(input="3"))]}
        names = {"gpt-x": same, "gpt-x-2026-01-31": same, "gpt-x-2025-01-31": other, "gpt-x-latest": same, "us.gpt-x-2026-01-31": same}
        lines = book.lines({("OPENAI", name): rows for name, rows in names.items()})
        self.assertEqual(lines, [
            "OPENAI\tgpt-x\t-\t-\tinput=2",
            "OPENAI\tgpt-x-2025-01-31\t-\t-\tinput=3",
            "OPENAI\tgpt-x-2026-01-31\t=\tgpt-x",
            "OPENAI\tgpt-x-latest\t=\tgpt-x",
            "OPENAI\tus.gpt-x-2026-01-31\t=\tgpt-x",
        ])  # fmt: skip

    def test_conditions_and_units_have_one_order(self) -> None:
        at = Conditions("priority", 200000, "us-east-1", "16:30-00:30", "hd/1024x1792")
        row = Row(date(2026, 1, 31), prices(request="1", output="1.50", input="0.000001"))
        self.assertEqual(book.lines({MODEL: {at: [row]}}), [
            "OPENAI\tm\t2026-01-31\ttier=priority above=200000 region=us-east-1 off_peak=16:30-00:30 variant=hd/1024x1792\t"
            "input=0.000001 output=1.5 request=1"
        ])  # fmt: skip

    def test_the_impossible_is_an_error(self) -> None:
        for rows in ([Row(None, prices(input="-1"))], [Row(None, prices(input="2001"))], [Row(None, prices(input="0.0000001"))],
                     [Row(None, prices(images="11"))], [Row(None, {}), Row(None, {})]):  # fmt: skip
            self.assertEqual(len(lint.errors({MODEL: {STANDARD: rows}})), 1, rows)
        self.assertEqual(lint.errors({MODEL: {STANDARD: [Row(None, prices(input="2000"))]}}), [])

    def test_the_unlikely_is_a_warning(self) -> None:
        base = prices(input="2", output="8")
        for at, row in [
            (STANDARD, prices(input="2", cache_read="3")),
            (STANDARD, prices(input="20", output="1")),
            (Conditions(tier="batch"), prices(input="3")),
            (Conditions(tier="priority"), prices(input="1")),
        ]:
            found = lint.warnings({MODEL: {STANDARD: [Row(None, base)]} | {at: [Row(None, row)]}})
            self.assertEqual(len(found), 1, row)


if __name__ == "__main__":
    unittest.main()
