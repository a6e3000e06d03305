//! Arrays by name, as they go into a network and come out of it. Any thread; runs nothing.

use crate::error::{Error, Result};

/// Whole numbers beyond this are not exact in double precision.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// An array with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Of the input or output.
    pub name: String,
    /// Sizes; their product is the count of numbers.
    pub shape: Vec<usize>,
    /// Row-major.
    pub numbers: Numbers,
}

/// The numbers of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
    /// Whole numbers of 32 bits.
    I32(Vec<i32>),
    /// Whole numbers of 64 bits.
    I64(Vec<i64>),
    /// Yes and no.
    Bool(Vec<bool>),
}

/// The type of an array's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Whole numbers of 32 bits.
    I32,
    /// Whole numbers of 64 bits.
    I64,
    /// Yes and no.
    Bool,
}

impl Element {
    const ALL: [Self; 5] = [Self::F32, Self::F64, Self::I32, Self::I64, Self::Bool];

    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Bool => "bool",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.name() == name)
    }
}

impl Numbers {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(list) => list.len(),
            Self::F64(list) => list.len(),
            Self::I32(list) => list.len(),
            Self::I64(list) => list.len(),
            Self::Bool(list) => list.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their type.
    pub fn element(&self) -> Element {
        match self {
            Self::F32(_) => Element::F32,
            Self::F64(_) => Element::F64,
            Self::I32(_) => Element::I32,
            Self::I64(_) => Element::I64,
            Self::Bool(_) => Element::Bool,
        }
    }

    /// In double precision; yes is 1.
    pub fn to_f64(&self) -> Vec<f64> {
        match self {
            Self::F32(list) => list.iter().map(|&number| f64::from(number)).collect(),
            Self::F64(list) => list.clone(),
            Self::I32(list) => list.iter().map(|&number| f64::from(number)).collect(),
            Self::I64(list) => list.iter().map(|&number| number as f64).collect(),
            Self::Bool(list) => list.iter().map(|&yes| f64::from(u8::from(yes))).collect(),
        }
    }

    /// Part of the list.
    pub(crate) fn slice(&self, range: std::ops::Range<usize>) -> Self {
        match self {
            Self::F32(list) => Self::F32(list[range].to_vec()),
            Self::F64(list) => Self::F64(list[range].to_vec()),
            Self::I32(list) => Self::I32(list[range].to_vec()),
            Self::I64(list) => Self::I64(list[range].to_vec()),
            Self::Bool(list) => Self::Bool(list[range].to_vec()),
        }
    }

    /// More numbers of the same type behind these; others are left out.
    pub(crate) fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::F32(list), Self::F32(more)) => list.extend(more),
            (Self::F64(list), Self::F64(more)) => list.extend(more),
            (Self::I32(list), Self::I32(more)) => list.extend(more),
            (Self::I64(list), Self::I64(more)) => list.extend(more),
            (Self::Bool(list), Self::Bool(more)) => list.extend(more),
            _ => {}
        }
    }
}

impl Tensor {
    /// The same numbers in another type.
    ///
    /// # Errors
    /// [`Error::Array`] for a number that is not finite or that the other type does not have.
    pub fn converted(self, element: Element) -> Result<Self> {
        let wrong = |index: usize, value: f64, wanted: &str| Error::Array {
            name: self.name.clone(),
            reason: format!("holds {value} at index {index}, the network wants {wanted}"),
        };
        let values = self.numbers.to_f64();
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(wrong(index, values[index], "finite numbers"));
        }
        let whole = |low: f64, high: f64| {
            let fits = |value: &f64| value.fract() == 0.0 && (low..=high).contains(value);
            match values.iter().position(|value| !fits(value)) {
                Some(index) => Err(wrong(
                    index,
                    values[index],
                    &format!("whole numbers from {low} to {high}"),
                )),
                None => Ok(()),
            }
        };
        let numbers = match element {
            Element::F32 => {
                let singles: Vec<f32> = values.iter().map(|&value| value as f32).collect();
                if let Some(index) = singles.iter().position(|value| !value.is_finite()) {
                    return Err(wrong(index, values[index], "numbers of single precision"));
                }
                Numbers::F32(singles)
            }
            Element::F64 => Numbers::F64(values),
            Element::I32 => {
                whole(f64::from(i32::MIN), f64::from(i32::MAX))?;
                Numbers::I32(values.iter().map(|&value| value as i32).collect())
            }
            Element::I64 => {
                whole(-LARGEST_EXACT, LARGEST_EXACT)?;
                Numbers::I64(values.iter().map(|&value| value as i64).collect())
            }
            Element::Bool => {
                whole(0.0, 1.0)?;
                Numbers::Bool(values.iter().map(|&value| value > 0.5).collect())
            }
        };
        Ok(Self { numbers, ..self })
    }
}
