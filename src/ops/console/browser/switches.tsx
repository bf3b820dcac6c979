// The switches of a room, those of the worst minute first. Each asks once, in words that name the effect. Who only looks
// sees what there is to know, and nothing to turn.

import type { RoomReport } from './api.ts';
import { AutopilotSwitch } from './autopilot-switch.tsx';
import { CapSwitch } from './cap-switch.tsx';
import { ConfiguredSwitch } from './configured-switch.tsx';
import { DrawSwitch } from './draw-switch.tsx';
import { GoSwitch } from './go-switch.tsx';
import { MessageSwitch } from './message-switch.tsx';
import { PaceSwitch } from './pace-switch.tsx';
import { PhaseSwitch } from './phase-switch.tsx';
import { ScheduleSwitch } from './schedule-switch.tsx';
import { StockSwitch } from './stock-switch.tsx';
import { TicketSwitch } from './ticket-switch.tsx';

export type OfRoom = { readonly room: RoomReport };
/** For what is worth seeing without being turned. */
export type Seen = OfRoom & { readonly canSteer: boolean };

export function Switches({ room, canSteer }: Seen) {
  if (!canSteer) {
    return (
      <section class="switches" aria-labelledby="switches">
        <h2 id="switches">More of this room</h2>
        <AutopilotSwitch room={room} canSteer={false} />
        <TicketSwitch room={room} canSteer={false} />
        <DrawSwitch room={room} canSteer={false} />
        <ConfiguredSwitch room={room} canSteer={false} />
      </section>
    );
  }
  return (
    <section class="switches" aria-labelledby="switches">
      <h2 id="switches">Switches</h2>
      <GoSwitch room={room} />
      <PaceSwitch room={room} />
      <CapSwitch room={room} />
      <AutopilotSwitch room={room} canSteer />
      <MessageSwitch room={room} />
      <StockSwitch room={room} />
      <TicketSwitch room={room} canSteer />
      <DrawSwitch room={room} canSteer />
      <PhaseSwitch room={room} />
      <ScheduleSwitch room={room} />
      <ConfiguredSwitch room={room} canSteer />
    </section>
  );
}
