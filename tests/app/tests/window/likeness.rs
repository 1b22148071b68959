//! Whether two pictures show the same view. Coarse on purpose: another version of a font moves and reshapes letters, and
//! that is the same view; a panel that is missing, elsewhere or of another colour is not. Must not know what is shown.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The side of a cell in pixels: about a line of text.
const CELL: usize = 20;
/// How far apart the ground of a cell may be, in any channel: a card is ten levels lighter than the paper around it.
const GROUND: u8 = 5;
/// So much ink around a cell is something, such as a word.
const SOMETHING: f64 = 4.0;
/// So many times less is nothing beside it.
const NOTHING: f64 = 4.0;
/// The share of cells that may differ in their ground.
const GROUND_BOUND: f64 = 0.01;
/// The share of cells where something may stand in one picture and nothing in the other: the ends of lines. Measured:
/// 0 for the same font, 0.011 for DejaVu in place of Inter, 0.019 and more without any one panel.
const INK_BOUND: f64 = 0.015;

/// A picture as cells: of each the ground on which something stands, and how much stands there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    width: usize,
    height: usize,
    columns: usize,
    ground: Vec<[u8; 3]>,
    ink: Vec<f64>,
}

/// The shares of cells that differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Difference {
    ground: f64,
    ink: f64,
}

impl Difference {
    /// Whether it is still the same view.
    pub(crate) fn is_small(self) -> bool {
        self.ground <= GROUND_BOUND && self.ink <= INK_BOUND
    }
}

impl Picture {
    /// Reads a PNG.
    pub(crate) fn read(file: &Path) -> Self {
        let png = File::open(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut decoder = png::Decoder::new(BufReader::new(png));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.color_type, png::ColorType::Rgb, "{} has other colours", file.display());
        let pixels: Vec<[u8; 3]> = pixels.chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Self::of(&pixels, info.width as usize)
    }

    fn of(pixels: &[[u8; 3]], width: usize) -> Self {
        let height = pixels.len() / width;
        let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
        let (mut ground, mut ink) = (Vec::new(), Vec::new());
        for cell in 0..columns * rows {
            let (left, top) = (cell % columns * CELL, cell / columns * CELL);
            let lines = pixels.chunks_exact(width).skip(top).take(CELL);
            let cell: Vec<[u8; 3]> = lines.flat_map(|line| line[left..].iter().take(CELL)).copied().collect();
            let on = median(&cell);
            ground.push(on);
            let all: f64 = cell.iter().map(|pixel| f64::from(distance(*pixel, on))).sum();
            ink.push(all / f64::from(u32::try_from(cell.len()).unwrap()));
        }
        Self { width, height, columns, ground, ink }
    }

    /// How unlike another picture it is; nothing if they differ in size.
    pub(crate) fn difference(&self, other: &Self) -> Option<Difference> {
        if (self.width, self.height) != (other.width, other.height) {
            return None;
        }
        let share = |differs: &dyn Fn(usize) -> bool| {
            let count = (0..self.ink.len()).filter(|cell| differs(*cell)).count();
            f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(self.ink.len()).unwrap())
        };
        Some(Difference {
            ground: share(&|cell| distance(self.ground[cell], other.ground[cell]) > GROUND),
            ink: share(&|cell| is_only_in_one(self.ink_around(cell), other.ink_around(cell))),
        })
    }

    /// The mean of a cell and those beside it: letters may move by a cell.
    fn ink_around(&self, cell: usize) -> f64 {
        let (column, row) = (cell % self.columns, cell / self.columns);
        let near = |at: usize, end: usize| at.saturating_sub(1)..(at + 2).min(end);
        let rows = near(row, self.ink.len() / self.columns);
        let around = rows.flat_map(|row| near(column, self.columns).map(move |column| (row, column)));
        let (sum, count) = around
            .fold((0.0, 0.0), |(sum, count), (row, column)| (sum + self.ink[row * self.columns + column], count + 1.0));
        sum / count
    }
}

fn is_only_in_one(one: f64, other: f64) -> bool {
    one.max(other) > SOMETHING && one.max(other) > NOTHING * one.min(other)
}

/// Of each channel the middle value: letters are the fewer pixels of a cell.
fn median(pixels: &[[u8; 3]]) -> [u8; 3] {
    [0, 1, 2].map(|channel| {
        let mut values: Vec<u8> = pixels.iter().map(|pixel| pixel[channel]).collect();
        let middle = values.len() / 2;
        *values.select_nth_unstable(middle).1
    })
}

/// The largest difference of a channel.
fn distance(one: [u8; 3], other: [u8; 3]) -> u8 {
    one.into_iter().zip(other).map(|(one, other)| one.abs_diff(other)).max().unwrap_or_default()
}

#[test]
fn letters_elsewhere_on_the_line_are_alike_and_a_lighter_panel_or_no_letters_are_not() {
    const SIDE: usize = 400;
    let draw = |shift: usize, letters: bool, panel: u8| {
        let pixel = |x: usize, y: usize| {
            let in_panel = (100..300).contains(&x) && (100..300).contains(&y);
            let letter = letters && (110..290).contains(&x) && y % 20 < 8 && (x + shift) % 8 < 3;
            match (in_panel, letter) {
                (true, true) => [24, 38, 46],
                (true, false) => [panel; 3],
                (false, _) => [240; 3],
            }
        };
        let pixels: Vec<_> = (0..SIDE * SIDE).map(|at| pixel(at % SIDE, at / SIDE)).collect();
        Picture::of(&pixels, SIDE)
    };
    let known = draw(0, true, 250);
    let alike = |other: Picture| known.difference(&other).unwrap().is_small();
    assert!(alike(draw(0, true, 250)) && alike(draw(5, true, 250)));
    assert!(!alike(draw(0, true, 240)) && !alike(draw(0, false, 250)));
    assert_eq!(known.difference(&Picture::of(&[[0; 3]; 400], 20)), None);
}
