// Commitment and seed of a draw: SHA-256 of fields that can be read in one way only. DRAW.md says the same byte by byte.
//
//   field(bytes) = length of bytes as 4 bytes big endian, then the bytes
//   text = UTF-8, hex = its bytes, integer = 8 bytes big endian
//   announced  = field("none") | field("drand") field(chain) | field("figure") field(named)
//   outcome    = field("none") | field("drand") field(round) field(SHA-256(signature)) | field("figure") field(value)
//   commitment = SHA-256(field("junban/draw/commitment/v1") field(room) field(secret) announced)
//   seed       = SHA-256(field("junban/draw/seed/v1") field(room) field(startsAt) field(secret) announced outcome field(drawn))

import { hash } from 'node:crypto';
import { bytesOfHex } from './hex.ts';
import { type AnnouncedRandomness, announcedFor, type DrawRandomness, randomnessOfRound } from './randomness.ts';

const commitmentTag = 'junban/draw/commitment/v1';
const seedTag = 'junban/draw/seed/v1';

/** A secret is so many bytes from a good source, as hex. */
export const secretBytes = 32;

/** What a seed is made from. `startsAtMs` is the start the room announced, not the moment it was sealed. */
export type SeedParts = {
  readonly room: string;
  readonly startsAtMs: number;
  readonly secret: string;
  readonly randomness: DrawRandomness;
  readonly drawn: number;
};

/** The hex hash to publish before the lobby opens. It binds room, secret and announced randomness, and hides the secret. */
export function commitmentTo(room: string, secret: string, announced: AnnouncedRandomness): string {
  return sha256([text(commitmentTag), text(room), bytesOfHex(secret), ...announcedFields(announced)]);
}

/** The seed of the draw in hex. */
export function seedOf(parts: SeedParts): string {
  return sha256([
    text(seedTag),
    text(parts.room),
    text(new Date(parts.startsAtMs).toISOString()),
    bytesOfHex(parts.secret),
    ...announcedFields(announcedFor(parts.randomness)),
    ...outcomeFields(parts.randomness),
    integer(parts.drawn),
  ]);
}

function announcedFields(announced: AnnouncedRandomness): readonly Uint8Array[] {
  switch (announced.kind) {
    case 'drand':
      return [text('drand'), bytesOfHex(announced.chain)];
    case 'figure':
      return [text('figure'), text(announced.named)];
    case 'none':
      return [text('none')];
  }
}

function outcomeFields(randomness: DrawRandomness): readonly Uint8Array[] {
  switch (randomness.kind) {
    case 'drand':
      return [text('drand'), integer(randomness.round), randomnessOfRound(randomness.signature)];
    case 'figure':
      return [text('figure'), text(randomness.value)];
    case 'none':
      return [text('none')];
  }
}

function sha256(fields: readonly Uint8Array[]): string {
  const parts = fields.flatMap(bytes => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return hash('sha256', Buffer.concat(parts));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function integer(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
