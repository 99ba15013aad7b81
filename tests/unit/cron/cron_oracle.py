#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compare cron.c with croniter, an independent implementation, on random expressions: is each
valid, and when are its next 20 runs? Every disagreement must belong to a class of the tables below,
and each class proves its case: it says what croniter should have answered by its own rule, or which
expressions only one of the two reads. A plain model, which walks the calendar day by day, stands
by as a third opinion; cron.c must agree with it everywhere.

The classes are those of croniter 1.3 (Debian 12) to 6.2.4, whichever is here. What the newest reads
otherwise is no reason to: which version the server has nobody says, and a schedule that they disagree
about is one that `check` warns of, or refuses with a rewriting on which they agree.

Prints TAP. The seed is printed; CRON_ORACLE_SEED or --seed repeats a run, CRON_ORACLE_COUNT or
--count sets the number of expressions (5,000), CRON_DRIVER or --driver names the program."""

import argparse
import calendar
import collections
import datetime
import os
import random
import re
import subprocess
import sys

try:
    from croniter import CroniterBadCronError, CroniterBadDateError, croniter
except ModuleNotFoundError:
    print("1..0 # SKIP croniter is not installed (python3-croniter)")
    sys.exit(0)

# croniter 6.2 takes a range of one value, "5-5", for the whole field.
LONE_IS_ALL = croniter("0 5-5 * * *", 0).get_next(float) == 3600

# croniter 1.3 takes a field for '*' that leaves nothing out; 2.0 does so only at times.
FULL_IS_STAR = croniter("0 0 5 1 0-6", 0).get_next(float) == 4 * 86400

# croniter 6.2 ends the steps from a weekday, "1/3", at Saturday; 1.3 and cronie at 7, a Sunday.
STEP_TO_SATURDAY = croniter("0 0 * * 5/1", 0).get_next(float) == 86400 and 3 * 86400 not in [
    croniter("0 0 * * 5/1", at).get_next(float) for at in (0, 86400, 2 * 86400)]

RUNS = 20
EPOCH = datetime.date(1970, 1, 1)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
NAMES = ({}, {}, {}, {n: i + 1 for i, n in enumerate(MONTHS)}, {n: i for i, n in enumerate(DAYS)})


# Expressions.


class Generator:
    """Random expressions: mostly valid, some with extensions, some damaged."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, field):
        low, high = BOUNDS[field]
        if self.random.random() < 0.01:
            return str(self.random.choice((high + 1, high * 3, 0, 100, 99999999999)))
        number = self.random.randint(low, high)
        names = [name for name, value in NAMES[field].items() if value == number]
        if names and self.random.random() < 0.4:
            return self.random.choice((str.lower, str.upper, str.title))(names[0])
        return "%02d" % number if self.random.random() < 0.1 else str(number)

    def span(self, field):
        low, high = BOUNDS[field]
        first, last = sorted(self.random.randint(low, high) for _ in range(2))
        if self.random.random() < 0.05:
            return self.value(field) + "-" + self.value(field)
        if self.random.random() < 0.05:
            first, last = BOUNDS[field]
        return "%d-%d" % (first, last)

    def step(self, field):
        if self.random.random() < 0.01:
            return "/" + self.random.choice(("0", "", "x", "100", "007", "99999999999"))
        return "/%d" % self.random.randint(1, max(2, BOUNDS[field][1] // 2))

    def extension(self, field):
        general = ["?", "H", "H/3", "H(1-5)", "R", "R(1-3)/2", "~", "2~5"]
        special = {2: ["L", "LW", "15W", "L-3", "10-L"],
                   4: ["L", "5L", "l3", "friL", "mon#2", "tue#1x"]}
        return self.random.choice(general + special.get(field, []) * 3)

    def item(self, field):
        pick = self.random.random()
        if pick < 0.40:
            return self.value(field)
        if pick < 0.62:
            return self.span(field)
        if pick < 0.75:
            return self.span(field) + self.step(field)
        if pick < 0.90:
            return "*" + self.step(field)
        if pick < 0.94:
            return self.value(field) + self.step(field)
        if pick < 0.945:
            return self.extension(field)
        return "*"

    def field(self, field):
        if self.random.random() < 0.35:
            return "*"
        length = self.random.choice((1, 1, 1, 1, 2, 2, 3, 5))
        return ",".join(self.item(field) for _ in range(length))

    def damage(self, text):
        at = self.random.randrange(len(text) + 1)
        junk = self.random.choice("0123456789*/,-#?LWxn @~.:")
        return self.random.choice((text[:at] + text[at + 1 :], text[:at] + junk + text[at:],
                                   text[:at] + junk + text[at + 1 :]))

    def expression(self):
        pick = self.random.random()
        if pick < 0.005:
            word = "hourly daily midnight weekly monthly yearly annually reboot every_minute dayly"
            return self.random.choice(("@", "@", "@", " @")) + self.random.choice(word.split())
        fields = [self.field(i) for i in range(5)]
        if pick < 0.02:
            fields = fields[: self.random.randint(0, 4)]
        elif pick < 0.03:
            fields += [self.field(0) for _ in range(self.random.randint(1, 3))]
        text = self.random.choice((" ", " ", " ", "  ", "\t")).join(fields)
        if self.random.random() < 0.10:
            text = self.damage(text)
        return " " + text if self.random.random() < 0.01 else text


# The model.


class Model:
    """A schedule of five standard fields, as crontab(5) describes it."""

    def __init__(self, text, last_weekday=7):
        self.words = text.lower().split()
        self.last_weekday = last_weekday
        self.sets = [self.numbers(i, word) for i, word in enumerate(self.words)]
        self.sets[4] = {day % 7 for day in self.sets[4]}

    def numbers(self, field, word):
        low, high = BOUNDS[field]
        found = set()
        for item in word.split(","):
            span, slash, step = item.partition("/")
            first, dash, last = span.partition("-")
            if span in ("*", "?"):
                begin, end = low, high
            else:
                begin = int(NAMES[field].get(first, first))
                until = self.last_weekday if field == 4 else high
                end = int(NAMES[field].get(last, last)) if dash else until if slash else begin
                if field == 4 and end == 0 and begin > 0:
                    end = 7
            found.update(range(begin, end + 1, int(step or 1)))
        return found

    def either_by_cronie(self):
        return self.words[2][0] not in "*?" and self.words[4][0] not in "*?"

    def either_by_croniter(self):
        """croniter takes a field as unrestricted if it has a bare '*' or leaves nothing out; a
        later one the latter only where the other field has a '*' somewhere."""
        return not any(
            {"*", "?"} & set(self.words[i].split(","))
            or len(self.sets[i]) == size and (FULL_IS_STAR or "*" in self.words[other])
            for i, size, other in ((2, 31, 4), (4, 7, 2)))

    def day_fits(self, day, either):
        fits = [day.day in self.sets[2], day.isoweekday() % 7 in self.sets[4]]
        return any(fits) if either else all(fits)

    def days(self, start, either):
        year, month, first = start.year, start.month, start.day
        latest = year
        while year <= latest + 41:
            if month in self.sets[3]:
                for number in range(first, calendar.monthrange(year, month)[1] + 1):
                    day = datetime.date(year, month, number)
                    if self.day_fits(day, either):
                        latest = year
                        yield day
            first = 1
            month += 1
            if month == 13:
                year, month = year + 1, 1

    def runs(self, after, either, count=RUNS):
        found = []
        times = [h * 3600 + m * 60 for h in sorted(self.sets[1]) for m in sorted(self.sets[0])]
        start = EPOCH + datetime.timedelta(days=after // 86400)
        for day in self.days(start, either):
            midnight = (day - EPOCH).days * 86400
            for time in times:
                if midnight + time > after:
                    found.append(midnight + time)
                if len(found) == count:
                    return found
        return found

    def day_exists(self):
        return any(day <= calendar.monthrange(2000, month)[1]
                   for day in self.sets[2] for month in self.sets[3])


def date_of(run):
    return EPOCH + datetime.timedelta(days=run // 86400)


# Classes of disagreement. Each is a question about one case; the first that says yes explains it.


Case = collections.namedtuple("Case", "text kind ours valid runs error after")


def is_opaque(case):
    return case.kind == "opaque"


def is_question_mark(case):
    return case.kind == "alias" and not case.valid and "?" in case.text.split()


def is_spaced_nickname(case):
    return case.kind == "alias" and not case.valid and case.text != case.text.strip()


def is_foreign_nickname(case):
    return case.kind == "alias" and not case.valid and case.text.strip().startswith("@every_")


def is_loose_weekday(case):
    """croniter's pattern for mon#2 and l5 is not anchored: it leaves what follows unread."""
    weekdays = case.text.lower().split()[4:5]
    return case.kind == "invalid" and case.valid and any(
        re.match(r"\w+#\d+.|l\d+.", item) for word in weekdays for item in word.split(","))


def is_long_sunday(case):
    """In fri-0 croniter takes a last 0 for Sunday, but not 00."""
    return case.kind == "alias" and not case.valid and re.search(r"-00+(/|,|$)", case.text)


def is_star_rule(case):
    """cronie looks at the first character of a day field, croniter at whether it leaves a day out;
    so its answer must be the one that its own rule gives."""
    model = Model(case.text)
    if model.either_by_cronie() == model.either_by_croniter():
        return False
    return agrees(model, case, model.either_by_croniter())


def is_impossible_day(case):
    """Where either day field is enough, croniter gives up if the month never has the day."""
    model = Model(case.text)
    return model.either_by_croniter() and not model.day_exists() and case.error and bool(case.ours)


def is_month_end(case):
    """From a month too short for the day it looks for, croniter counts on into the next one, and
    steps over runs in that one's first three days."""
    model = Model(case.text)
    return agrees_but_month_starts(model, case, model.either_by_croniter())


def is_last_in_range(case):
    """In a range with a step croniter reads the L of the day of month as a number."""
    days = case.text.lower().split()[2:3]
    return case.kind == "invalid" and case.valid and any(re.search(r"\d-l/|l-\d+/", day) for day in days)


def ranges(words):
    """The two ends of each range of a field; "5/2" is a range up to the last value."""
    for field, item in ((field, item) for field, word in enumerate(words) for item in word.split(",")):
        span, slash, _ = item.partition("/")
        low, dash, high = span.partition("-")
        names = NAMES[field] if field < 5 else {}
        ends = [names.get(end, end) for end in (low, high if dash else (*BOUNDS, (0, 59))[field][1])]
        if (dash or slash) and all(str(end).isdigit() for end in ends):
            yield int(ends[0]), int(ends[1])


def is_backwards(case):
    """croniter lets a range go round from 2.0 on. What we offer instead is tested by itself."""
    return case.kind == "invalid" and case.valid and any(
        low > high for low, high in ranges(case.text.lower().split()[:6]))


def is_day_zero(case):
    """Where there are six fields, croniter does not refuse 0 as a day of the month."""
    words = case.text.lower().split()
    return case.kind == "invalid" and case.valid and len(words) == 6 and any(
        re.match(r"0+(?!\d)", item) for item in words[2].split(","))


def is_turned_workday(case):
    """croniter reads W15 as 15W from 2.0 on; no cron's manual has it."""
    days = case.text.lower().split()[2:3]
    return case.kind == "invalid" and case.valid and any(
        re.fullmatch(r"w\d+", item) for day in days for item in day.split(","))


def is_lone_range(case):
    return LONE_IS_ALL and any(low == high or (low, high) in ((6, 7), (6, 0), (7, 0))
                               for low, high in ranges(case.text.lower().split()))


def is_saturday(case):
    """Its answer must be the one that its own rule gives."""
    model = Model(case.text, last_weekday=6)
    return STEP_TO_SATURDAY and any(agrees(model, case, either) for either in (
        model.either_by_croniter(), model.either_by_cronie()))


VALIDITY = (
    ("only the server can read the extension, so we do not judge it", is_opaque),
    ("'?' is read as '*'; this croniter refuses it", is_question_mark),
    ("a blank around a nickname is nothing to us", is_spaced_nickname),
    ("FreeBSD's @every_minute is unknown to croniter", is_foreign_nickname),
    ("a range up to Sunday may not be written fri-00 for croniter", is_long_sunday),
    ("croniter does not look at what follows mon#2", is_loose_weekday),
    ("croniter reads L within a range that has a step", is_last_in_range),
    ("a range that runs backwards goes round for croniter", is_backwards),
    ("croniter reads W15 as 15W", is_turned_workday),
    ("croniter takes 0 for a day of the month where there are six fields", is_day_zero),
)
RUN_CLASSES = (
    ("this croniter takes a range of one value for the whole field", is_lone_range),
    ("this croniter ends the steps from a weekday at Saturday", is_saturday),
    ("day fields: cronie's leading '*' against croniter's full set", is_star_rule),
    ("croniter gives up on a day that the month never has", is_impossible_day),
    ("croniter steps over the first days of a month", is_month_end),
)


def agrees(model, case, either):
    expected = model.runs(case.after, either)
    if case.runs == expected and not case.error:
        return True
    if case.error and (not expected or (either and not model.day_exists())):
        return True
    return agrees_but_month_starts(model, case, either)


def agrees_but_month_starts(model, case, either):
    """What croniter found all fits, and what it missed lies in the first days of a month that
    follows one without all of the days asked for."""
    if not case.runs or max(model.sets[2]) <= 28:
        return False
    length = RUNS
    while True:
        expected = model.runs(case.after, either, length)
        if len(expected) < length or expected[-1] >= case.runs[-1]:
            break
        length *= 2
    expected = [run for run in expected if run <= case.runs[-1]]
    if not set(case.runs) <= set(expected):
        return False
    return all(date_of(run).day <= 3 and follows_short(model, date_of(run))
               for run in set(expected) - set(case.runs))


def follows_short(model, day):
    before = day.replace(day=1) - datetime.timedelta(days=1)
    return max(model.sets[2]) > before.day


# The comparison.


def ask_croniter(text, after):
    """Valid or not, the runs, and whether it gave up before the last of them."""
    try:
        schedule = croniter(text, after)
    except (CroniterBadCronError, NameError):  # croniter trips over its own re-raising at times
        return False, [], False
    runs = []
    try:
        for _ in range(RUNS):
            runs.append(int(schedule.get_next(float)))
    except CroniterBadDateError:
        return True, runs, True
    return True, runs, False


def ask_driver(driver, texts, after):
    done = subprocess.run([driver, str(after), str(RUNS)], input="\n".join(texts) + "\n", text=True,
                          stdout=subprocess.PIPE, check=True)
    answers = [line.split(" ") for line in done.stdout.splitlines()]
    assert len(answers) == len(texts)
    return [(answer[0], [] if answer[0] == "invalid" else [int(run) for run in answer[1:]])
            for answer in answers]


class Comparison:
    def __init__(self):
        self.explained = collections.Counter()
        self.unexplained = {"validity": [], "runs": [], "model": []}
        self.both = self.neither = self.one = 0

    def explain(self, case, classes, where):
        for name, belongs in classes:
            if belongs(case):
                self.explained[name] += 1
                return
        self.unexplained[where].append(case)

    def add(self, case):
        if case.kind == "opaque":
            self.explain(case, VALIDITY, "validity")
        elif (case.kind != "invalid") != case.valid:
            self.one += 1
            self.explain(case, VALIDITY, "validity")
        elif case.valid:
            self.both += 1
            self.compare_runs(case)
        else:
            self.neither += 1

    def compare_runs(self, case):
        if case.text.startswith("@"):
            if case.ours != case.runs:
                self.unexplained["runs"].append(case)
            return
        model = Model(case.text)
        if case.ours != model.runs(case.after, model.either_by_cronie()):
            self.unexplained["model"].append(case)
        if case.ours != case.runs or case.error != (len(case.ours) < RUNS):
            self.explain(case, RUN_CLASSES, "runs")


def compare(driver, count, seed):
    generator = Generator(seed)
    comparison = Comparison()
    while count > 0:
        texts = [generator.expression() for _ in range(min(count, 500))]
        after = generator.random.randrange(0, 4102444800)
        for text, (kind, ours) in zip(texts, ask_driver(driver, texts, after)):
            theirs = (False, [], False) if kind == "opaque" else ask_croniter(text, after)
            comparison.add(Case(text, kind, ours, *theirs, after))
        count -= len(texts)
    return comparison


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = False

    def say(self, good, name):
        self.number += 1
        self.failed |= not good
        print("%s %d - %s" % ("ok" if good else "not ok", self.number, name))


def report(comparison, count):
    tap = Tap()
    names = {
        "validity": "%d expressions are valid or not, as croniter has it, or explained" % count,
        "runs": "the next %d runs of %d agree with croniter, or are explained"
        % (RUNS, comparison.both),
        "model": "the next %d runs of %d agree with the model" % (RUNS, comparison.both),
    }
    print("# both accept %d, both refuse %d, one accepts %d"
          % (comparison.both, comparison.neither, comparison.one))
    for name, _ in VALIDITY + RUN_CLASSES:
        print("# explained %6d: %s" % (comparison.explained[name], name))
    for where, name in names.items():
        cases = comparison.unexplained[where]
        tap.say(not cases, name)
        for case in cases[:10]:
            print("# %r" % (case,))
    tap.say(comparison.both > count // 2, "most of them were valid, so that this was a test")
    print("1..%d" % tap.number)
    return 1 if tap.failed else 0


def main():
    parser = argparse.ArgumentParser(description="compare cron.c with croniter")
    parser.add_argument("--driver", default=os.environ.get("CRON_DRIVER", "tests/unit/cron/cron_driver"))
    parser.add_argument("--count", type=int, default=int(os.environ.get("CRON_ORACLE_COUNT", 5000)))
    parser.add_argument("--seed", type=int,
                        default=int(os.environ.get("CRON_ORACLE_SEED", random.getrandbits(32))))
    options = parser.parse_args()
    print("# seed %d" % options.seed, flush=True)
    return report(compare(options.driver, options.count, options.seed), options.count)


if __name__ == "__main__":
    sys.exit(main())
