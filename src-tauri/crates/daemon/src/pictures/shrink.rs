//! Makes an image smaller by averaging what falls on each pixel, row by row, so that a large one is never there as a whole.
//! Must not know where the rows come from.

/// An image that is being made smaller. Sums are of whole numbers: nothing is rounded before the end.
pub(super) struct Shrinking {
    from: (usize, usize),
    to: (usize, usize),
    next_row: usize,
    /// For each pixel red, green and blue times opacity, and opacity, each times the area that it covers.
    sums: Vec<[u64; 4]>,
}

/// An image of red, green, blue and opacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Small {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
}

impl Shrinking {
    /// Of an image of this width and height, to fit a square; one that fits keeps its size. None of an image without
    /// pixels.
    pub(super) fn new(from: (usize, usize), square: usize) -> Option<Self> {
        let longest = from.0.max(from.1);
        let side = |side: usize| if longest <= square { side } else { (side * square / longest).max(1) };
        let to = (side(from.0), side(from.1));
        (to.0 > 0 && to.1 > 0).then(|| Self { from, to, next_row: 0, sums: vec![[0; 4]; to.0 * to.1] })
    }

    /// The next row from the top; one too many, or a pixel too many, is left out.
    pub(super) fn add(&mut self, row: impl Iterator<Item = [u8; 4]>) {
        if self.next_row == self.from.1 {
            return;
        }
        let (width, mut sums) = (self.to.0, std::mem::take(&mut self.sums));
        for (at, pixel) in row.take(self.from.0).enumerate() {
            for (y, high) in shares(self.next_row, self.from.1, self.to.1) {
                for (x, wide) in shares(at, self.from.0, width) {
                    add_pixel(&mut sums[y * width + x], pixel, high * wide);
                }
            }
        }
        self.sums = sums;
        self.next_row += 1;
    }

    /// What has come of it. Rows that never came are clear.
    pub(super) fn end(self) -> Small {
        let area = (self.from.0 * self.from.1) as u64;
        let pixels = self.sums.iter().flat_map(|sum| average(*sum, area)).collect();
        Small { width: self.to.0, height: self.to.1, pixels }
    }
}

/// The places that one of `from` falls on when there are only `to`, and how much of it on each. Both sides are measured in
/// parts of which one of `from` has `to` and one of `to` has `from`.
fn shares(at: usize, from: usize, to: usize) -> impl Iterator<Item = (usize, u64)> {
    let (start, end) = (at * to, (at + 1) * to);
    let share = move |place: usize| end.min((place + 1) * from) - start.max(place * from);
    (start / from..=(end - 1) / from).map(move |place| (place, share(place) as u64))
}

fn add_pixel(sum: &mut [u64; 4], [red, green, blue, opacity]: [u8; 4], area: u64) {
    let weight = u64::from(opacity) * area;
    for (sum, colour) in sum.iter_mut().zip([red, green, blue]) {
        *sum += u64::from(colour) * weight;
    }
    sum[3] += weight;
}

fn average([red, green, blue, weight]: [u64; 4], area: u64) -> [u8; 4] {
    let rounded =
        |sum: u64, of: u64| (sum + of / 2).checked_div(of).map_or(0, |it| u8::try_from(it).unwrap_or(u8::MAX));
    [rounded(red, weight), rounded(green, weight), rounded(blue, weight), rounded(weight, area)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const CLEAR: [u8; 4] = [9, 9, 9, 0];

    fn shrunk(rows: &[Vec<[u8; 4]>], square: usize) -> (usize, usize, Vec<[u8; 4]>) {
        let mut shrinking = Shrinking::new((rows[0].len(), rows.len()), square).unwrap();
        for row in rows {
            shrinking.add(row.iter().copied());
        }
        let small = shrinking.end();
        let pixels = small.pixels.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]]).collect();
        (small.width, small.height, pixels)
    }

    #[test]
    fn one_that_fits_is_kept_as_it_is() {
        let rows = [vec![RED, BLUE, CLEAR], vec![[1, 2, 3, 4], BLUE, RED]];
        let (width, height, pixels) = shrunk(&rows, 3);
        assert_eq!((width, height), (3, 2));
        assert_eq!(pixels, [RED, BLUE, [0, 0, 0, 0], [1, 2, 3, 4], BLUE, RED]);
    }

    #[test]
    fn what_falls_on_one_pixel_is_averaged_by_area_and_what_is_clear_has_no_colour() {
        assert_eq!(shrunk(&[vec![RED, BLUE], vec![RED, BLUE]], 1), (1, 1, vec![[128, 0, 128, 255]]));
        assert_eq!(shrunk(&[vec![RED, CLEAR]], 1), (1, 1, vec![[255, 0, 0, 128]]));
        let three_on_two = shrunk(&[vec![RED, BLUE, RED], vec![RED, BLUE, RED], vec![RED, BLUE, RED]], 2);
        assert_eq!(three_on_two, (2, 2, vec![[170, 0, 85, 255]; 4]));
    }

    #[test]
    fn sides_keep_their_ratio_and_none_vanishes() {
        let of = |width, height| Shrinking::new((width, height), 64).map(|shrinking| shrinking.to);
        assert_eq!(of(128, 64), Some((64, 32)));
        assert_eq!(of(100, 4_000), Some((1, 64)));
        assert_eq!(of(4_096, 1), Some((64, 1)));
        assert_eq!(of(0, 5), None);
    }

    #[test]
    fn more_than_was_announced_is_left_out_and_less_is_clear() {
        let mut shrinking = Shrinking::new((1, 2), 4).unwrap();
        shrinking.add([RED, BLUE].into_iter());
        assert_eq!(shrinking.end().pixels, [255, 0, 0, 255, 0, 0, 0, 0]);
        let mut shrinking = Shrinking::new((1, 1), 4).unwrap();
        shrinking.add([RED].into_iter());
        shrinking.add([BLUE].into_iter());
        assert_eq!(shrinking.end().pixels, RED);
    }
}
