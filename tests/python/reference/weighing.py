"""Scaled values and weights of indicators: exact fractions, and 40 digits where a root or a logarithm is due."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import combinations

from .exact import byte_order, round_half_away, round_square_root

MILLION = 1_000_000
# Saaty, The Analytic Hierarchy Process, 1980.
RANDOM_INDEX = (0, 0, 58, 90, 112, 124, 132, 141, 145, 149, 151, 148, 156, 157, 159)  # hundredths

Values = dict[str, Decimal | None]  # by customer
Judgements = dict[tuple[str, str], Fraction]  # how many times as important the first is


# --- scaled values: 0 is worst, 1 is best ---


def scaled_value(scaling: str, value: Decimal | int, population: list, best_is_high: bool) -> Decimal:
    """The value among the sorted values of the customers that it is measured against, which need not hold it."""
    scale = {"percentile": midrank, "quintile": quintile, "min_max": min_max}[scaling]
    return round_half_away(scale(value, population, best_is_high), 9)


def midrank(value: Decimal | int, population: list, best_is_high: bool) -> Fraction:
    below, up_to = bisect_left(population, value), bisect_right(population, value)
    place = Fraction(below + up_to, 2 * len(population))
    return place if best_is_high else 1 - place


def quintile(value: Decimal | int, population: list, best_is_high: bool) -> Fraction:
    fifth = min(1 + int(5 * midrank(value, population, best_is_high)), 5)
    return Fraction(fifth - 1, 4)


def min_max(value: Decimal | int, population: list, best_is_high: bool) -> Fraction:
    low, high = (quantile(population, Fraction(percent, 100)) for percent in (1, 99))
    if low == high:
        place = Fraction(1, 2) if value == low else Fraction(int(value > low))
    else:
        place = max(Fraction(0), min(Fraction(1), (Fraction(value) - low) / (high - low)))
    return place if best_is_high else 1 - place


def quantile(population: list, share: Fraction) -> Fraction:
    """Linear between two values: R's type 7."""
    place = (len(population) - 1) * share
    first, second = population[int(place)], population[min(int(place) + 1, len(population) - 1)]
    return Fraction(first) + (place - int(place)) * (Fraction(second) - Fraction(first))


# --- weights ---


def normalised_weights(raw: dict[str, Decimal]) -> dict[str, Decimal]:
    """Weights with 6 decimals that sum to 1 exactly; the remainder goes to the largest, then to the first by name."""
    total = sum((Fraction(weight) for weight in raw.values()), Fraction(0))
    if not total:
        return dict.fromkeys(raw, Decimal(0))
    millionths = {name: int(round_half_away(Fraction(weight) / total * MILLION, 0)) for name, weight in raw.items()}
    largest = min(raw, key=lambda name: (-raw[name], byte_order(name)))
    millionths[largest] += MILLION - sum(millionths.values())
    return {name: Decimal(value).scaleb(-6) for name, value in millionths.items()}


def review_weights(
    weighting: str,
    given: dict[str, Decimal],
    scaled: dict[str, Values],
    judgements: Judgements,
    blend_with: str = "critic",
    blend_share: Decimal = Decimal("0.5"),
) -> dict[str, Decimal]:
    """The weights of the indicators of `scaled`; `given` are the business's own, of those and maybe of others."""

    def part(name: str) -> dict[str, Decimal]:
        found = {
            "fixed": lambda: given,
            "equal": lambda: dict.fromkeys(scaled, Decimal(1)),
            "ahp": lambda: principal_weights(sorted(given, key=byte_order), judgements)[0],
            "entropy": lambda: entropy_weights(scaled),
            "critic": lambda: critic_weights(scaled),
            "std": lambda: deviations(scaled),
        }[name]()
        found = {indicator: found[indicator] for indicator in scaled}
        return found if any(found.values()) else dict.fromkeys(scaled, Decimal(1))

    if weighting != "blend":
        return normalised_weights(part(weighting))
    own, other = (shares_of_one(part(name)) for name in ("fixed", blend_with))
    return normalised_weights({name: blend_share * own[name] + (1 - blend_share) * other[name] for name in scaled})


