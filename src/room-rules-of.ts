// The settings of a room as its pieces take them.

import type { RoomSettings, ErrorSignature as SettingsSignature } from './config/settings.ts';
import type { ErrorSignature as ShopSignature } from './proxy/signature-scan.ts';
import type { RoomRules } from './queue/room-rules.ts';

export function rulesOf(settings: RoomSettings): RoomRules {
  const { id, opensAtMs, startsAtMs, endsAtMs, pacePerMinute, activeCap, claimWindowMs, graceTimeMs, pass } = settings;
  return {
    id,
    opensAtMs,
    startsAtMs,
    endsAtMs,
    pacePerMinute,
    activeCap,
    claimWindowMs,
    claimExtensions: settings.claimExtensions,
    graceTimeMs,
    passIdleMs: pass.idleMs,
    passMaxMs: pass.maxMs,
    checkoutExtraMs: pass.checkoutExtraMs,
    comebackMs: pass.comebackMs,
    autopilot: settings.autopilot,
    ticketLifetimeMs: settings.ticketLifetimeMs,
  };
}

export function signatureOf({ status, header, body }: SettingsSignature): ShopSignature {
  return {
    status: status ?? undefined,
    header: header === null ? undefined : { name: header.name, value: header.value ?? undefined },
    body: body ?? undefined,
  };
}
