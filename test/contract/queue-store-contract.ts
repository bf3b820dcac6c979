// What every store must do, as one suite: an adapter passes it through a rig that opens, reopens and crashes it. What
// only one kind of store can suffer (a full disk, a failover) is left to test/integration/store.

import { afterEach, describe } from 'vitest';
import { callerContract } from './caller-contract.ts';
import { followingContract } from './following-contract.ts';
import { historyContract } from './history-contract.ts';
import { numbersContract } from './numbers-contract.ts';
import type { OpenRig, StoreRig } from './store-rig.ts';

export type ContractOptions = {
  readonly newRig: () => Promise<StoreRig>;
};

export function queueStoreContract(name: string, { newRig }: ContractOptions): void {
  const rigs: StoreRig[] = [];
  const openRig: OpenRig = async () => {
    const rig = await newRig();
    rigs.push(rig);
    return { rig, store: await rig.open() };
  };
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.end();
  });

  describe(`${name}: numbers`, () => numbersContract(openRig));
  describe(`${name}: history`, () => historyContract(openRig));
  describe(`${name}: following`, () => followingContract(openRig));
  describe(`${name}: caller and keys`, () => callerContract(openRig));
}
