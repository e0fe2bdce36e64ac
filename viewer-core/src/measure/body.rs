//! What uptake is divided by: weight, lean body mass, body surface area.

use crate::exam::{NoSuv, PetAttributes, Suv};

/// Heights outside this range, in m, are in another unit or of no body (mice are measured too).
const HEIGHTS_M: std::ops::RangeInclusive<f64> = 0.05..=2.8;

/// Measures of one body in g, or cm². `None` where what they follow from is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bodies {
    weight_g: Option<f64>,
    lean_james_g: Option<f64>,
    /// With 120 instead of 128 for men: what SUV Type LBM stands for.
    lean_morgan_g: Option<f64>,
    lean_janmahasatian_g: Option<f64>,
    ideal_g: Option<f64>,
    surface_cm2: Option<f64>,
}

impl Bodies {
    /// From Patient's Weight, Size and Sex. Formulas that know men and women only are left out for
    /// anybody else.
    #[must_use]
    pub fn of(image: &PetAttributes) -> Self {
        let weight_kg = image.weight_kg;
        let both = weight_kg.zip(image.height_m.filter(|height| HEIGHTS_M.contains(height)));
        let by_sex = |woman: fn(f64, f64) -> f64, man: fn(f64, f64) -> f64| {
            let (kg, m) = both?;
            let mass_kg = match image.sex? {
                'F' => woman(kg, m),
                'M' => man(kg, m),
                _ => return None,
            };
            Some(mass_kg * 1000.0).filter(|&mass_g| mass_g > 0.0)
        };
        let morgan_woman = |kg: f64, m: f64| 1.07 * kg - 148.0 * (kg / (100.0 * m)).powi(2);
        Self {
            weight_g: weight_kg.map(|kg| kg * 1000.0),
            lean_james_g: by_sex(morgan_woman, |kg, m| {
                1.10 * kg - 128.0 * (kg / (100.0 * m)).powi(2)
            }),
            lean_morgan_g: by_sex(morgan_woman, |kg, m| {
                1.10 * kg - 120.0 * (kg / (100.0 * m)).powi(2)
            }),
            lean_janmahasatian_g: by_sex(
                |kg, m| 9270.0 * kg / (8780.0 + 244.0 * kg / (m * m)),
                |kg, m| 9270.0 * kg / (6680.0 + 216.0 * kg / (m * m)),
            ),
            ideal_g: by_sex(
                |_, m| 45.5 + 0.91 * (100.0 * m - 152.0),
                |_, m| 48.0 + 1.06 * (100.0 * m - 152.0),
            ),
            surface_cm2: both.map(|(kg, m)| 71.84 * kg.powf(0.425) * (100.0 * m).powf(0.725)),
        }
    }

    /// SUV by body weight per SUV of the kind that SUV Type (0054,1006) names.
    ///
    /// # Errors
    /// [`NoSuv::SuvType`] for an unknown kind, [`NoSuv::Body`] where measures are missing.
    pub fn weight_from(&self, suv_type: &str) -> Result<f64, NoSuv> {
        let own = match suv_type {
            "BW" => return Ok(1.0),
            "LBM" => self.lean_morgan_g,
            "LBMJAMES128" => self.lean_james_g,
            "LBMJANMA" => self.lean_janmahasatian_g,
            "IBW" => self.ideal_g,
            "BSA" => self.surface_cm2,
            _ => return Err(NoSuv::SuvType),
        };
        self.weight_g.zip(own).map(|(weight, own)| weight / own).ok_or(NoSuv::Body)
    }

    /// The other kinds of SUV, each per SUV by body weight.
    #[must_use]
    pub fn relative_to_weight(&self) -> Suv {
        let per_weight = |own: Option<f64>| Some(own? / self.weight_g?);
        Suv {
            by_weight: Vec::new(),
            lean_james: per_weight(self.lean_james_g),
            lean_janmahasatian: per_weight(self.lean_janmahasatian_g),
            surface_area: per_weight(self.surface_cm2),
            ideal_weight: per_weight(self.ideal_g),
        }
    }
}
