// Looking a ticket up by its code: what the API answers and refuses, and what a real gateway says of tickets in each state.
import { afterEach, expect, test } from 'vitest';
import { ticketCode } from '../../../src/page/ticket-code.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { Device } from '../../support/device.ts';
import { GatewayProcess } from '../../support/gateway-process.ts';
import { openStand, type Stand } from './ops-stand.ts';

let stand: Stand | null = null;
let gateway: GatewayProcess | null = null;
afterEach(async () => {
  await stand?.close();
  await gateway?.remove();
  stand = gateway = null;
});

const path = (code: string) => `/api/v1/rooms/sale/tickets/${code}`;

test('[PG140] a code that was misread, and a number that was never handed out, are told apart', async () => {
  stand = await openStand();
  const code = ticketCode(6);
  for (const read of [code, code.toLowerCase(), `6-${code.slice(-1)}`]) {
    expect((await stand.call('GET', path(read))).json()).toMatchObject({
      room: 'sale',
      number: 6,
      code,
      isDrawn: false,
    });
  }
  expect((await stand.call('GET', path(ticketCode(4)))).json()).toMatchObject({ isDrawn: true, ahead: 4 });
  for (const wrong of ['6', '6Z', `16${code.slice(-1)}`, '%20', 'x', '']) {
    const refused = await stand.call('GET', path(wrong));
    expect([wrong, refused.status, refused.json()['code']]).toEqual([wrong, 400, 'invalid-value']);
  }
  expect((await stand.call('GET', path(ticketCode(7)))).json()).toMatchObject({ status: 404, code: 'ticket-unknown' });
  const elsewhere = await stand.call('GET', `/api/v1/rooms/other/tickets/${code}`);
  expect(elsewhere.json()).toMatchObject({ status: 404, code: 'room-unknown' });
  Object.assign(stand.room, { ticket: () => Promise.reject(new StoreError('unavailable', 'gone')) });
  expect((await stand.call('GET', path(code))).status).toBe(503);
});

test('[PG140] a ticket is found in every state by the code on its page, and let in by it', async () => {
  const room = { id: 'sale', shop: 'http://127.0.0.1:1', pacePerMinute: 6_000, activeCap: 1, graceTime: '60s' };
  const startsAt = new Date(Date.now() + 3_600_000).toISOString();
  gateway = await GatewayProcess.start({ rooms: [{ ...room, opensAt: '2020-01-01T00:00:00Z', startsAt }] });
  const { url, operate } = { url: gateway.url, operate: gateway.operate.bind(gateway) };
  const [one, absent] = [await Device.joined(url, 'sale'), await Device.joined(url, 'sale')];
  const look = (device: Device) => operate('GET', `sale/tickets/${ticketCode(device.number)}`);
  await one.status();
  expect(await look(one)).toMatchObject({ state: 'lobby', isDrawn: null, place: null, present: true });
  expect(await look(absent)).toMatchObject({ state: 'lobby', present: false });

  await operate('PUT', 'sale/phase', { phase: 'open' });
  await one.untilCalled();
  const { place, claimBy } = await one.status();
  expect(await look(one)).toMatchObject({ state: 'called', isDrawn: true, place, claimBy, passEndsAt: null });
  expect(await look(absent)).toMatchObject({ state: 'waiting', isDrawn: true, present: false });
  expect((await one.enter()).status).toBe(201);
  const inside = await look(one);
  expect(inside).toMatchObject({ state: 'admitted', ahead: 0, claimBy: null });
  expect(Date.parse(String(inside['passEndsAt']))).toBeGreaterThan(Date.now());

  await operate('POST', 'sale/revoke', { tickets: [ticketCode(one.number)] });
  expect(await look(one)).toMatchObject({ state: 'left', passEndsAt: null });
  await operate('POST', 'sale/let-in', { tickets: [ticketCode(absent.number)] });
  expect(await look(absent)).toMatchObject({ state: 'called' });
  await expect(operate('POST', 'sale/let-in', { tickets: [`1${ticketCode(0)}`] })).rejects.toThrow(/400/);
});
