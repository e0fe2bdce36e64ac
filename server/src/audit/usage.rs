//! How often each site was used, by way in.

use std::{collections::BTreeMap, path::Path};

use super::{
    entry::{Event, Record},
    verify::{VerifyError, read},
};

#[derive(Default)]
struct Counts {
    logins: u64,
    opened: u64,
    refused: u64,
    exported: u64,
}

/// Month (`YYYY-MM`), site and way in.
type Row = (String, String, String);

/// A CSV table: month, site, way, logins, exams opened, refusals, exports. Nobody is named in it.
///
/// # Errors
/// When the journal is not whole: counts of half a journal would be believed.
pub fn usage(folder: &Path, site: Option<&str>) -> Result<String, VerifyError> {
    let mut rows: BTreeMap<Row, Counts> = BTreeMap::new();
    read(folder, |record| {
        if site.is_none_or(|site| site == record.site) {
            count(&mut rows, record);
        }
        Ok(())
    })?;
    let mut csv = "month,site,way,logins,opened,refused,exported\n".to_owned();
    for ((month, site, way), counts) in rows {
        let Counts { logins, opened, refused, exported } = counts;
        csv.push_str(&format!("{month},{site},{way},{logins},{opened},{refused},{exported}\n"));
    }
    Ok(csv)
}

fn count(rows: &mut BTreeMap<Row, Counts>, record: Record) {
    let month = record.time.get(..7).unwrap_or_default().to_owned();
    // A link that cannot be read was refused before any way in was chosen.
    let way = record.way.unwrap_or_else(|| "link".to_owned());
    let number = |counts: &mut Counts| match record.event {
        Event::Login => counts.logins += 1,
        Event::ExamOpened => counts.opened += 1,
        Event::Refusal => counts.refused += 1,
        Event::Exported => counts.exported += 1,
        _ => {}
    };
    if matches!(record.event, Event::Login | Event::ExamOpened | Event::Refusal | Event::Exported) {
        number(rows.entry((month, record.site, way)).or_default());
    }
}
