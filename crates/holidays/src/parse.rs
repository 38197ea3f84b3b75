//! The text of the calendars. Its format is described in `data/generate.py`; lines that are not understood are left out,
//! and a test says that there is none.

use jiff::civil::Date;

/// One country.
pub(crate) struct Country<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub holidays: Vec<Holiday<'a>>,
    pub regions: Vec<Region<'a>>,
}

/// A region, as the difference from its country.
pub(crate) struct Region<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub added: Vec<Holiday<'a>>,
    pub gone: Vec<Holiday<'a>>,
}

/// One holiday.
pub(crate) struct Holiday<'a> {
    pub name: &'a str,
    pub rules: Vec<Rule>,
}

/// When it is.
pub(crate) enum Rule {
    /// On one date.
    On(Date),
    /// On the same month and day in each of some years.
    Yearly {
        month: i8,
        day: i8,
        from: i16,
        to: i16,
    },
}

impl Rule {
    /// The date in a year.
    pub fn in_year(&self, year: i16) -> Option<Date> {
        match self {
            Self::On(date) => (date.year() == year).then_some(*date),
            Self::Yearly {
                month,
                day,
                from,
                to,
            } => (*from <= year && year <= *to)
                .then(|| Date::new(year, *month, *day).ok())
                .flatten(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let number = |part: &str| part.parse::<i16>().ok();
        let small = |part: &str| part.parse::<i8>().ok();
        if let Some((day, years)) = text.split_once('@') {
            let (from, to) = years.split_once('-')?;
            return Some(Self::Yearly {
                month: small(day.get(..2)?)?,
                day: small(day.get(2..)?)?,
                from: number(from)?,
                to: number(to)?,
            });
        }
        let date = Date::new(
            number(text.get(..4)?)?,
            small(text.get(4..6)?)?,
            small(text.get(6..)?)?,
        );
        date.ok().map(Self::On)
    }
}

fn holiday(text: &str) -> Option<Holiday<'_>> {
    let (name, rules) = text.split_once('|')?;
    Some(Holiday {
        name,
        rules: rules.split(' ').filter_map(Rule::parse).collect(),
    })
}

/// All countries of a text.
pub(crate) fn calendars(text: &str) -> Vec<Country<'_>> {
    let mut countries: Vec<Country<'_>> = Vec::new();
    for line in text.lines() {
        let Some((kind, rest)) = line.split_once(' ') else {
            continue;
        };
        if kind == "C" {
            if let Some((code, name)) = rest.split_once(' ') {
                countries.push(Country {
                    code,
                    name,
                    holidays: Vec::new(),
                    regions: Vec::new(),
                });
            }
            continue;
        }
        let Some(country) = countries.last_mut() else {
            continue;
        };
        match kind {
            "R" => {
                if let Some((code, name)) = rest.split_once('|') {
                    country.regions.push(Region {
                        code,
                        name,
                        added: Vec::new(),
                        gone: Vec::new(),
                    });
                }
            }
            "D" | "-" => {
                let list = match (country.regions.last_mut(), kind) {
                    (Some(region), "D") => &mut region.added,
                    (Some(region), _) => &mut region.gone,
                    (None, _) => &mut country.holidays,
                };
                list.extend(holiday(rest));
            }
            _ => {}
        }
    }
    countries
}
