// Follows what simulated callers commit and holds it against the naive room: every change was decided by some caller, breaks
// no promise, skips no device that is there, and is given up only where nobody who was there knew of it.

import type { RoomChange } from '../../src/queue/room-change.ts';
import type { RoomRules } from '../../src/queue/room-rules.ts';
import type { RoomState } from '../../src/queue/room-state.ts';
import type { PresentPlaces } from '../../src/queue/turn.ts';
import { keysOfRoom } from '../../src/store/redis/keys.ts';
import { Decisions } from './decisions.ts';
import { type DeviceThere, isWell, knowsWhoWent } from './devices-there.ts';
import { drawnPlaces } from './drawn-lists.ts';
import { type GatewayOfMany, keyPrefix } from './gateway-of-many.ts';
import { changesOf, commonLength, isBeginning, KeptHistory } from './kept-history.ts';
import { must, NaiveRoom } from './naive-room.ts';
import type { SimulatedNetwork } from './redis/simulated-network.ts';
import type { Ran, SimulatedRedis } from './redis/simulated-redis.ts';

/** What a caller saw when it decided. */
type Seen = {
  readonly places: ReadonlySet<number>;
  readonly drawn: number;
  readonly atMs: number;
  /** Numbers of devices that the caller must have known of, or must have known to be gone. */
  readonly there: readonly number[];
  readonly gone: readonly number[];
};

/** Who knew how much when the server lost something. */
type Witness = { readonly gateway: GatewayOfMany; readonly version: number };

/** Whoever is connected so soon after a failover has put back what it knows before anybody calls. */
const connectedMsMax = 500;
/** Within that somebody has asked a new server for the lead, and it has seen whom it heard of lately. */
const askedMsMax = 2_000;
/** So soon a line is back that a newcomer began another one over. */
const putBackMsMax = 6_000;

export type CommittedLineNeeds = {
  readonly rules: RoomRules;
  readonly network: SimulatedNetwork;
  readonly nowMs: () => number;
  readonly devices: readonly DeviceThere[];
  readonly gateways: () => readonly GatewayOfMany[];
  readonly leasesEnded: () => number;
  readonly told: (fault: string) => void;
  readonly onFailure: (error: unknown) => void;
};

export class CommittedLine {
  readonly kept: KeptHistory;
  naive: NaiveRoom;
  readonly #needs: CommittedLineNeeds;
  readonly #decisions = new Decisions<Seen>();
  #witnesses: readonly Witness[] = [];
  /** A newcomer that knew nothing began another line: those who know this one put it back over that. */
  #overrun: { readonly origin: string; readonly atMs: number } | null = null;
  #wasOverrun = false;
  #origin = '';
  #takenOrigin = '';
  #isEndMissing = false;
  readonly #committed = new Set<string>();
  /** Of gateways that have not noticed yet that they know what was given up. */
  readonly #stale = new WeakSet<RoomState>();

  constructor(needs: CommittedLineNeeds) {
    this.#needs = needs;
    this.naive = new NaiveRoom(needs.rules);
    this.kept = new KeptHistory(needs.rules.id);
    this.#taken = this.kept.entries;
  }

  /** What the naive room has taken. */
  #taken: KeptHistory['entries'];

  /** Whether the server has all that was ever committed and not given up. */
  get isWhole(): boolean {
    return !this.#isEndMissing;
  }

