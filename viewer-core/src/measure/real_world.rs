use crate::exam::{RealWorldMap, RealWorldMapping};

/// The quantity that a stored value stands for, in the unit of the mapping; `None` outside its range.
#[must_use]
pub fn real_world_value(mapping: &RealWorldMapping, stored: f64) -> Option<f64> {
    let [first, last] = mapping.stored_range;
    if !(first..=last).contains(&stored) {
        return None;
    }
    match &mapping.map {
        RealWorldMap::Linear { slope, intercept } => Some(slope * stored + intercept),
        RealWorldMap::Table(values) => values.get((stored - first).floor() as usize).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(map: RealWorldMap) -> RealWorldMapping {
        RealWorldMapping {
            label: String::new(),
            explanation: String::new(),
            unit_ucum: "Bq/ml".into(),
            unit_meaning: String::new(),
            stored_range: [-2.0, 1.0],
            map,
        }
    }

    #[test]
    fn within_its_range_only() {
        let linear = mapping(RealWorldMap::Linear { slope: 0.5, intercept: 10.0 });
        assert_eq!(real_world_value(&linear, -2.0), Some(9.0));
        assert_eq!(real_world_value(&linear, 1.0), Some(10.5));
        assert_eq!(real_world_value(&linear, 1.5), None);
        let table = mapping(RealWorldMap::Table(vec![5.0, 6.0, 8.0, 11.0]));
        assert_eq!(real_world_value(&table, -2.0), Some(5.0));
        assert_eq!(real_world_value(&table, 1.0), Some(11.0));
        assert_eq!(real_world_value(&table, 2.0), None);
        assert_eq!(real_world_value(&table, f64::NAN), None);
    }
}
