// SHA-256 of a few bytes, at once. The browser's own is missing on pages without TLS, and a check that anybody can read
// is worth more here than speed.

const wordsOf = (count: number, root: number): Uint32Array => {
  const words = new Uint32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate += 1) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= candidate; factor += 1) if (candidate % factor === 0) isPrime = false;
    if (!isPrime) continue;
    words[found] = (candidate ** (1 / root) % 1) * 2 ** 32;
    found += 1;
  }
  return words;
};

/** The fractions of the square roots of the first 8 primes, and of the cube roots of the first 64. */
const start = wordsOf(8, 2);
const constants = wordsOf(64, 3);

const turned = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

const addBlock = (state: Uint32Array, block: DataView): void => {
  const schedule = new Uint32Array(64);
  for (let index = 0; index < 64; index += 1) {
    const at = (back: number): number => schedule[index - back] ?? 0;
    const late = turned(at(2), 17) ^ turned(at(2), 19) ^ (at(2) >>> 10);
    const early = turned(at(15), 7) ^ turned(at(15), 18) ^ (at(15) >>> 3);
    schedule[index] = index < 16 ? block.getUint32(index * 4) : late + at(7) + early + at(16);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let index = 0; index < 64; index += 1) {
    const mixed = (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g));
    const first = (h + mixed + (constants[index] ?? 0) + (schedule[index] ?? 0)) | 0;
    const second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = (state[index] ?? 0) + word;
  });
};

export const sha256 = (bytes: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  new DataView(padded.buffer).setUint32(padded.length - 4, bytes.length * 8);
  const state = start.slice();
  for (let at = 0; at < padded.length; at += 64) addBlock(state, new DataView(padded.buffer, at, 64));
  const digest = new Uint8Array(32);
  state.forEach((word, index) => {
    new DataView(digest.buffer).setUint32(index * 4, word);
  });
  return digest;
};
