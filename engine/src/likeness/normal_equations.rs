//! The linear step of a least-squares fit: symmetric equations by Cholesky's method. Worker threads; pure.
//!
//! A hundred unknowns once a second: no reason for a linear-algebra library.

/// Sums of products of a fit's derivatives, and its gradient.
pub(super) struct NormalEquations {
    /// `[unknowns, unknowns]`, row-major, symmetric.
    matrix: Vec<f64>,
    gradient: Vec<f64>,
}

impl NormalEquations {
    /// Of derivatives `[unknowns][residuals]` and the residuals; `pull` is the weight that holds each unknown at 0, squared,
    /// `at` where they are now.
    pub(super) fn new(
        derivatives: &[Vec<f32>],
        residuals: &[f32],
        pull: &[f64],
        at: &[f64],
    ) -> Self {
        let count = derivatives.len();
        let mut matrix = vec![0.0; count * count];
        for row in 0..count {
            for column in 0..=row {
                let sum = dot(&derivatives[row], &derivatives[column]);
                matrix[row * count + column] = sum;
                matrix[column * count + row] = sum;
            }
            matrix[row * count + row] += pull[row];
        }
        let pulled = pull.iter().zip(at).map(|(pull, at)| pull * at);
        let gradient = derivatives
            .iter()
            .zip(pulled)
            .map(|(derivative, pulled)| dot(derivative, residuals) + pulled)
            .collect();
        Self { matrix, gradient }
    }

    /// The step that would end at the least sum of squares if all were linear, shortened by `damping` (Marquardt 1963:
    /// the diagonal grows by that share of itself). `None` when rounding leaves no answer.
    pub(super) fn step(&self, damping: f64) -> Option<Vec<f64>> {
        let count = self.gradient.len();
        let mut lower = self.matrix.clone();
        for index in 0..count {
            lower[index * (count + 1)] *= 1.0 + damping;
        }
        for row in 0..count {
            for column in 0..=row {
                let known: f64 = (0..column)
                    .map(|k| lower[row * count + k] * lower[column * count + k])
                    .sum();
                let rest = lower[row * count + column] - known;
                lower[row * count + column] = if row == column {
                    (rest > 0.0).then(|| rest.sqrt())?
                } else {
                    rest / lower[column * (count + 1)]
                };
            }
        }
        let mut step: Vec<f64> = self.gradient.iter().map(|slope| -slope).collect();
        for row in 0..count {
            let known: f64 = (0..row).map(|k| lower[row * count + k] * step[k]).sum();
            step[row] = (step[row] - known) / lower[row * (count + 1)];
        }
        for row in (0..count).rev() {
            let known: f64 = (row + 1..count)
                .map(|k| lower[k * count + row] * step[k])
                .sum();
            step[row] = (step[row] - known) / lower[row * (count + 1)];
        }
        step.iter().all(|number| number.is_finite()).then_some(step)
    }
}

/// Eight sums side by side, so that the compiler may use them all at once.
fn dot(one: &[f32], other: &[f32]) -> f64 {
    let mut sums = [0.0f32; 8];
    let mut total = 0.0;
    // Blocks keep single precision from losing what it adds.
    for (one, other) in one.chunks(1_024).zip(other.chunks(1_024)) {
        for (one, other) in one.chunks_exact(8).zip(other.chunks_exact(8)) {
            for (sum, (one, other)) in sums.iter_mut().zip(one.iter().zip(other)) {
                *sum += one * other;
            }
        }
        let rest = one.len() / 8 * 8;
        let tail: f32 = one[rest..]
            .iter()
            .zip(&other[rest..])
            .map(|(a, b)| a * b)
            .sum();
        total += f64::from(sums.iter().sum::<f32>() + tail);
        sums = [0.0; 8];
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_points_has_the_slope_and_start_of_the_textbook() {
        // y = 3 + 2 x measured from (0, 0): residuals are minus y, derivatives 1 and x.
        let xs = [0.0f32, 1.0, 2.0, 5.0];
        let residuals: Vec<f32> = xs.iter().map(|x| -(3.0 + 2.0 * x)).collect();
        let derivatives = vec![vec![1.0; 4], xs.to_vec()];
        let equations = NormalEquations::new(&derivatives, &residuals, &[0.0; 2], &[0.0; 2]);
        let step = equations.step(0.0).unwrap();
        assert!((step[0] - 3.0).abs() < 1e-9 && (step[1] - 2.0).abs() < 1e-9);
        let damped = equations.step(1.0).unwrap();
        assert!(damped[0].hypot(damped[1]) < step[0].hypot(step[1]));
    }

    #[test]
    fn equations_without_an_answer_give_none() {
        let derivatives = vec![vec![0.0; 3], vec![1.0; 3]];
        let equations = NormalEquations::new(&derivatives, &[1.0; 3], &[0.0; 2], &[0.0; 2]);
        assert!(equations.step(0.1).is_none());
    }
}
