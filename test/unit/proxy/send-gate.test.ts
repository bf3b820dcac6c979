// When a sender to the shop has to stop, and that it is told when it may go on.

import { expect, test } from 'vitest';
import { openSendGate } from '../../../src/proxy/send-gate.ts';

/** A gate over a buffer that the test fills and empties. */
function openedGate() {
  let heldBytes = 0;
  let drains = 0;
  const gate = openSendGate(
    100,
    () => heldBytes,
    () => {
      drains += 1;
    },
  );
  return {
    send(bytes: number) {
      heldBytes += bytes;
      return gate.afterSend();
    },
    write(bytes: number) {
      heldBytes -= bytes;
      gate.afterWrite();
    },
    drains: () => drains,
  };
}

test('[PX60] stop comes above the bound, go on at half of it, once', () => {
  const { send, write, drains } = openedGate();
  expect([send(100), send(1)]).toEqual([true, false]);
  write(50);
  expect(drains()).toBe(0);
  write(1);
  expect(drains()).toBe(1);
  write(50);
  expect(drains()).toBe(1);
  expect(send(10)).toBe(true);
});

// Below the bound and above its half a later message cleared the mark: `drained` never came, the gateway counted on for
// ever and closed the fan with 1013 after 4 MB that the shop had read.
test('[PX60] a message sent between half and the whole bound takes back neither the stop nor the going on', () => {
  const { send, write, drains } = openedGate();
  expect(send(120)).toBe(false);
  write(60);
  expect(send(20)).toBe(false);
  write(40);
  expect(drains()).toBe(1);
  expect(send(1)).toBe(true);
});
