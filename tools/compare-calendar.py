"""Compares every start day 2004-2026 and terms of 1-60 days with the package `chinesecalendar`.

Usage: yifa law deadline --table | python3 tools/compare-calendar.py
"""
import datetime, sys
import chinese_calendar

LAST = datetime.date(2026, 12, 31)
DAY = datetime.timedelta(days=1)
works = {}
day = datetime.date(2004, 1, 1)
while day <= LAST:
    works[day] = chinese_calendar.is_workday(day)
    day += DAY


def due(start, unit, amount):
    at = start
    if unit == "w":
        while amount:
            at += DAY
            if at > LAST:
                return "-"
            amount -= works[at]
        return at.isoformat()
    at += DAY * amount
    while at <= LAST and not works[at]:
        at += DAY
    return "-" if at > LAST else at.isoformat()


checked = differing = 0
for line in sys.stdin:
    start, unit, amount, found = line.split()
    wanted = due(datetime.date.fromisoformat(start), unit, int(amount))
    checked += 1
    if wanted != found:
        differing += 1
        if differing <= 10:
            print(f"{start} {unit} {amount}: wanted {wanted}, found {found}")
print(f"{checked} terms compared, {differing} differences")
sys.exit(bool(differing) or checked < 900_000)