  /** Whoever commits has the lead, whatever it believes. */
  ran({ server, script, given, reply }: Ran): void {
    if (script.name !== 'commit' || reply !== 1 || server !== this.#needs.network.server) return;
    const { head } = keysOfRoom(keyPrefix, this.#needs.rules.id);
    const [epoch, , , tag, , instance] = given.map(String);
    this.#wasOverrun ||= this.#takenOrigin !== '' && this.kept.originOf(server) > this.#takenOrigin;
    const isAgain = this.#committed.has(tag ?? '');
    this.#committed.add(tag ?? '');
    const holds = server.field(head, 'epoch') === epoch && server.field(head, 'instance') === instance;
    if (!isAgain && !holds)
      this.#needs.onFailure(new Error(`P4 is broken: ${instance} committed and has not the lead`));
  }

  isStale(state: RoomState): boolean {
    return this.#stale.has(state);
  }

  decided(gateway: GatewayOfMany, version: number, changes: readonly RoomChange[], seen: PresentPlaces): void {
    const { rules, network, devices } = this.#needs;
    const nowMs = this.#needs.nowMs();
    // A new caller asks who is there before it calls. // LN151
    const knows = isWell(gateway, nowMs);
    const instant = { nowMs, graceTimeMs: rules.graceTimeMs, network, leasesEnded: this.#needs.leasesEnded() };
    this.#decisions.note(version, changes, {
      places: new Set(seen.places.places()),
      drawn: seen.drawn,
      atMs: nowMs,
      there: numbersOf(devices.filter(each => knows && each.isSurelyThere(instant))),
      gone: numbersOf(devices.filter(each => knows && knowsWhoWent(gateway, instant) && each.isSurelyGone(instant))),
    });
  }

  /** The server is about to lose something; its replica takes over, or all is gone. */
  losing(gateways: readonly GatewayOfMany[], survivor: SimulatedRedis | null): void {
    this.follow();
    const nowMs = this.#needs.nowMs();
    // Whom a server that takes over has not heard of lately nobody waits for; where all is gone for everybody. // ST194
    const { presenceUntil } = keysOfRoom(keyPrefix, this.#needs.rules.id);
    const isAwaited = ({ name }: GatewayOfMany) =>
      survivor === null || (survivor.score(presenceUntil, name) ?? 0) > nowMs + askedMsMax;
    const awake = gateways.filter(each => isWell(each, nowMs) && isAwaited(each));
    this.#overrun = null;
    this.#wasOverrun = false;
    this.#witnesses = awake.map(gateway => ({ gateway, version: gateway.view.state.version }));
  }

  follow(): void {
    const entries = this.kept.look(this.#needs.network.server);
    this.#lookForNewcomer();
    if (isBeginning(entries, this.#taken)) {
      if (entries.length < this.#taken.length) {
        if (!this.#isEndMissing) this.#needs.told('the end of the history lost');
        this.#isEndMissing = true;
      } else this.#found();
      return;
    }
    if (isBeginning(this.#taken, entries)) this.#found();
    else this.#giveUp(commonLength(this.#taken, entries));
    const changes = changesOf(entries.slice(this.#taken.length));
    for (let index = 0; index < changes.length; ) index += this.#take(changes.slice(index));
    this.#taken = entries;
    this.#takenOrigin = this.#origin;
  }

  #lookForNewcomer(): void {
    const origin = this.kept.originOf(this.#needs.network.server);
    const nowMs = this.#needs.nowMs();
    if (this.#overrun === null && this.#origin !== '' && origin > this.#origin)
      this.#overrun = { origin: this.#origin, atMs: nowMs };
    if (origin !== '') this.#origin = origin;
    if (this.#overrun === null || nowMs < this.#overrun.atMs + putBackMsMax) return;
    const knows = this.#witnesses.some(({ gateway, version }) => version > 0 && isWell(gateway, nowMs));
    must(!knows || origin === this.#overrun.origin, 'P1', 'a line that a newcomer began stands over the one of before');
    this.#overrun = null;
  }

  placeOf(number: number): number {
    return number < this.naive.drawn ? (drawnPlaces(this.naive.drawn)[number] ?? number) : number;
  }

  #found(): void {
    if (this.#isEndMissing) this.#needs.told('the end of the history put back');
    this.#isEndMissing = false;
  }

  /** Others went on after so many changes: whoever knew more was not there in time. */
  #giveUp(common: number): void {
    const { network } = this.#needs;
    // Of two lines the one that was begun first goes on, whoever knew the other; who puts it back first may know less.
    const isOther = this.#wasOverrun || this.#origin !== this.#takenOrigin;
    const lost = this.#taken.length - common;
    for (const { gateway, version } of this.#witnesses) {
      if (isOther || version <= common || !gateway.isAlive || gateway.mutedSinceMs !== null) continue;
      const { connectedAtMs, faultAtMs } = gateway.link;
      const wasThere = Math.max(gateway.wellSinceMs, faultAtMs) <= Math.max(connectedAtMs, network.heardUntilMs);
      const isBackInTime = connectedAtMs <= network.lossAtMs + connectedMsMax;
      must(
        !wasThere || !isBackInTime,
        'P1',
        `${lost} changes were given up, and ${version - common} known to one in time`,
      );
    }
    for (const { view } of this.#needs.gateways()) if (view.state.version > common) this.#stale.add(view.state);
    this.#isEndMissing = false;
    this.naive = new NaiveRoom(this.#needs.rules);
    const changes = changesOf(this.#taken.slice(0, common));
    for (let index = 0; index < changes.length; ) index += this.#take(changes.slice(index), false);
    this.#taken = this.#taken.slice(0, common);
  }

  /** Takes what was decided together. Returns how many changes these are. */
  #take(changes: readonly RoomChange[], isNew = true): number {
    const { naive } = this;
    const decided = this.#decisions.first(naive.version, changes);
    const { seen } = decided;
    for (const change of decided.changes) {
      const isSeen = seen.drawn === naive.drawn;
      if (change.kind === 'called' && isSeen && isNew) this.#mustSkipNobody(change.places, seen);
      naive.take(change, isSeen ? seen.places : new Set(), seen.atMs);
    }
    return decided.changes.length;
  }

  #mustSkipNobody(called: readonly number[], { places, there, gone }: Seen): void {
    const { naive } = this;
    const highest = Math.max(...called);
    for (const place of there.map(number => this.placeOf(number))) {
      if (place > highest || naive.called.has(place) || naive.missed.has(place)) continue;
      must(places.has(place), 'P3', `${called} were called past ${place}, which is there`);
    }
    for (const place of gone.map(number => this.placeOf(number))) {
      must(!called.includes(place), 'P3', `${place} was called and is long gone`);
    }
  }
}

function numbersOf(devices: readonly DeviceThere[]): number[] {
  return devices.map(({ number }) => number);
}
