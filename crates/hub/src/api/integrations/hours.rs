//! `/integrations/{id}/businessHours` and `/holidays`: when a site is open, as set and as its rows show, and the calendars
//! there are.

use super::business_hours::{WeekSpan, week_spans};
use super::existing;
use crate::api::extract::{Id, Params};
use crate::auth::ViewsIntegrations;
use crate::completeness;
use crate::error::{ApiResult, Problem};
use crate::holidays::{Holidays, Origin};
use crate::state::AppState;
use crate::store::{partitions, status};
use axum::Json;
use axum::extract::State;
use floorwire_model::hours::learned::LEAST_DAYS;
use floorwire_model::ids::AcdNumber;
use floorwire_model::time::{local_minute, zone as zone_by_name};
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// Which year's holidays.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HoursQuery {
    /// The year of the holidays; the present one when left out.
    pub year: Option<i16>,
}

/// When a site is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SiteHours {
    /// By number.
    pub acds: Vec<AcdHours>,
    /// The year of the holidays.
    pub year: i16,
    /// Days of that year on which the site is closed, by date.
    pub holidays: Vec<Holiday>,
    /// First year with public holidays.
    pub first_known_year: i16,
    /// Last year with public holidays.
    pub last_known_year: i16,
}

/// When an ACD is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcdHours {
    /// The ACD.
    pub acd: i64,
    /// IANA zone of its clock.
    #[schema(required)]
    pub zone: Option<String>,
    /// What says when it is open.
    pub in_force: HoursInForce,
    /// The hours that are set; null where none are.
    #[schema(required)]
    pub set: Option<Vec<WeekSpan>>,
    /// The hours that its rows show; null while nothing was read.
    #[schema(required)]
    pub learned: Option<LearnedHours>,
}

/// What says when an ACD is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum HoursInForce {
    /// Hours that are set.
    Set,
    /// Its rows, wherever they are clear.
    Learned,
    /// Nothing: absent rows stay unknown.
    Nothing,
}

/// Hours that rows show, with the evidence.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LearnedHours {
    /// When nine of ten days had rows.
    pub open: Vec<WeekSpan>,
    /// When some days had rows and others had none, or too few days were seen. At all other times none had any.
    pub unclear: Vec<WeekSpan>,
    /// So many days of each weekday were seen at least.
    pub weeks: u16,
    /// So many are needed before anything follows from them.
    pub weeks_needed: u16,
    /// First local day looked at, `YYYY-MM-DD`.
    pub from: String,
    /// Last local day looked at, `YYYY-MM-DD`.
    pub to: String,
    /// Every quarter of an hour of the week is clearly open or closed.
    pub unambiguous: bool,
}

/// A day on which the site is closed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holiday {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Its English name, or what somebody called it.
    pub name: String,
    /// Somebody added it; the calendar of the country does not have it.
    pub added: bool,
}

/// When the ACDs are open, as set and as their rows show, and the holidays of a year.
#[utoipa::path(get, path = "/integrations/{id}/businessHours", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), HoursQuery),
    responses((status = 200, body = SiteHours)))]
pub async fn get_business_hours(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(query): Params<HoursQuery>,
) -> ApiResult<Json<SiteHours>> {
    let integration = existing(&state, &principal, id).await?;
    let business = &integration.configuration.business_hours;
    let account = principal.account;
    let now = state.clock.now_utc_s();
    let stored = partitions::acds(&state.store, account, integration.id).await?;
    let known = status::get(&state.store, account, integration.id).await?;
    let found = known.and_then(|known| known.capabilities);
    let mut numbers: BTreeSet<AcdNumber> = stored.into_iter().collect();
    numbers.extend(business.acds.keys().copied().map(AcdNumber));
    let tables = found.iter().flat_map(|found| &found.tables);
    numbers.extend(
        tables
            .flat_map(|table| &table.acds)
            .map(|acd| AcdNumber(acd.acd)),
    );
    let mut acds = Vec::new();
    let mut year = query.year;
    for acd in numbers {
        let zone_name = integration.configuration.zone_of(acd);
        let zone = zone_name.and_then(zone_by_name).unwrap_or(TimeZone::UTC);
        let today = local_minute(now, &zone).map(|local| local.date());
        let today = today.ok_or_else(|| Problem::internal("the present is out of range"))?;
        year = year.or(Some(today.year()));
        let learned = completeness::proposal(&state, account, &integration, acd, today).await?;
        let set = business.acds.get(&acd.0).map(week_spans);
        acds.push(AcdHours {
            acd: i64::from(acd.0),
            zone: zone_name.map(str::to_owned),
            in_force: match (&set, business.use_learned, &learned) {
                (Some(_), ..) => HoursInForce::Set,
                (None, true, Some((hours, ..))) if hours.weeks >= LEAST_DAYS => {
                    HoursInForce::Learned
                }
                _ => HoursInForce::Nothing,
            },
            set,
            learned: learned.map(|(hours, from, to)| LearnedHours {
                open: week_spans(&hours.open),
                unclear: week_spans(&hours.unclear),
                weeks: hours.weeks,
                weeks_needed: LEAST_DAYS,
                from: from.to_string(),
                to: to.to_string(),
                unambiguous: hours.is_unambiguous(),
            }),
        });
    }
    let year = year.unwrap_or_else(|| {
        local_minute(now, &TimeZone::UTC).map_or(*floorwire_holidays::YEARS.start(), |local| {
            local.date().year()
        })
    });
    if !(1970..=2100).contains(&year) {
        return Err(Problem::invalid(
            "invalid-year",
            "`year` is not between 1970 and 2100",
        ));
    }
    let (first, last) = (date(year, 1, 1), date(year, 12, 31));
    let holidays = Holidays::of(&business.holidays, first, last);
    let holidays = holidays.iter().filter(|(date, ..)| date.year() == year);
    Ok(Json(SiteHours {
        acds,
        year,
        holidays: holidays
            .map(|(date, name, origin)| Holiday {
                date: date.to_string(),
                name: name.to_owned(),
                added: origin == Origin::Added,
            })
            .collect(),
        first_known_year: *floorwire_holidays::YEARS.start(),
        last_known_year: *floorwire_holidays::YEARS.end(),
    }))
}

/// A country with a calendar of public holidays.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HolidayCountry {
    /// ISO 3166-1.
    pub code: String,
    /// English name.
    pub name: String,
    /// Its regions.
    pub regions: Vec<HolidayRegion>,
}

/// A region of a country.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HolidayRegion {
    /// ISO 3166-2 without the country, or a name.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// The countries and regions with calendars.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HolidayCountries {
    /// By code.
    pub countries: Vec<HolidayCountry>,
}

/// The countries and regions whose public holidays are known.
#[utoipa::path(get, path = "/holidays/countries", tag = "integrations",
    responses((status = 200, body = HolidayCountries)))]
pub async fn get_holiday_countries(_: ViewsIntegrations) -> Json<HolidayCountries> {
    let countries = floorwire_holidays::countries().into_iter();
    let country = |country: floorwire_holidays::Country| HolidayCountry {
        code: country.code.to_owned(),
        name: country.name.to_owned(),
        regions: country
            .regions
            .iter()
            .map(|region| HolidayRegion {
                code: region.code.to_owned(),
                name: region.name.to_owned(),
            })
            .collect(),
    };
    Json(HolidayCountries {
        countries: countries.map(country).collect(),
    })
}
