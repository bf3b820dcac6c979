// Who counts as one when wrong credentials are counted.
import { expect, test } from 'vitest';
import { FailureLimit, neighbourhoodOf } from '../../../src/ops/failure-limit.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('[OP70] %s counts as %s', (address, counted) => {
  expect(neighbourhoodOf(address)).toBe(counted);
});

test('[OP70] the addresses beside an IPv6 address have no guesses of their own', () => {
  const limit = new FailureLimit(() => 0, 10);
  for (let guess = 0; guess < 10; guess += 1) limit.failed(`2001:db8::${guess}`);
  expect([limit.waitMs('2001:db8::ffff', 'a'), limit.waitMs('2001:db8:0:1::1', 'a')]).toEqual([60_000, 0]);
});

test('[OP205] every wrong credential is counted, and an address that has to wait is told once a minute', () => {
  let [nowMs, waits] = [0, 0];
  const onWait = () => {
    waits += 1;
  };
  const limit = new FailureLimit(() => nowMs, 10, onWait);
  for (let guess = 0; guess < 25; guess += 1) limit.failed('192.0.2.7');
  for (let guess = 0; guess < 9; guess += 1) limit.failed('192.0.2.8');
  expect([limit.total, waits]).toEqual([34, 1]);
  nowMs = 60_000;
  for (let guess = 0; guess < 10; guess += 1) limit.failed('192.0.2.7');
  expect([limit.total, waits]).toEqual([44, 2]);
});
