// Whether a draw was honest: everything that can be recomputed from the room facts is, and what cannot is said.
// Verifying a drand round goes through the port; reading the facts is draw-proof.ts's.

import { type DrandChain, drandChains, firstRoundAfter, roundDueAtMs, type VerifyRound } from './drand-chain.ts';
import { type DrawFacts, type DrawProof, readDrawFacts } from './draw-proof.ts';
import { type AnnouncedRandomness, announcedFor, type DrawRandomness } from './randomness.ts';
import { commitmentTo, type SeedParts, seedOf } from './seed.ts';

/** The step of a check, in the order they are made: the first that fails is named. */
export type ProofStep = 'reveal' | 'room' | 'start' | 'commitment' | 'drawn' | 'randomness' | 'seed';

export type ProofCheck =
  /** Everything was recomputed; `unproved` lists, in sentences, what no computation shows for this randomness. */
  | { readonly kind: 'honest'; readonly proof: DrawProof; readonly unproved: readonly string[] }
  | { readonly kind: 'false'; readonly step: ProofStep; readonly detail: string }
  | { readonly kind: 'unreadable'; readonly detail: string };

export type ProofNeeds = {
  readonly verifyRound: VerifyRound;
  /** The drand chains whose keys the checker trusts; default the public ones. */
  readonly chains?: readonly DrandChain[];
};

/** The proof to publish once a draw has its randomness. */
export function proofOf(parts: SeedParts): DrawProof {
  const { room, startsAtMs, secret, randomness, drawn } = parts;
  const commitment = commitmentTo(room, secret, announcedFor(randomness));
  const startsAt = new Date(startsAtMs).toISOString();
  return { v: 1, room, startsAt, commitment, secret, randomness, drawn, seed: seedOf(parts) };
}

/** Checks the body of the room facts as fetched and parsed. */
export function checkProof(body: unknown, needs: ProofNeeds): ProofCheck {
  const read = readDrawFacts(body);
  if (read.kind === 'unreadable') return read;
  const { facts } = read;
  const { proof } = facts;
  if (proof === null) return checkUnrevealed(facts);
  const unproved: string[] = [];
  const failed = failedStep(facts, proof) ?? failedRandomness(proof, needs, unproved) ?? failedSeed(proof);
  return failed ?? { kind: 'honest', proof, unproved };
}

type FalseProof = Extract<ProofCheck, { kind: 'false' }>;

function falseAt(step: ProofStep, detail: string): FalseProof {
  return { kind: 'false', step, detail };
}

/** A draw without its reveal proves nothing; before the start there is nothing to reveal yet. */
function checkUnrevealed(facts: DrawFacts): ProofCheck {
  if (facts.drawn === null)
    return { kind: 'unreadable', detail: 'draw.proof is null: the draw has not taken place yet' };
  return falseAt('reveal', `${facts.drawn} numbers were sealed and nothing is revealed: there is no claim to fairness`);
}

function failedStep(facts: DrawFacts, proof: DrawProof): FalseProof | null {
  if (facts.room !== proof.room) return falseAt('room', `the proof is of room "${proof.room}", not "${facts.room}"`);
  if (facts.startsAt !== null && facts.startsAt !== proof.startsAt) {
    return falseAt('start', `the room started at ${facts.startsAt}, the proof says ${proof.startsAt}`);
  }
  if (facts.commitment !== proof.commitment) {
    return falseAt('commitment', `the room published ${facts.commitment}, the proof says ${proof.commitment}`);
  }
  const announced = announcedFor(proof.randomness);
  if (facts.announced !== null && !isSameAnnounced(facts.announced, announced)) {
    return falseAt('randomness', 'the randomness in the proof is not the one that the room announced');
  }
  const commitment = commitmentTo(proof.room, proof.secret, announced);
  if (commitment !== proof.commitment) {
    return falseAt('commitment', `room, secret and announced randomness give ${commitment}, not ${proof.commitment}`);
  }
  if (facts.drawn !== proof.drawn) {
    return falseAt('drawn', `the room sealed ${facts.drawn ?? 'nothing'}, the proof says ${proof.drawn}`);
  }
  return null;
}

function isSameAnnounced(one: AnnouncedRandomness, other: AnnouncedRandomness): boolean {
  if (one.kind === 'drand') return other.kind === 'drand' && one.chain === other.chain;
  if (one.kind === 'figure') return other.kind === 'figure' && one.named === other.named;
  return other.kind === 'none';
}

function failedRandomness(proof: DrawProof, needs: ProofNeeds, unproved: string[]): FalseProof | null {
  const { randomness } = proof;
  switch (randomness.kind) {
    case 'drand':
      return failedRound(proof, randomness, needs, unproved);
    case 'figure':
      unproved.push(
        `That "${randomness.named}" came to "${randomness.value}", and that nobody knew it before the start: ` +
          'look it up at its source.',
      );
      return null;
    case 'none':
      unproved.push(...unprovedWithNone(randomness));
      return null;
  }
}

function unprovedWithNone(randomness: Extract<DrawRandomness, { kind: 'none' }>): readonly string[] {
  const steering =
    'That the operator did not steer the draw: it holds no public randomness, so who knows the secret can try several ' +
    'counts of invented joins before the start. This draw is only as honest as its operator.';
  if (randomness.announced === undefined) return [steering];
  const missing =
    randomness.announced.kind === 'figure'
      ? `the figure "${randomness.announced.named}"`
      : `a round of drand chain ${'chain' in randomness.announced ? randomness.announced.chain : ''}`;
  return [
    `That ${missing}, announced as the randomness, could not be had in time: the room fell back to none.`,
    steering,
  ];
}

function failedRound(
  proof: DrawProof,
  round: Extract<DrawRandomness, { kind: 'drand' }>,
  { verifyRound, chains = drandChains }: ProofNeeds,
  unproved: string[],
): FalseProof | null {
  const chain = chains.find(({ hash }) => hash === round.chain);
  if (chain === undefined) return falseAt('randomness', `drand chain ${round.chain} is not a chain known here`);
  const first = firstRoundAfter(chain, Date.parse(proof.startsAt));
  if (round.round < first) {
    return falseAt(
      'randomness',
      `round ${round.round} came out before the draw was sealed; the first after is ${first}`,
    );
  }
  if (round.round > first) {
    const dueAt = new Date(roundDueAtMs(chain, round.round)).toISOString();
    unproved.push(
      `That the room was sealed so late that round ${round.round} (${dueAt}) had to be taken instead of round ${first}, ` +
        'the first after the start: an operator who may choose among rounds can steer.',
    );
  }
  if (!verifyRound(chain, round)) {
    return falseAt('randomness', `the signature of round ${round.round} is not that of drand chain ${chain.name}`);
  }
  return null;
}

function failedSeed(proof: DrawProof): FalseProof | null {
  const seed = seedOf({ ...proof, startsAtMs: Date.parse(proof.startsAt) });
  return seed === proof.seed ? null : falseAt('seed', `the revealed parts give ${seed}, the proof says ${proof.seed}`);
}
