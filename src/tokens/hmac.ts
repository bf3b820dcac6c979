// HMAC with SHA-256 (RFC 2104) out of two one-shot hashes. The Hmac object of node:crypto costs half as much again, and
// the garbage collector has to take each one apart; at the rate of the rush that is felt.
import { hash } from 'node:crypto';

const blockBytes = 64;
const digestBytes = 32;

export class HmacSha256 {
  /** The padded key with room for the text behind it. */
  readonly #inner: Buffer;
  /** The padded key with room for the inner digest behind it. */
  readonly #outer = Buffer.alloc(blockBytes + digestBytes, 0x5c);
  readonly #textBytesMax: number;

  /** The secret has 64 bytes at most. */
  constructor(secret: Uint8Array, textBytesMax: number) {
    if (secret.length > blockBytes) throw new RangeError('a longer secret would have to be hashed first');
    this.#textBytesMax = textBytesMax;
    this.#inner = Buffer.alloc(blockBytes + textBytesMax);
    this.#inner.fill(0x36, 0, blockBytes);
    for (const [index, byte] of secret.entries()) {
      this.#inner[index] = 0x36 ^ byte;
      this.#outer[index] = 0x5c ^ byte;
    }
  }

  /** The signature of an ASCII text of at most `textBytesMax` characters, in base64url. */
  sign(text: string): string {
    if (text.length > this.#textBytesMax) throw new RangeError(`${text.length} characters are too many to sign`);
    const end = blockBytes + this.#inner.write(text, blockBytes, 'latin1');
    this.#outer.write(hash('sha256', this.#inner.subarray(0, end), 'binary'), blockBytes, 'latin1');
    return hash('sha256', this.#outer, 'base64url');
  }
}