def shares_of_one(raw: dict[str, Decimal]) -> dict[str, Decimal]:
    total = sum(map(Fraction, raw.values()))
    return {name: round_half_away(Fraction(weight) / total, 9) for name, weight in raw.items()}


def _there(values: Values) -> list[Fraction]:
    return [Fraction(value) for value in values.values() if value is not None]


def _variance(values: list[Fraction]) -> Fraction:
    return sum((value * value for value in values), Fraction(0)) / len(values) - (sum(values) / len(values)) ** 2


def deviations(scaled: dict[str, Values]) -> dict[str, Decimal]:
    """Population standard deviations."""
    return {name: round_square_root(_variance(_there(values)), 9) for name, values in scaled.items()}


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def entropy_weights(scaled: dict[str, Values]) -> dict[str, Decimal]:
    weights = {}
    with localcontext(Context(prec=40)):
        for name, values in scaled.items():
            there = _there(values)
            if len(set(there)) < 2:
                weights[name] = Decimal(0)
                continue
            shares = [_decimal(value / sum(there)) for value in there if value]
            entropy = -sum(share * share.ln() for share in shares) / Decimal(len(there)).ln()
            weights[name] = max(1 - entropy, Decimal(0))
    return weights


def critic_weights(scaled: dict[str, Values]) -> dict[str, Decimal]:
    with localcontext(Context(prec=40)):
        conflicts = dict.fromkeys(scaled, Decimal(0))
        for one, other in combinations(scaled, 2):
            found = correlation(scaled[one], scaled[other])
            if found is not None:
                conflicts[one] += 1 - found
                conflicts[other] += 1 - found
        weights = {}
        for name, values in scaled.items():
            there = _there(values)
            spread = max(there) - min(there)
            contrast = _decimal(_variance(there) / spread**2).sqrt() if spread else Decimal(0)
            weights[name] = round_half_away(contrast * conflicts[name], 9)
    return weights


def correlation(one: Values, other: Values) -> Decimal | None:
    """Pearson's, over the customers that have both; None where one of the two does not vary."""
    both = [key for key, value in one.items() if value is not None and other.get(key) is not None]
    if not both:
        return None
    ones, others = [Fraction(one[key]) for key in both], [Fraction(other[key]) for key in both]
    variances = _variance(ones) * _variance(others)
    if not variances:
        return None
    mean_product = sum(a * b for a, b in zip(ones, others, strict=True)) / len(both)
    covariance = mean_product - sum(ones) * sum(others) / len(both) ** 2
    return _decimal(covariance) / _decimal(variances).sqrt()


def principal_weights(names: Iterable[str], judgements: Judgements) -> tuple[dict[str, Decimal], Decimal]:
    """The principal eigenvector with a sum of 1, 9 decimals, and the consistency ratio, 6 decimals."""
    names = list(names)

    def judged(one: str, other: str) -> Fraction:
        if one == other:
            return Fraction(1)
        there, back = judgements.get((one, other)), judgements.get((other, one))
        if there is None or (back is not None and back > there):
            return 1 / back
        return there

    with localcontext(Context(prec=40)):
        matrix = [[_decimal(judged(one, other)) for other in names] for one in names]
        weights = [Decimal(1) / len(names)] * len(names)
        while True:
            product = [sum(a * weight for a, weight in zip(row, weights, strict=True)) for row in matrix]
            total = sum(product)
            after = [value / total for value in product]
            if max(abs(a - b) for a, b in zip(after, weights, strict=True)) < Decimal("1e-30"):
                break
            weights = after
        n = len(names)
        ratio = Decimal(0) if n <= 2 else (total - n) / (n - 1) / Decimal(RANDOM_INDEX[n - 1]).scaleb(-2)
    rounded = {name: round_half_away(weight, 9) for name, weight in zip(names, after, strict=True)}
    return rounded, round_half_away(ratio, 6)
