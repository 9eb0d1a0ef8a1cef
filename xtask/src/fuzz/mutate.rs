//! Mutations of a corpus, a function of seed and round alone.

/// Longest input that is made, in bytes: enough for deep nesting, little enough for thousands of rounds.
const INPUT_BYTES_MAX: usize = 64 << 10;

/// Pieces that are put in: what parsers stumble over, in text and in CBOR.
const PIECES: &[&[u8]] = &[
    b"(",
    b")",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"\"",
    b"#",
    b"##",
    b"\n",
    b"\r",
    b",",
    b".",
    b"->",
    b"=>",
    b"==",
    b"-",
    b"?",
    b"...",
    b" when ",
    b" if ",
    b" then ",
    b" else ",
    b" not ",
    b" IF ",
    b" return ",
    b" let ",
    b" transaction ",
    b" actor ",
    b" state ",
    b" on ",
    b" auto ",
    b" timeout(",
    b" imports ",
    b" uses ",
    b" record ",
    b"18446744073709551616",
    b"0.1",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\xC3",
    "é".as_bytes(),
    "\u{202E}".as_bytes(),
    b"\0",
    b"\x18\x00",
    b"\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"\x9F",
    b"\xBF",
    b"\x5F",
    b"\x7F",
    b"\xFB",
    b"\xF6",
    b"\xA0",
    b"\x80",
    b"\xC0",
    b"\x9B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"\x81",
];

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to choose mutations.
pub struct Random(u64);

impl Random {
    /// A generator for one round.
    pub fn new(seed: u64, round: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ round.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next().checked_rem(n as u64).unwrap_or(0)).unwrap_or(0)
    }
}

/// One input: a member of the corpus with one to eight mutations.
pub fn mutate(corpus: &[Vec<u8>], seed: u64, round: u64) -> Vec<u8> {
    let mut random = Random::new(seed, round);
    let mut input = pick(corpus, &mut random);
    for _ in 0..=random.below(8) {
        let at = random.below(input.len().saturating_add(1));
        let end = at.saturating_add(random.below(64)).min(input.len());
        match random.below(8) {
            0 => input.truncate(at),
            1 => {
                input.drain(at..end);
            }
            2 => {
                let piece = PIECES.get(random.below(PIECES.len())).copied().unwrap_or_default();
                input.splice(at..at, piece.iter().copied());
            }
            // Deep nesting, and long runs of one thing.
            3 => {
                let piece = PIECES.get(random.below(PIECES.len())).copied().unwrap_or_default();
                let run = piece.repeat(random.below(2_000));
                input.splice(at..at, run);
            }
            4 => {
                let copy = input.get(at..end).unwrap_or_default().to_vec();
                let to = random.below(input.len().saturating_add(1));
                input.splice(to..to, copy);
            }
            5 => {
                let bit = 1_u8 << random.below(8);
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= bit;
                }
            }
            6 => {
                let value = u8::try_from(random.below(256)).unwrap_or(0);
                if let Some(byte) = input.get_mut(at) {
                    *byte = value;
                }
            }
            _ => {
                let other = pick(corpus, &mut random);
                let from = random.below(other.len().saturating_add(1));
                input.truncate(at);
                input.extend_from_slice(other.get(from..).unwrap_or_default());
            }
        }
        input.truncate(INPUT_BYTES_MAX);
    }
    input
}

fn pick(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    corpus.get(random.below(corpus.len())).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::mutate;

    #[test]
    fn a_round_is_the_same_input_every_time_and_rounds_differ() {
        let corpus = vec![b"transaction 00 \"A\"".to_vec(), b"enum E ( A B )".to_vec()];
        let inputs: Vec<_> = (0..100).map(|round| mutate(&corpus, 7, round)).collect();
        assert_eq!(inputs, (0..100).map(|round| mutate(&corpus, 7, round)).collect::<Vec<_>>());
        let distinct: std::collections::BTreeSet<_> = inputs.iter().collect();
        assert!(distinct.len() > 80, "only {} of 100 differ", distinct.len());
    }
}
