"""Makes calendar.txt of the Python package `holidays` (MIT), which is kept by many people and released monthly.

    pip install holidays==0.109 && python generate.py > calendar.txt

Format, one line each:
    C <country> <name>             a country begins, ISO 3166-1
    R <code>|<name>                a region of it begins; lines before the first are of the whole country
    D <name>|<rule>[ <rule>...]    a holiday: MMDD@FROM-TO for a date that does not move, YYYYMMDD for one that does
Regions list only what the country does not have, or with a minus what the region does not keep.
"""

import datetime
import sys
import warnings

import holidays

YEARS = range(2020, 2041)
COUNTRIES = {
    "AE": "United Arab Emirates", "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BE": "Belgium",
    "BG": "Bulgaria", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland", "CL": "Chile", "CO": "Colombia",
    "CY": "Cyprus", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "EG": "Egypt",
    "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GR": "Greece", "HK": "Hong Kong",
    "HR": "Croatia", "HU": "Hungary", "IE": "Ireland", "IL": "Israel", "IN": "India", "IS": "Iceland",
    "IT": "Italy", "JP": "Japan", "KR": "South Korea", "LI": "Liechtenstein", "LT": "Lithuania",
    "LU": "Luxembourg", "LV": "Latvia", "MA": "Morocco", "MC": "Monaco", "MT": "Malta", "MU": "Mauritius",
    "MX": "Mexico", "MY": "Malaysia", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "PE": "Peru",
    "PH": "Philippines", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "RS": "Serbia", "SA": "Saudi Arabia",
    "SE": "Sweden", "SG": "Singapore", "SI": "Slovenia", "SK": "Slovakia", "TH": "Thailand", "TN": "Tunisia",
    "TR": "Türkiye", "UA": "Ukraine", "US": "United States", "VN": "Vietnam", "ZA": "South Africa",
}


def calendar(country, region=None):
    for language in ("en_US", "en_GB", "en", None):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return dict(holidays.country_holidays(country, subdiv=region, years=YEARS, language=language))
        except Exception:
            continue
    raise SystemExit(f"no calendar of {country} {region}")


def lines(days, sign=""):
    by_name = {}
    for date, name in days.items():
        if date.year in YEARS:
            name = name.replace("|", "/").replace("\n", " ").strip()
            by_name.setdefault(name, []).append(date)
    for name, dates in sorted(by_name.items(), key=lambda item: (min(d.timetuple().tm_yday for d in item[1]), item[0])):
        fixed = {}
        for date in sorted(dates):
            fixed.setdefault(date.strftime("%m%d"), []).append(date.year)
        rules = []
        for day, years in fixed.items():
            start = years[0]
            for year, following in zip(years, years[1:] + [None]):
                if following != year + 1:
                    if year - start >= 2:
                        rules.append(f"{day}@{start}-{year}")
                    else:
                        rules.extend(f"{one}{day}" for one in range(start, year + 1))
                    start = following
        print(f"{sign or 'D'} {name}|{' '.join(sorted(rules))}")


print(f"# Made by generate.py of holidays {holidays.__version__}, {YEARS[0]} to {YEARS[-1]}; see LICENSE.")
supported = holidays.list_supported_countries(include_aliases=False)
for country, title in sorted(COUNTRIES.items()):
    whole = calendar(country)
    print(f"C {country} {title}")
    lines(whole)
    cls = getattr(holidays, country)
    names = {}
    for name, code in getattr(cls, "subdivisions_aliases", {}).items():
        names[code] = max(names.get(code, ""), name, key=len)
    for region in supported.get(country, []):
        own = calendar(country, region)
        added = {date: name for date, name in own.items() if date not in whole}
        gone = {date: name for date, name in whole.items() if date not in own}
        print(f"R {region}|{names.get(region, region)}")
        lines(added)
        lines(gone, "-")
