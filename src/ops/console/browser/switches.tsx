// The switches of a room, those of the worst minute first. Each asks once, in words that name the effect.

import type { RoomReport } from './api.ts';
import { AutopilotSwitch } from './autopilot-switch.tsx';
import { CapSwitch } from './cap-switch.tsx';
import { DrawSwitch } from './draw-switch.tsx';
import { FileSwitch } from './file-switch.tsx';
import { GoSwitch } from './go-switch.tsx';
import { MessageSwitch } from './message-switch.tsx';
import { PaceSwitch } from './pace-switch.tsx';
import { PhaseSwitch } from './phase-switch.tsx';
import { ScheduleSwitch } from './schedule-switch.tsx';
import { StockSwitch } from './stock-switch.tsx';
import { TicketSwitch } from './ticket-switch.tsx';

export type OfRoom = { readonly room: RoomReport };

export function Switches({ room }: OfRoom) {
  return (
    <section class="switches" aria-labelledby="switches">
      <h2 id="switches">Switches</h2>
      <GoSwitch room={room} />
      <PaceSwitch room={room} />
      <CapSwitch room={room} />
      <AutopilotSwitch room={room} />
      <MessageSwitch room={room} />
      <StockSwitch room={room} />
      <TicketSwitch room={room} />
      <DrawSwitch room={room} />
      <PhaseSwitch room={room} />
      <ScheduleSwitch room={room} />
      <FileSwitch room={room} />
    </section>
  );
}
